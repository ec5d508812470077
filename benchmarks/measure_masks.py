"""What a model's own map is worth without the refinement at full size: cut at one threshold, compared with masks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import cv2
import numpy as np

from core.images.io import decode_mask
from core.model import evaluate
from core.model.data import Example
from core.model.raw_map import Map, RawMap


def answers_of(maps: Iterable[RawMap], examples: Sequence[Example], threshold: float) -> list[evaluate.Answer]:
    """Return a model's answers from its maps of the photos, all cut at one threshold on the score's scale."""
    answers = []
    for raw, example in zip(maps, examples, strict=True):
        truth = decode_mask(example.mask.read_bytes())
        probability = _at_size(raw.score, truth.shape)
        mask = np.where(probability >= threshold, np.uint8(255), np.uint8(0))
        answers.append(evaluate.Answer(example.key, mask, probability, raw, truth))
    return answers


def _at_size(score_map: Map, shape: tuple[int, int]) -> Map:
    """Return a map at a photo's size (height, width)."""
    return np.asarray(cv2.resize(score_map, shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32).reshape(shape)
