"""A model made of nothing: its map is the photo's brightness, so that a test can paint what it says."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from core.jobs.work import predictor
from core.model import checkpoint, predict, registry
from core.model.card import ModelCard
from core.model.predict import Predicted
from core.model.raw_map import RawMap, normalised


def card(
    name: str = "pawtrait",
    seed: int = 0,
    trunk: str = "efficientnet-lite0",
    architecture: str = "portrait",
    seen: Sequence[str] = (),
) -> ModelCard:
    about = "A test's", "painted photos", "none", "by hand"
    return ModelCard(name, architecture, trunk, *about, seed, 20, {"seen": list(seen)})


def write_model(path: Path, name: str = "pawtrait", seed: int = 0, **more: Any) -> Path:
    """Write a file with a card and no tensors; another seed is another version."""
    header = json.dumps({"__metadata__": {"card": card(name, seed, **more).to_json()}}).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(struct.pack("<Q", len(header)) + header)
    return path


def paint(path: Path, size: tuple[int, int] = (60, 40), heads: int = 1, seed: int = 0) -> Path:
    """Write a dark photo with bright, blurred heads; the first is the largest, the seed moves it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    grey = np.zeros((size[1], size[0]), np.float32)
    for head in range(heads):
        x = round(size[0] * (0.3 + 0.45 * head)) + seed % 5
        cv2.circle(grey, (x, size[1] // 2), round(size[1] * (0.3 - 0.08 * head)), 1.0, -1)
    grey = np.asarray(cv2.GaussianBlur(grey, (0, 0), size[1] / 20))
    Image.fromarray(np.repeat((grey * 255).astype(np.uint8)[:, :, None], 3, 2)).save(path)
    return path


@dataclass
class Painted:
    """The model; ``expected_iou`` and the threshold are always the same."""

    card: ModelCard
    version: str
    device: str = "cpu"
    threshold: float = 0.5

    def predict(self, photo: NDArray[np.uint8], portrait: int = 0) -> Predicted:
        score = (photo.mean(2) / 255).astype(np.float32)
        count, labels, stats, _ = cv2.connectedComponentsWithStats((score >= self.threshold).astype(np.uint8))
        order = sorted(range(1, count), key=lambda n: -stats[n, cv2.CC_STAT_AREA])
        boxes: list[tuple[int, int, int, int]] = []
        for number in order:
            x, y, w, h = (int(v) for v in stats[number, :4])
            boxes.append((x, y, x + w, y + h))
        chosen = min(portrait, max(len(order) - 1, 0))
        if len(order) > 1:
            score = np.where(np.isin(labels, [0, order[chosen]]), score, np.float32(0))
        return Predicted(
            raw=RawMap(score, normalised(np.log(score + np.float32(1e-6)))),
            portraits=tuple(boxes),
            threshold=self.threshold,
            interval=(0.4, 0.6),
            expected_iou=0.9 if boxes else 0.0,
            found=0.99 if boxes else 0.02,
            reason="One portrait found." if boxes else "Nothing found.",
            seconds=0.01,
            probability=score,
        )

    def predict_all(self, photos: Sequence[NDArray[np.uint8]], portraits: Sequence[int]) -> list[Predicted]:
        return [self.predict(*one) for one in zip(photos, portraits, strict=True)]

    def raw_all(self, photos: Sequence[NDArray[np.uint8]]) -> list[RawMap]:
        return [self.predict(photo).raw for photo in photos]


class Loader:
    """Stands for ``core.model.predict.load_model`` and counts its calls; the file is read as ever."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.make: Any = Painted

    def __call__(self, name_or_path: str, **how: Any) -> Any:
        path = Path(name_or_path)
        self.calls.append({"path": path, **how})
        return self.make(checkpoint.read_card(path), checkpoint.version_of(path), how["device"])


def stand_in(monkeypatch: pytest.MonkeyPatch, shipped: Path) -> Loader:
    """Let the model that ships, "pawtrait", be a painted one, in a folder of the test's."""
    standing = Loader()
    write_model(shipped / "pawtrait.safetensors")
    monkeypatch.setattr(registry, "shipped", lambda: shipped)
    monkeypatch.setattr(predict, "load_model", standing)
    monkeypatch.setattr(predictor, "_models", {})
    return standing
