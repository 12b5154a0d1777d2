"""What a model may return."""

from __future__ import annotations

import pytest
import torch

from sfvisuals.capture.recorder import outputs_of
from sfvisuals.errors import CaptureError

LOGITS, CONFIDENCE = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[0.25], [0.75]])


def test_logits_and_confidence_of_a_mapping_are_both_taken() -> None:
    given = {"features": torch.zeros(2, 9), "confidence": CONFIDENCE, "logits": LOGITS}
    logits, confidence = outputs_of(given, batch=2)
    assert logits is LOGITS
    assert confidence is not None
    assert confidence.tolist() == [0.25, 0.75]


def test_a_mapping_without_a_confidence_claims_none() -> None:
    assert outputs_of({"logits": LOGITS, "confidence": None, "loss": 3}, batch=2)[1] is None
    assert outputs_of({"logits": LOGITS}, batch=2)[1] is None


def test_a_confidence_of_a_mapping_that_is_not_one_per_sample_is_refused() -> None:
    with pytest.raises(CaptureError, match="something else than logits") as caught:
        outputs_of({"logits": LOGITS, "confidence": torch.zeros(3)}, batch=2)
    assert "(3,)" in caught.value.detail
