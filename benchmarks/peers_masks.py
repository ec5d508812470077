"""What a studio could use instead of a model of its own, to be measured beside ours in the same run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Case:
    """A photo, its portrait's mask (0 or 255) and the annotated head box (left, top, right, bottom)."""

    name: str
    photo: Pixels
    mask: Pixels
    box: Box


class MeanShape:
    """The mean of all training masks, cut where it overlaps them best: what is known before one looks."""

    name = "mean-shape prior"

    def __init__(self, masks: Sequence[Pixels]) -> None:
        """Average the masks on a 64 x 64 grid over the photo."""
        small = [cv2.resize(mask, (64, 64), interpolation=cv2.INTER_AREA) / 255.0 for mask in masks]
        self._mean = np.mean(small, axis=0).astype(np.float32)
        truth = np.array(small) >= 0.5
        self._cut = max(np.linspace(0.05, 0.9, 35), key=lambda t: _overlap(self._mean >= t, truth))

    def mask(self, case: Case) -> Pixels:
        """Return the mask of a photo."""
        size = case.photo.shape[1], case.photo.shape[0]
        return _cut(cv2.resize(self._mean, size, interpolation=cv2.INTER_LINEAR) >= self._cut)


def _overlap(cut: NDArray[np.bool_], truth: NDArray[np.bool_]) -> float:
    both, either = (truth & cut).sum((1, 2)), (truth | cut).sum((1, 2))
    return float(np.mean(both / np.maximum(either, 1)))


class GrabCutInBox:
    """OpenCV's GrabCut, told the true head box: what a person gets who draws one box by hand."""

    name = "GrabCut in the true head box"

    def mask(self, case: Case) -> Pixels:
        """Return the mask of a photo."""
        left, top, right, bottom = case.box
        labels = np.zeros(case.photo.shape[:2], np.uint8)
        models = np.zeros((1, 65)), np.zeros((1, 65))
        cv2.setRNGSeed(1)
        area = (left, top, right - left, bottom - top)
        cv2.grabCut(np.ascontiguousarray(case.photo[..., ::-1]), labels, area, *models, 5, cv2.GC_INIT_WITH_RECT)
        return _cut((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD))


class EllipseInBox:
    """An ellipse in the true head box: what a head is if nobody looks at its edge."""

    name = "ellipse in the true head box"

    def mask(self, case: Case) -> Pixels:
        """Return the mask of a photo."""
        left, top, right, bottom = case.box
        mask = np.zeros(case.photo.shape[:2], np.uint8)
        centre, axes = ((left + right) // 2, (top + bottom) // 2), ((right - left) // 2, (bottom - top) // 2)
        cv2.ellipse(mask, centre, axes, 0, 0, 360, 255, -1)
        return mask


class U2Net:
    """U2-Net's salient object (Qin et al. 2020), from an ONNX file that the user has."""

    name = "U2-Net, whole animal"

    def __init__(self, file: Path) -> None:
        """Read the network."""
        self._net = cv2.dnn.readNetFromONNX(str(file))

    def mask(self, case: Case) -> Pixels:
        """Return the mask of a photo."""
        x = cv2.resize(case.photo, (320, 320), interpolation=cv2.INTER_AREA).astype(np.float32)
        x = (x / max(float(x.max()), 1.0) - (0.485, 0.456, 0.406)) / (0.229, 0.224, 0.225)
        self._net.setInput(x.transpose(2, 0, 1)[None].astype(np.float32))
        found = self._net.forward()[0, 0]
        found = (found - found.min()) / max(float(found.max() - found.min()), 1e-6)
        return _cut(cv2.resize(found, (case.photo.shape[1], case.photo.shape[0])) >= 0.5)


def _cut(mask: NDArray[np.bool_]) -> Pixels:
    return np.where(mask, np.uint8(255), np.uint8(0))
