"""What jobs answer: frozen values, final and partial."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.domain import Box, MaskRef, Matrix, Pair
from core.edits import SetPrediction
from core.errors import UserFacingError
from core.jobs.context import ItemFailed
from core.jobs.specs import TrainOptions
from core.maths.patches import Change, PaintedLayer, Patch
from core.store.changes import ChangeSet


@dataclass(frozen=True, slots=True)
class ImportReport:
    """How an import ended; every file that was left out stands in one of the lists, with a sentence."""

    added: int
    already_there: int
    unmatched: tuple[str, ...] = ()
    """Files without a partner."""
    unreadable: tuple[ItemFailed, ...] = ()
    duplicates: tuple[str, ...] = ()
    """Files with the same content, names claimed twice, several designer images for one photo."""
    cancelled: bool = False
    alone: int = 0
    """Photos alone among those ``added``."""
    completed: int = 0
    """Photos that were there alone and have their designer image now."""

    @property
    def to_reconcile(self) -> bool:
        """Whether something has come in that can be reconciled."""
        return self.added > self.alone or self.completed > 0


@dataclass(frozen=True, slots=True)
class BatchReport:
    """How a batch of reconciliations or predictions ended."""

    asked: int
    done: int
    """Pairs with an answer, "no match" and "nothing found" among them."""
    matched: int
    """Of these, pairs with a placement, or photos with a portrait."""
    failures: tuple[ItemFailed, ...] = ()
    cancelled: bool = False
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    """What the user should know of how it was computed."""


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """One line of ``register --pairs``: a result, or ``error``."""

    pair: str
    matrix: Matrix | None = None
    mirrored: bool = False
    rotation_deg: float | None = None
    scale: float | None = None
    confidence: float = 0.0
    reason: str = ""
    seconds: float = 0.0
    error: str | None = None


@dataclass(frozen=True, slots=True)
class ExportReport:
    """How an export ended."""

    written: int
    skipped: int
    """Pairs in the asked states without a mask."""
    failures: tuple[ItemFailed, ...] = ()
    cancelled: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class DisplayPicture:
    """A picture as the canvas wants it: a pyramid that Qt can show without another copy.

    ``levels`` are (h, w, 4) uint8, C-contiguous, in the byte order B, G, R, A with premultiplied alpha (Qt's
    ARGB32_Premultiplied on little-endian machines), each half the size of the one before (rounded up);
    the last is at most 512 pixels long. ``full_width`` and ``full_height`` are the file's own size: level 0 is
    smaller than that for a preview.
    """

    levels: tuple[NDArray[np.uint8], ...]
    opaque: bool
    full_width: int
    full_height: int


@dataclass(frozen=True, slots=True, eq=False)
class MaskLayer:
    """A mask as the canvas wants it.

    ``levels`` are (h, w) uint8, C-contiguous, the first in the original's frame at its size, each next half of it
    (rounded up, area mean), the last at most 512 pixels long; none where the outline alone was asked for.
    ``outline`` holds closed polygons, (n, 2) float32 x, y in original pixels, centres at integers, around the pixels
    of at least 128, of which there are ``area``.
    """

    levels: tuple[NDArray[np.uint8], ...]
    outline: tuple[NDArray[np.float32], ...]
    area: int


@dataclass(frozen=True, slots=True, eq=False)
class MapLayer:
    """A prediction's map as the canvas wants it.

    ``levels`` are (h, w) uint8, C-contiguous: probability 0 to 255 over the whole original, the first at most 1600
    pixels long, each next half of it (rounded up, area mean). ``histogram`` counts the pixels of the first level by
    value, (256,) int64. ``expected_iou`` (256,) float32 is the calibrated expectation of the mask's intersection over
    union if it is cut at threshold i / 255 (a pixel of value v belongs to the mask when v >= i and v > 0).
    """

    levels: tuple[NDArray[np.uint8], ...]
    histogram: NDArray[np.int64]
    expected_iou: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class OpenedMask:
    """A mask to edit, all in the original's frame at its size.

    ``layer.over(base)`` is the mask; after a stroke only its box changes: ``layer.over(base, box)``. The answer is the
    asker's own: its layer may be changed.
    """

    base: NDArray[np.uint8]
    """(h, w), cleaned up, before anything is painted."""
    layer: PaintedLayer
    levels: tuple[NDArray[np.uint8], ...] = ()
    """The mask as a pyramid, as in ``MaskLayer``."""


@dataclass(frozen=True, slots=True)
class MaskChange:
    """What a new prediction would make of a mask that a person has settled on, to be looked at before it is taken."""

    pair: Pair
    """As it was when it was compared."""
    edit: SetPrediction
    """Takes it; the new map is in the project already."""
    change: Change
    """Of the whole masks."""
    before: bytes
    """PNG of the mask that stands, made small."""
    after: bytes


@dataclass(frozen=True, slots=True, eq=False)
class PackedStroke:
    """What a gesture changes of the layer, and the file in which that is kept; no edit refers to it yet."""

    left: int
    top: int
    file: MaskRef
    parts: tuple[Patch, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Picked:
    """A region that a tool picked at a point, to be painted on or off."""

    box: Box
    alpha: NDArray[np.uint8]
    """(h, w) of the box."""


@dataclass(frozen=True, slots=True)
class Rederived:
    """What became of the masks of a placement moved by hand."""

    done: ChangeSet | None
    """None: nothing was kept, as the pair has changed meanwhile, or as a person must be asked."""
    must_ask: bool
    """A person has painted on the mask: ask, and derive ``even_if_painted`` if the answer is yes."""


@dataclass(frozen=True, slots=True)
class PredictLine:
    """One line of ``predict``: what was found in one photo, or ``error``."""

    image: str
    model: str = ""
    version: str = ""
    threshold: float | None = None
    interval: tuple[float, float] | None = None
    expected_iou: float | None = None
    found: float | None = None
    portraits: tuple[tuple[int, int, int, int], ...] = ()
    reason: str = ""
    seconds: float = 0.0
    mask_file: str | None = None
    map_file: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class TrainPoint:
    """A partial answer of a training: one point of its curves."""

    stage: str
    """What is being trained, as the dialog shows it."""
    epoch: float
    epochs: float
    """0: a point of no curve, but how the read-out that is gone on from does on the held-out photos."""
    loss: float
    """Mean over the photos since the last point."""
    held_out_iou: float | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class TrainPlan:
    """What a training would have to go by, counted before it starts; photos, not pairs."""

    learned: int
    judges: int
    """Held out: both versions are measured on them."""
    echoes: int
    """Held out, but of no use there: their masks are a model's own cuts, accepted as they were."""
    left_out: int
    """Pairs that are accepted or corrected and give nothing to learn from."""
    problem: UserFacingError | None = None
    """Why it cannot be trained."""
    stopped: TrainOptions | None = None
    """What was asked for of a training that was cut short and can go on."""


CHANCE = 0.003
"""Differences of mean overlaps and of boundary Fs up to this are chance: another seed moves them by as much."""


@dataclass(frozen=True, slots=True)
class Score:
    """How a model does on a set of photos (means over photos)."""

    photos: int
    iou: float
    dice: float
    boundary_f: float
    """At a tolerance of 0.4 % of the long side."""
    nll: float
    """Nats: minus the mean log-density of the mask's pixels."""
    information_gain_bits: float
    """Over the centre bias fitted on the training photos."""
    by_photo: tuple[tuple[str, float, float], ...] = ()
    """Key, IoU and boundary F of each photo."""
    curve: tuple[tuple[float, float], ...] = ()
    """Threshold and mean IoU when every photo is cut there."""

    def is_better_than(self, old: Score) -> bool:
        """Return whether this is more than chance: by IoU, and where that is the same by boundary F."""
        gain = self.iou - old.iou
        return gain > CHANCE or (gain >= -CHANCE and self.boundary_f - old.boundary_f > CHANCE)


@dataclass(frozen=True, slots=True)
class TrainReport:
    """How a training ended: the new version beside the one in use, both on the held-out photos."""

    model: str
    version: str
    file: str
    trained_on: int
    held_out: int
    new: Score | None
    old: Score | None
    """None where there was none to compare with."""
    promoted: bool
    cancelled: bool = False
    seconds: float = 0.0
    failures: tuple[ItemFailed, ...] = ()
    """Photos that were left out, with a sentence each."""
    notes: tuple[str, ...] = ()
    """What the user should know of how it was computed."""


@dataclass(frozen=True, slots=True)
class FixationScore:
    """How a model's log-density does on eye tracking (means over pictures)."""

    pictures: int
    fixations: int
    information_gain_bits: float
    """Per fixation, over the centre bias."""
    explainable_bits: float
    """The gain of a density made of all people but the one that is predicted."""
    explained: float
    """Share of the second that the first reaches."""
    auc: float
    nss: float


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """What one model says of one photo, to be looked at and not kept."""

    name: str
    """Of the model and its version, as a caption says."""
    threshold: float
    expected_iou: float
    found: float
    portraits: tuple[tuple[int, int, int, int], ...]
    layer: MapLayer


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One model or version that can be used."""

    model: str
    version: str
    """Empty for a shipped model."""
    name: str
    """What ``PredictOptions.model`` takes for it."""
    title: str
    made_at: str = ""
    """UTC, ISO 8601; empty for a shipped model."""
    trained_on: int = 0
    held_out_iou: float | None = None
    boundary_f: float | None = None
    in_use: bool = False
    """It is what its model's name stands for."""

    def predicts(self, model: str) -> bool:
        """Return whether it is what predicts where ``PredictOptions.model`` is this."""
        return self.name == model or (self.in_use and self.model == model)


@dataclass(frozen=True, slots=True)
class ModelList:
    """The models, the one in use of each name marked; newest versions first, shipped ones last."""

    entries: tuple[ModelEntry, ...]


@dataclass(frozen=True, slots=True)
class DemoReport:
    """What ``MakeDemo`` wrote: folders of pictures and the table of pairs, ready for an import."""

    originals: str
    designers: str
    pairs_csv: str
    pairs: int
