"""Synthetic dermoscopy: made-up images of skin lesions whose truth, and whose causes of failure, are known.

`plan` says what there is, one row per image; `draw` makes the pixels of any of its rows.
"""

from sfvisuals.demo.dermoscopy.draw import SIZE, draw
from sfvisuals.demo.dermoscopy.plan import CAUSES, CLASSES, STUDIES, plan

__all__ = ["CAUSES", "CLASSES", "SIZE", "STUDIES", "draw", "plan"]
