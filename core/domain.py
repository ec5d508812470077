"""The nouns of the program as plain frozen values; the words are those of docs/glossary.md."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum

Matrix = tuple[tuple[float, float, float], tuple[float, float, float]]
Box = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels, right and bottom exclusive."""


class Decision(StrEnum):
    """What a person has decided about a pair."""

    UNDECIDED = "undecided"
    ACCEPTED = "accepted"
    CORRECTED = "corrected"
    REJECTED = "rejected"
    SKIPPED = "skipped"
    SECOND_REVIEW = "second_review"


class MaskSource(StrEnum):
    """Where the mask comes from that a decision is about."""

    RECONCILIATION = "reconciliation"
    PREDICTION = "prediction"
    RECIPE = "recipe"
    """One of the two as a person has edited it."""


class CleanUpKind(StrEnum):
    """What a step of a recipe does to its base. Amounts are pixels of the original, of area for the first two."""

    FILL_HOLES = "fill_holes"
    DROP_SPECKS = "drop_specks"
    GROW = "grow"
    SHRINK = "shrink"
    FEATHER = "feather"
    SMOOTH = "smooth"


class RejectReason(StrEnum):
    """Why a pair was rejected."""

    WRONG_PHOTO = "wrong_photo"
    BAD_PLACEMENT = "bad_placement"
    BAD_MASK = "bad_mask"
    POOR_PHOTO = "poor_photo"
    DUPLICATE = "duplicate"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ImageRef:
    """A user's image file: referenced, never copied or changed.

    ``width`` and ``height`` are pixels after the EXIF orientation has been applied; ``sha256`` is the
    hexadecimal hash of the file's bytes.
    """

    path: str
    sha256: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the designer image lies in the original: a similarity, designer pixel to original pixel.

    A designer pixel (x, y) is mirrored left to right if ``mirrored`` (x becomes -x), scaled by ``scale``,
    rotated by ``rotation_deg`` (positive turns the x axis towards the y axis: clockwise on screen) and
    moved by (``tx``, ``ty``). Pixel centres lie at integers (OpenCV's convention).
    """

    scale: float
    rotation_deg: float
    mirrored: bool
    tx: float
    ty: float

    def matrix(self) -> Matrix:
        """Return the 2 x 3 matrix that takes designer (x, y, 1) to original (x, y)."""
        angle = math.radians(self.rotation_deg)
        a, b = self.scale * math.cos(angle), self.scale * math.sin(angle)
        if self.mirrored:
            return ((-a, -b, self.tx), (-b, a, self.ty))
        return ((a, -b, self.tx), (b, a, self.ty))

    @classmethod
    def from_matrix(cls, matrix: Matrix) -> Placement:
        """Return the similarity nearest to a 2 x 3 matrix (least squares over its four linear entries).

        Raises:
            ValueError: the linear part is singular or not finite.
        """
        (a11, a12, tx), (a21, a22, ty) = matrix
        mirrored = a11 * a22 - a12 * a21 < 0
        if mirrored:
            a, b = (a22 - a11) / 2, -(a12 + a21) / 2
        else:
            a, b = (a11 + a22) / 2, (a21 - a12) / 2
        scale = math.hypot(a, b)
        if not (math.isfinite(scale) and math.isfinite(tx) and math.isfinite(ty)) or scale <= 0:
            raise ValueError(f"not a similarity: {matrix}")
        return cls(scale, math.degrees(math.atan2(b, a)), mirrored, tx, ty)

    def apply(self, x: float, y: float) -> tuple[float, float]:
        """Take a designer point to the original (both in pixels)."""
        (a11, a12, tx), (a21, a22, ty) = self.matrix()
        return a11 * x + a12 * y + tx, a21 * x + a22 * y + ty

    def apply_inverse(self, x: float, y: float) -> tuple[float, float]:
        """Take an original point to the designer image (both in pixels)."""
        (a11, a12, tx), (a21, a22, ty) = self.matrix()
        det = a11 * a22 - a12 * a21
        dx, dy = x - tx, y - ty
        return (a22 * dx - a12 * dy) / det, (-a21 * dx + a11 * dy) / det


@dataclass(frozen=True, slots=True)
class MaskRef:
    """A mask file in the project, named by the SHA-256 of its bytes: 8-bit grey PNG, 0 background, 255 portrait.

    The mask is in the original's frame and has its size; values between are a soft edge. A footprint and what was
    painted on are kept in the same form.
    """

    sha256: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class CleanUp:
    """One step that cleans up a mask: what, and how much of it."""

    kind: CleanUpKind
    amount: float


@dataclass(frozen=True, slots=True)
class Stroke:
    """What one gesture painted on a mask, whatever lies beneath: a patch (decision 0012) and where it lies."""

    left: int
    top: int
    patch: MaskRef
    """Two planes of the box, one below the other: as wide as the box and twice as high."""
    tool: str = ""
    """What painted it, for the history: "brush", "lasso" …"""

    @property
    def box(self) -> Box:
        """Left, top, right and bottom of what it touches."""
        return self.left, self.top, self.left + self.patch.width, self.top + self.patch.height // 2


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a person's mask of a pair comes about: a base, cut at its threshold, cleaned up, then painted on.

    A new base (another threshold, model or placement) is cleaned up and painted on in the same way.
    """

    base: MaskSource | None
    """The reconciliation's mask or the prediction's; None: nothing, all is painted."""
    steps: tuple[CleanUp, ...] = ()
    strokes: tuple[Stroke, ...] = ()
    """Oldest first."""

    @property
    def is_edited(self) -> bool:
        """Whether it makes anything else of its base."""
        return bool(self.steps or self.strokes)


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What a method found for one pair; ``placement`` is None where it says "no match"."""

    method: str
    placement: Placement | None
    confidence: float
    """Probability, 0 to 1, that a person would accept this placement (of "no match": that there is one)."""
    reason: str
    """One short sentence for the reviewer: why this confidence."""
    seconds: float
    mask: MaskRef | None = None
    run_id: int | None = None
    footprint: MaskRef | None = None
    """What the designer image covers of the original; None where the method does not tell."""
    painted: MaskRef | None = None
    """Parts of the footprint that show nothing of the original: hats, names, frames; None where there are none."""
    mask_placement: Placement | None = None
    """Where the designer image lay when the masks were made, if it was moved by hand since; None: where it lies."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model says of one photo: a map, and where to cut it. Thresholds lie on the map's scale, 0 to 1."""

    model: str
    """Name in the registry, such as "pawtrait"."""
    version: str
    """Which read-out made it: the first 12 hexadecimal digits of the SHA-256 of its file."""
    map: MaskRef
    """Calibrated probability, 0 to 255, of the one ``portrait``, over the whole original; at most 1600 pixels long."""
    threshold: float
    """Learned: where the model would cut this photo."""
    interval: tuple[float, float]
    """Thresholds around it between which the expected mask hardly changes in quality."""
    expected_iou: float
    """Calibrated expectation of the mask's intersection over union when it is cut at ``threshold``."""
    found: float
    """Probability, 0 to 1, that the photo shows a portrait at all."""
    reason: str
    """One short sentence for the reviewer."""
    seconds: float
    chosen: float | None = None
    """Threshold that a person has set; None: the learned one stands."""
    portraits: tuple[Box, ...] = ()
    """Where the portraits lie that were found, best first; more than one where a photo shows several pets."""
    portrait: int = 0
    """Which of them the map is of; another one is predicted anew (``PredictOptions.portrait``)."""
    run_id: int | None = None
    moved: float = 0.0
    """Log-odds that the project's settled thresholds have added to the model's own; ``threshold`` contains them."""

    @property
    def cut(self) -> float:
        """The threshold in force."""
        return self.threshold if self.chosen is None else self.chosen


@dataclass(frozen=True, slots=True)
class Review:
    """One person's judgement of one pair."""

    decision: Decision = Decision.UNDECIDED
    reason: RejectReason | None = None
    comment: str = ""
    quality: int | None = None
    """1 (poor) to 5 (excellent), or None."""
    source: MaskSource | None = None
    """Which mask the decision is about; None on old reviews, and where there was only one."""


@dataclass(frozen=True, slots=True)
class Pair:
    """An original photo and the designer image made from it, with all that is known of them.

    ``id`` is 0 until a store has given one. ``designer`` is None for a photo alone.
    """

    id: int
    name: str
    original: ImageRef
    designer: ImageRef | None
    reconciliation: Reconciliation | None = None
    review: Review = field(default_factory=Review)
    revision: int = 0
    """Journal revision that touched this pair last; set by the store."""
    prediction: Prediction | None = None
    recipe: Recipe | None = None

    @property
    def mask_source(self) -> MaskSource | None:
        """Which mask stands for the pair; None while there is none.

        The one that the review is about; else the recipe's, else the reconciliation's, else the prediction's.
        """
        source = self.review.source
        if source is not None and (source is not MaskSource.RECIPE or self.recipe is not None):
            return source
        if self.recipe is not None:
            return MaskSource.RECIPE
        if self.reconciliation is not None and self.reconciliation.mask is not None:
            return MaskSource.RECONCILIATION
        return MaskSource.PREDICTION if self.prediction is not None else None

    @property
    def base_source(self) -> MaskSource | None:
        """Which machine's mask lies beneath the one that stands for the pair; None while there is none."""
        source = self.mask_source
        return self.recipe.base if source is MaskSource.RECIPE and self.recipe is not None else source

    @property
    def placement(self) -> Placement | None:
        """Where the designer image was found; None while it was not looked for, or where it was not found."""
        return self.reconciliation.placement if self.reconciliation is not None else None


@dataclass(frozen=True, slots=True)
class SettledCut:
    """Where a prediction was cut when a person was content with its mask."""

    threshold: float
    """The learned one, with what ``moved`` says in it."""
    moved: float
    chosen: float | None
    """None: the learned one stood."""

    @property
    def cut(self) -> float:
        """The threshold that was in force."""
        return self.threshold if self.chosen is None else self.chosen


@dataclass(frozen=True, slots=True)
class PairSummary:
    """What one row of the queue shows."""

    id: int
    name: str
    decision: Decision
    reason: RejectReason | None
    confidence: float | None
    """None while the pair has not been reconciled."""
    matched: bool
    """True when the reconciliation found a placement."""
    has_comment: bool
    original: ImageRef
    designer: ImageRef | None
    expected_iou: float | None = None
    """Of the prediction's mask; None while the pair has not been predicted."""
    found: float | None = None
    """Probability that the photo shows a portrait; None while the pair has not been predicted."""
    method: str | None = None

    @property
    def has_prediction(self) -> bool:
        """Whether a model has looked at the photo."""
        return self.expected_iou is not None


class PairOrder(StrEnum):
    """Orders of the queue."""

    CONFIDENCE = "confidence"
    """Least sure ("no match") first, pairs not reconciled before all; a photo alone as its prediction says, or last."""
    NAME = "name"
    EXPECTED_IOU = "expected_iou"
    """Worst prediction first, pairs not predicted yet before all others; "nothing found" counts as worst."""


@dataclass(frozen=True, slots=True)
class PairQuery:
    """Which pairs the queue shows, and in which order; empty ``decisions`` means all of them."""

    decisions: frozenset[Decision] = frozenset()
    text: str = ""
    """Case-insensitive part of the pair's name; empty means all."""
    order: PairOrder = PairOrder.CONFIDENCE
    only_unreconciled: bool = False
    """Those that have a designer image to be searched for, and have not been yet."""
    only_unpredicted: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """One batch: what was asked, by whom, when, and how it ended (times are UTC, ISO 8601)."""

    id: int
    kind: str
    method: str
    options: str
    """The options as JSON, for the record."""
    who: str
    started_at: str
    finished_at: str | None = None
    outcome: str = ""
    """"done", "cancelled", "failed", or empty while it runs (or was killed)."""
    pairs_done: int = 0
    failures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Statistics:
    """Numbers of a project for ``stats`` and the about page."""

    pairs: int
    reconciled: int
    matched: int
    predicted: int
    decisions: dict[Decision, int]
    reject_reasons: dict[RejectReason, int]
    reviewers: dict[str, int]
    """Decisions standing now, by who made them."""
    median_decision_seconds: float | None
    pairs_per_hour: float | None  # of the time people spent on pairs
    agreement: dict[str, float]
    """Share of accepted among pairs decided about what a method found, by band of confidence such as "0.9-1.0"."""
    alone: int = 0
    """Pairs without a designer image: there is nothing to reconcile in them."""
    by_hand: int = 0
    """Pairs whose placement a person set or moved."""
