"""Our model: a coarse look at the whole photo, then a finer one at each head that it found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from core.model import checkpoint, parts
from core.model.card import ModelCard, ModelProblem
from core.model.decoder import Decoder
from core.model.precision import autocast
from core.model.raw_map import Map, RawMap, normalised
from core.model.trunks import build_trunk
from core.model.trunks.base import Trunk

Pixels = NDArray[np.uint8]
ARCHITECTURE = "portrait"
Square = tuple[float, float, float]
"""Centre x, y and side in photo pixels, edges of the photo at integers."""
Head = tuple[int, Square]
"""Number of the photo, and where in it."""
Look = tuple[Square, Map]
"""What the second stage says, and of what."""
STRIDE = 32
COARSE, FINE = 384, 256
"""Long side of the photo for the first stage, side of the square around a head for the second, pixels."""
CLOSER = (576, 864)
"""Long sides for the first stage as long as it finds nothing: heads that are small in the photo are seen then."""
CLOSER_SURE = 0.88
"""How strong the evidence of a closer look must be: what is there of a photo without a pet seldom reaches it."""
GROWN = (1.6, 1.4)
"""The square is so much larger than the head's box: at first, and once the box is known better."""
TRUST = 0.85
"""What the second stage's share is, where its square lies."""
GRID = 1024
"""Long side of the map that is given back; no larger than the photo."""
_LOOSE = 0.4
_LARGEST = 1e6
"""No number of a calibration is larger: what overflows is no probability."""
_GREY = 127.0


class Stage(nn.Module):
    """A trunk and its read-out."""

    def __init__(self, trunk: Trunk) -> None:
        super().__init__()
        self.trunk = trunk
        self.decoder = Decoder(trunk.channels)

    def forward(self, photos: torch.Tensor) -> torch.Tensor:
        """Return logits (n, 1, h / 2, w / 2) for photos (n, 3, h, w), RGB 0 to 255, sides multiples of 32."""
        logits: torch.Tensor = self.decoder(self.trunk(photos))
        return logits


class Stages(nn.Module):
    """Both stages, as they stand in one file."""

    def __init__(self, coarse: Stage, fine: Stage) -> None:
        super().__init__()
        self.coarse, self.fine = coarse, fine


@dataclass(frozen=True, slots=True)
class Calibration:
    """Logits to calibrated probabilities: sigmoid(slope z + offset)."""

    slope: float = 1.0
    offset: float = 0.0

    @classmethod
    def from_card(cls, card: ModelCard) -> Calibration:
        """Read it from a card.

        Raises:
            ModelProblem: it makes no sense.
        """
        return cls(number(card.calibration, "slope", 1.0), number(card.calibration, "offset", 0.0))


def number(table: dict[str, Any], key: str, default: float) -> float:
    """Return a number of a card's table that can be computed with.

    Raises:
        ModelProblem: there is something else.
    """
    value = table.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not -_LARGEST <= value <= _LARGEST:
        raise ModelProblem(f"The model's card says {value!r} for its {key}.", "Choose another model.")
    return float(value)


class PortraitNet:
    """Maps of photos by both stages, averaged over views."""

    def __init__(self, stages: Stages, calibration: Calibration, device: str = "cpu", views: int = 2) -> None:
        """``views`` 1: as it is; 2: mirrored as well; 4: and a second, closer look at each head."""
        self._stages = stages.eval().to(device).to(memory_format=torch.channels_last)
        self._calibration = calibration
        self.device = device
        self._views = views

    def maps(self, photos: Sequence[Pixels]) -> list[RawMap]:
        """Return the maps of photos, (h, w, 3) uint8 sRGB each, any size from 1 x 1, looked at together."""
        scores = self._scores(photos, COARSE)
        empty = [number for number, score in enumerate(scores) if score.max() < _LOOSE]
        for long_side in CLOSER:
            again = self._scores([photos[number] for number in empty], long_side)
            seen = {n: score for n, score in zip(empty, again, strict=True) if parts.evidence(score) >= CLOSER_SURE}
            for number, score in seen.items():
                scores[number] = score
            empty = [number for number in empty if number not in seen]
        return [RawMap(score, normalised(np.log(score + np.float32(1e-6)))) for score in scores]

    def _scores(self, photos: Sequence[Pixels], long_side: int) -> list[Map]:
        """Return the probabilities that both stages give, the first one looking at photos of a long side."""
        coarse = self._run(self._stages.coarse, [_fitted(_reduced(photo), long_side) for photo in photos])
        logits = [_resized(one, _grid(photo)) for one, photo in zip(coarse, photos, strict=True)]
        heads = [
            (number, _square(box, one.shape, (0.0, 0.0, *photos[number].shape[1::-1]), GROWN[0]))
            for number, one in enumerate(coarse)
            for box in parts.heads(self.probability(one), _LOOSE)
        ]
        for (number, _), looks in zip(heads, self._looks(photos, heads), strict=True):
            _sharpen(logits[number], looks, photos[number].shape)
        return [self.probability(one) for one in logits]

    def probability(self, logits: Map) -> Map:
        """Return the calibrated probability."""
        z = self._calibration.slope * logits.astype(np.float64) + self._calibration.offset
        return (0.5 * (1 + np.tanh(0.5 * z))).astype(np.float32)

    def raw(self, photo: Pixels) -> RawMap:
        """Return the map of one photo."""
        return self.maps([photo])[0]

    def coarse_logits(self, photo: Pixels) -> Map:
        """Return the first stage's logits, half its input's size."""
        return self._run(self._stages.coarse, [_fitted(_reduced(photo), COARSE)])[0]

    def fine_logits(self, photo: Pixels, square: Square) -> Map:
        """Return the second stage's logits of a square of the photo (centre x, y and side in pixels)."""
        return self._run(self._stages.fine, [_cut(photo, square)])[0]

    def _looks(self, photos: Sequence[Pixels], heads: Sequence[Head]) -> list[list[Look]]:
        """Return what the second stage says of each head: at first, and with four views closer to it again."""
        first = self._run(self._stages.fine, [_cut(photos[number], square) for number, square in heads])
        looks = [[(square, fine)] for (_, square), fine in zip(heads, first, strict=True)]
        if self._views < 4:
            return looks
        closer: list[tuple[int, Square]] = []
        for place, ((x, y, side), fine) in enumerate(one[0] for one in looks):
            if better := parts.heads(self.probability(fine), _LOOSE):
                around = (x - side / 2, y - side / 2, side, side)
                closer.append((place, _square(better[0], fine.shape, around, GROWN[1])))
        again = self._run(self._stages.fine, [_cut(photos[heads[place][0]], square) for place, square in closer])
        for (place, square), fine in zip(closer, again, strict=True):
            looks[place].append((square, fine))
        return looks

    def _run(self, stage: Stage, pictures: Sequence[Pixels]) -> list[Map]:
        """Return a stage's logits of pictures; those of one size go through it together."""
        found: dict[int, Map] = {}
        for shape in dict.fromkeys(picture.shape for picture in pictures):
            places = [place for place, picture in enumerate(pictures) if picture.shape == shape]
            with torch.inference_mode():
                x = torch.from_numpy(np.stack([pictures[place] for place in places])).permute(0, 3, 1, 2).float()
                if self._views > 1:
                    x = torch.cat([x, x.flip(3)])
                z = self._computed(stage, x)
                if self._views > 1:
                    z = (z[: len(places)] + z[len(places) :].flip(3)) / 2
            for place, one in zip(places, z, strict=True):
                found[place] = np.ascontiguousarray(one[0].numpy(), np.float32)
        return [found[place] for place in range(len(pictures))]

    def _computed(self, stage: Stage, photos: torch.Tensor) -> torch.Tensor:
        x = photos.to(self.device).contiguous(memory_format=torch.channels_last)
        with autocast(self.device):
            logits: torch.Tensor = stage(x)
        return logits.float().cpu()


def _sharpen(logits: Map, looks: Sequence[Look], photo: tuple[int, ...]) -> None:
    """Put what the second stage says into the map, as far as its squares reach."""
    laid = [_laid(fine, square, logits.shape, photo) for square, fine in looks]
    weight = np.sum([weight for _, weight in laid], axis=0)
    mean = np.sum([here * weight for here, weight in laid], axis=0) / np.maximum(weight, np.float32(1e-6))
    logits += np.float32(TRUST) * np.minimum(weight, np.float32(1)) * (mean - logits)


def _grid(photo: Pixels) -> tuple[int, int]:
    """Return (width, height) of a photo's map."""
    height, width = photo.shape[:2]
    factor = min(1.0, GRID / max(height, width))
    return max(1, round(width * factor)), max(1, round(height * factor))


def _laid(fine: Map, square: Square, grid: tuple[int, ...], photo: tuple[int, ...]) -> tuple[Map, Map]:
    """Return the second stage's logits on the map's grid, and their weight there: 0 outside of their square."""
    (rows, columns), (height, width) = grid[:2], photo[:2]
    x, y, side = square
    # Cell (u, v) of the fine map lies at x - side / 2 + (u + .5) side / n in the photo, cells centred at .5.
    scale = len(fine) / side
    to_fine = np.array(
        [
            [scale * width / columns, 0, ((0.5 * width / columns) - (x - side / 2)) * scale - 0.5],
            [0, scale * height / rows, ((0.5 * height / rows) - (y - side / 2)) * scale - 0.5],
        ]
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    here = cv2.warpAffine(fine, to_fine, (columns, rows), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    weight = cv2.warpAffine(_fading(len(fine)), to_fine, (columns, rows), flags=flags)
    return np.asarray(here, np.float32), np.asarray(weight, np.float32)


def _resized(logits: Map, size: tuple[int, int]) -> Map:
    """Return logits on a grid of another size (width, height)."""
    return np.asarray(cv2.resize(logits, size, interpolation=cv2.INTER_LINEAR), np.float32).reshape(size[1], size[0])


def _fading(side: int) -> Map:
    """Return a weight that is 1 within a square and falls to 0 at its border, so that no seam shows."""
    ramp = np.minimum(1, (np.minimum(np.arange(side), np.arange(side)[::-1]) + 0.5) / (side / 16)).astype(np.float32)
    return np.minimum.outer(ramp, ramp)


def _reduced(photo: Pixels) -> Pixels:
    """Return a large photo at a few times what the first stage wants; exact halves are quicker than one reduction."""
    height, width = photo.shape[:2]
    while max(height, width) >= 2 * GRID and height % 2 == width % 2 == 0:
        height, width = height // 2, width // 2
        photo = np.asarray(cv2.resize(photo, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    if max(height, width) < 2 * GRID:
        return photo
    factor = GRID / max(height, width)
    size = max(1, round(width * factor)), max(1, round(height * factor))
    return np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), np.uint8)


def _fitted(photo: Pixels, long_side: int) -> Pixels:
    """Return the photo at a long side, sides rounded to the stride: rectangles, as padding would leak in."""
    height, width = photo.shape[:2]
    factor = long_side / max(height, width)
    size = [max(STRIDE, round(side * factor / STRIDE) * STRIDE) for side in (width, height)]
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(photo, size, interpolation=how), np.uint8)


def _square(box: parts.Box, grid: tuple[int, ...], over: tuple[float, float, float, float], grown: float) -> Square:
    """Return the square around a box of a grid (rows, columns) that lies ``over`` a part of the photo.

    ``over`` is left, top, width and height in photo pixels, edges at integers, and so is the square.
    """
    left, top, width, height = over
    kx, ky = width / grid[1], height / grid[0]
    x, y = left + (box[0] + box[2]) / 2 * kx, top + (box[1] + box[3]) / 2 * ky
    return x, y, max((box[2] - box[0]) * kx, (box[3] - box[1]) * ky, 8.0) * grown


def _cut(photo: Pixels, square: Square) -> Pixels:
    """Return a square of the photo at the second stage's size; grey where it reaches beyond the photo."""
    x, y, side = square
    left, top = int(np.floor(x - side / 2)) - 2, int(np.floor(y - side / 2)) - 2
    right, bottom = int(np.ceil(x + side / 2)) + 2, int(np.ceil(y + side / 2)) + 2
    inner = photo[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
    if not inner.size:  # of a very thin photo the second stage may have found its head in the padding
        return np.full((FINE, FINE, 3), _GREY, np.uint8)
    x, y = x - max(left, 0), y - max(top, 0)
    kx = ky = FINE / side
    if kx < 0.75:  # area means first: a warp alone would alias
        size = [max(1, round(n * kx)) for n in inner.shape[1::-1]]
        shrunk_x, shrunk_y = size[0] / inner.shape[1], size[1] / inner.shape[0]
        x, y, kx, ky = x * shrunk_x, y * shrunk_y, kx / shrunk_x, ky / shrunk_y
        inner = np.asarray(cv2.resize(inner, size, interpolation=cv2.INTER_AREA), np.uint8)
    matrix = np.array([[kx, 0, (0.5 - x) * kx + FINE / 2 - 0.5], [0, ky, (0.5 - y) * ky + FINE / 2 - 0.5]])
    cut = cv2.warpAffine(inner, matrix, (FINE, FINE), flags=cv2.INTER_LINEAR, borderValue=(_GREY,) * 3)
    return np.asarray(cut, np.uint8)


def tensors_of(stages: Stages) -> dict[str, torch.Tensor]:
    """Return what goes into the file: trunks and read-outs in half precision."""
    return {name: tensor.to(torch.float16) for name, tensor in stages.state_dict().items()}


def empty(trunk: str) -> Stages:
    """Return both stages without weights.

    Raises:
        ModelProblem: there is no such trunk.
    """
    return Stages(Stage(build_trunk(trunk)), Stage(build_trunk(trunk)))


def read(path: Path) -> tuple[ModelCard, Stages]:
    """Return a read-out's card and both its stages, in single precision.

    Raises:
        ModelProblem, FileProblem: the file is not sound, or of another kind.
    """
    card, tensors = checkpoint.load(path)
    if card.architecture != ARCHITECTURE:
        raise ModelProblem(f"{path.name} is a model of another kind.", "Choose one of the kind “pawtrait”.")
    stages = empty(card.trunk)
    checkpoint.fill(stages, tensors, path.name)
    return card, stages


def load(path: Path, device: str, weights: Path | None, views: int) -> PortraitNet:
    """Return the network of a file (``weights`` are not needed: the file brings its trunk's).

    Raises:
        ModelProblem, FileProblem: the file is not sound, or of another kind.
    """
    card, stages = read(path)
    return PortraitNet(stages, Calibration.from_card(card), device, views)
