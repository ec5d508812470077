"""Networks whose answers are known, photos of discs, and read-outs to damage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from core.images.io import Limits, encode_mask
from core.model.card import ModelCard
from core.model.data import Example
from core.model.portrait import Calibration, PortraitNet, Stages
from core.model.raw_map import Map, RawMap, normalised

Pixels = NDArray[np.uint8]
LIMITS = Limits(max_megapixels=200, max_file_megabytes=100)
CARD = ModelCard("pawtrait", "portrait", "efficientnet-lite0", "A test", "discs", "none", "pytest", 1, 24)


class Brightness(nn.Module):
    """A stage whose logits are a known function of the photo: its brightness, half the size, -5 (black) to 5."""

    def forward(self, photos: torch.Tensor) -> torch.Tensor:
        return (nn.functional.avg_pool2d(photos.mean(1, keepdim=True), 2) - 127.5) / 25.5


def bright_net(views: int = 2) -> PortraitNet:
    """A network of two such stages."""
    return PortraitNet(Stages(Brightness(), Brightness()), Calibration(), views=views)  # type: ignore[arg-type]


def discs(
    height: int, width: int, *places: tuple[float, float, float], background: int = 20, foreground: int = 235
) -> tuple[Pixels, Pixels]:
    """A grey photo with bright discs (x, y, radius), and their mask."""
    y, x = np.mgrid[:height, :width]
    inside = np.zeros((height, width), bool)
    for cx, cy, radius in places:
        inside |= np.hypot(x - cx, y - cy) <= radius
    photo = np.where(inside, np.uint8(foreground), np.uint8(background))
    return np.repeat(photo[..., None], 3, 2), np.where(inside, np.uint8(255), np.uint8(0))


def blob(shape: tuple[int, int], *places: tuple[float, float, float, float]) -> Map:
    """A map of soft blobs (x, y, radius, height)."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    score = np.zeros(shape)
    for cx, cy, radius, height in places:
        score = np.maximum(score, height / (1 + np.exp((np.hypot(x - cx, y - cy) - radius) / 1.5)))
    return score.astype(np.float32)


class FixedNetwork:
    """A network that says the same of every photo."""

    def __init__(self, score: Map) -> None:
        self.score = score

    def maps(self, photos: Sequence[Pixels]) -> list[RawMap]:
        return [RawMap(self.score, normalised(np.log(self.score + np.float32(1e-6)))) for _ in photos]


def disc_examples(folder: Path, count: int) -> list[Example]:
    """Write photos of discs and their masks; the background has texture, the disc is orange."""
    (folder / "masks").mkdir(parents=True, exist_ok=True)
    made = []
    for number in range(count):
        rng = np.random.default_rng(number)
        height, width = (int(n) for n in rng.integers(70, 110, 2))
        place = float(rng.uniform(30, width - 30)), float(rng.uniform(30, height - 30)), float(rng.uniform(14, 26))
        _, mask = discs(height, width, place)
        photo = rng.integers(0, 90, (height, width, 3)) + np.array([0, 40, 90])
        photo[mask > 0] = rng.integers(0, 50, (int((mask > 0).sum()), 3)) + np.array([200, 120, 10])
        files = folder / f"p{number:03}.png", folder / "masks" / f"p{number:03}.png"
        cv2.imwrite(str(files[0]), photo[..., ::-1].astype(np.uint8))
        files[1].write_bytes(encode_mask(mask))
        made.append(Example(f"p{number:03}", *files))
    return made


@pytest.fixture
def examples(tmp_path: Path) -> Callable[[int], list[Example]]:
    """Make that many photos of discs with their masks on disk."""
    return lambda count: disc_examples(tmp_path, count)
