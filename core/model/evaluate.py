"""Measures a model: on photos with masks, or on pictures that people looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageProblem
from core.images import io
from core.images.io import Limits, decode_mask
from core.maths.masks import Mask
from core.maths.metrics import boundary_f, dice
from core.model import calibrate, centre_bias, fixation_tables
from core.model.card import ModelCard
from core.model.centre_bias import CentreBias
from core.model.data import Example
from core.model.deepgaze import mark
from core.model.fixation_tables import Picture
from core.model.raw_map import Map, RawMap

if TYPE_CHECKING:
    from core.model.predict import Model

THRESHOLDS = np.linspace(0.02, 0.98, 49)
"""At which the curve is measured."""
BOUNDARY_TOLERANCE = 0.004
"""Share of the long side within which two edges count as the same."""
Tell = Callable[[int, int], None]
"""Takes how many photos are done, and of how many; may raise ``Cancelled``."""


@dataclass(frozen=True, slots=True)
class MaskScore:
    """How a model does on a set of photos (means over photos)."""

    photos: int
    iou: float
    dice: float
    boundary_f: float
    """At a tolerance of 0.4 % of the long side."""
    nll: float
    """Nats: minus the mean log-density of the mask's pixels, on the model's grid brought to 10,000 cells."""
    information_gain_bits: float
    """Over the centre bias."""
    by_photo: tuple[tuple[str, float, float], ...] = ()
    """Key, IoU and boundary F of each photo."""
    curve: tuple[tuple[float, float], ...] = ()
    """Threshold and mean IoU when every photo is cut there."""


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a model says of one photo."""

    key: str
    mask: Mask
    """As the model cuts it, the photo's size."""
    probability: Map
    """What is cut for the curve, the photo's size."""
    raw: RawMap
    truth: Mask


def overlap_at(probability: Map, truth: Mask, thresholds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the IoU of a map cut at each threshold with the truth, from two histograms."""
    level = np.searchsorted(thresholds, probability.ravel().astype(np.float64), side="right")
    inside = truth.ravel() >= 128
    bins = len(thresholds) + 1
    all_of = np.bincount(level, minlength=bins)[::-1].cumsum()[::-1][1:]
    common = np.bincount(level[inside], minlength=bins)[::-1].cumsum()[::-1][1:]
    union = all_of + np.count_nonzero(inside) - common
    return np.where(union > 0, common / np.maximum(union, 1), 1.0)


def nll(log_density: Map, truth: Mask) -> float:
    """Return minus the mean log-density of a mask's pixels (the paper's loss) on a grid of 10,000 cells, in nats.

    The number of cells is one and the same for all models, so that their figures can be compared.
    """
    share = calibrate.shares(np.where(truth >= 128, np.uint8(255), np.uint8(0)), log_density.shape)
    total = float(share.sum())
    if total <= 0:
        return float("nan")
    own = -float((share.astype(np.float64) * log_density).sum()) / total
    return own + float(np.log(10_000 / log_density.size))


def score(answers: Iterable[Answer], bias: CentreBias) -> MaskScore:
    """Return the means over photos; answers are taken one by one, so that few need be in memory.

    Args:
        answers: a model's, at least one.
        bias: made from the masks of other photos.
    """
    photos, dices, losses, gains, curves = [], [], [], [], []
    for answer in answers:
        overlap = float(overlap_at(answer.mask.astype(np.float32), answer.truth, np.array([127.5]))[0])
        edge = boundary_f(answer.mask, answer.truth, BOUNDARY_TOLERANCE * max(answer.truth.shape))
        photos.append((answer.key, overlap, edge))
        dices.append(dice(answer.mask, answer.truth))
        density = answer.raw.log_density
        losses.append(nll(density, answer.truth))
        gains.append((nll(bias.on(*density.shape), answer.truth) - losses[-1]) / np.log(2))
        curves.append(overlap_at(answer.probability, answer.truth, THRESHOLDS))
    curve = np.mean(curves, axis=0)
    return MaskScore(
        len(photos),
        float(np.mean([overlap for _, overlap, _ in photos])),
        float(np.mean(dices)),
        float(np.mean([edge for _, _, edge in photos])),
        float(np.nanmean(losses)),
        float(np.nanmean(gains)),
        tuple(photos),
        tuple((round(float(t), 4), float(v)) for t, v in zip(THRESHOLDS, curve, strict=True)),
    )


def on_masks(
    model: Model, examples: Sequence[Example], limits: Limits, tell: Tell, bias: CentreBias | None = None
) -> MaskScore:
    """Measure a model on photos with masks, each cut at the threshold that the model chooses for it.

    Args:
        bias: the centre bias to gain over; None: that of the masks that are measured on, which is a little better
            than an honest one and so makes the gain a little smaller.

    Raises:
        UsageProblem: there are no photos, or a mask is not of its photo's size.
        FileProblem: a photo or a mask cannot be read.
    """
    if not examples:
        raise UsageProblem("There are no photos with masks to measure on.", "Give a folder of each.")
    if bias is None:
        bias = centre_bias.fit([centre_bias.of_mask((_truth(one) >= 128).astype(np.float32)) for one in examples])

    def answers() -> Iterator[Answer]:
        for number, example in enumerate(examples):
            tell(number, len(examples))
            photo, truth = io.read(example.image, limits).rgb, _truth(example)
            if truth.shape != photo.shape[:2]:
                raise UsageProblem(f"The mask {example.mask.name} is not of its photo's size.", "Give masks that are.")
            found = model.predict(photo)
            yield Answer(example.key, found.mask(), found.probability, found.raw, truth)

    return score(answers(), bias)


def _truth(example: Example) -> Mask:
    return decode_mask(example.mask.read_bytes())


def pictures_for(card: ModelCard, table: Path, images: Path) -> tuple[list[Picture], list[Picture]]:
    """Return the pictures of a table of fixations that a model may be judged on, and those that it was trained on.

    Args:
        card: the model's.
        table: see :func:`core.model.fixation_tables.read`.
        images: the folder of the pictures.

    Raises:
        UsageProblem: the table makes no sense.
        FileProblem: the table or a picture cannot be read.
    """
    seen = card.options.get("seen", [])
    known = {str(one) for one in seen} if isinstance(seen, list) else set()
    pictures = fixation_tables.read(table, images)
    strange = [picture for picture in pictures if mark(picture.name) not in known]
    return strange, [picture for picture in pictures if mark(picture.name) in known]
