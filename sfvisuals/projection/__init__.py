"""Maps of the latents: PCA at once, UMAP in a background process, and how far to trust each point."""

from sfvisuals.projection.pca import pca_projection
from sfvisuals.projection.record import Projection, ProjectionKind, UmapSettings

__all__ = ["Projection", "ProjectionKind", "UmapSettings", "pca_projection"]
