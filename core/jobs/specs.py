"""What can be asked for: every job as a frozen, picklable value. How it is done stands in ``work``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.domain import Decision, ImageRef, MaskRef, Placement
from core.jobs.hands import HandSpec
from core.reconcile.options import ReconcileOptions
from core.reconcile.prior import PlacementPrior, Prior
from core.settings import Settings


@dataclass(frozen=True, slots=True)
class ImportPairs:
    """Bring the pairs of two folders into the open project. Partial: ``ChangeSet``. Answer: ``ImportReport``.

    A line of the table without a designer image is a photo alone.
    """

    originals: str
    """Empty: the table names all of them."""
    designers: str | None
    """None, without a table as well: every photo comes in alone."""
    pairs_csv: str | None = None
    who: str = ""
    photos_alone: bool = False
    """Also photos without a designer image; they are unmatched else."""
    title: ClassVar[str] = "Import"
    lane: ClassVar[str] = "store"


@dataclass(frozen=True, slots=True)
class ReconcilePairs:
    """Reconcile pairs of the open project. Partial: ``ChangeSet``, ``ItemFailed``. Answer: ``BatchReport``.

    A batch passes over pairs that a person has placed, or on whose mask somebody has settled (``core.jobs.settled``).
    """

    pair_ids: tuple[int, ...]
    options: ReconcileOptions
    who: str = ""
    workers: int = 1
    as_user: bool = False
    """True for a single pair that the user asked for by hand: that change is a step of undo."""
    priors: tuple[tuple[int, Prior], ...] = ()
    """What is known before the search, by the pair's id; pairs without one are searched for everywhere."""
    guided: bool = False
    """Let the map of a pair's prediction, or else the model, say what the portrait is and, without a prior, where to
    search."""
    title: ClassVar[str] = "Reconcile"
    lane: ClassVar[str] = "gpu"


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One line of a pairs file, paths resolved."""

    pair: str
    original: str
    designer: str
    mask_file: str | None = None
    """Where this row's mask goes, whatever ``masks_dir`` says; None: into ``masks_dir``, if there is one."""
    footprint_file: str | None = None
    """Where this row's footprint goes; None: nowhere."""
    painted_file: str | None = None
    """Where goes what was painted on, all black if nothing was; None: nowhere."""
    prior_file: str | None = None
    """A prior to read, as ``core.jobs.priors`` says; None: search everywhere."""


@dataclass(frozen=True, slots=True)
class RegisterFiles:
    """Reconcile files without a project. Partial: ``RegisterLine`` in input order. Answer: ``BatchReport``."""

    rows: tuple[RegisterRow, ...]
    options: ReconcileOptions
    masks_dir: str | None = None
    workers: int = 1
    guided: bool = False
    """Ask the model what the portrait is and, without a prior, where to search."""
    title: ClassVar[str] = "Register"
    lane: ClassVar[str] = "gpu"


@dataclass(frozen=True, slots=True)
class ExportPairs:
    """Write masks or cut-outs. Partial: ``ItemFailed``. Answer: ``ExportReport``."""

    format: str
    out_dir: str
    decisions: frozenset[Decision] = frozenset({Decision.ACCEPTED, Decision.CORRECTED})
    title: ClassVar[str] = "Export"
    lane: ClassVar[str] = "io"


@dataclass(frozen=True, slots=True)
class LoadPicture:
    """Decode a picture, at most ``long_side`` pixels long (None: full size). Answer: ``DisplayPicture``.

    With ``long_side`` it comes from the preview cache, which is filled on the way.
    """

    ref: ImageRef
    long_side: int | None = None
    title: ClassVar[str] = "Load picture"
    lane: ClassVar[str] = "io"


@dataclass(frozen=True, slots=True)
class LoadMask:
    """Read a mask of the open project and trace its outline. Answer: ``MaskLayer``.

    So are read a footprint, of which the outline alone is shown, and what was painted on.
    """

    ref: MaskRef
    outline_only: bool = False
    """Leave the pyramid out."""
    title: ClassVar[str] = "Load mask"
    lane: ClassVar[str] = "io"


@dataclass(frozen=True, slots=True)
class PredictOptions:
    """How to predict. ``threshold`` None: the learned one of each photo."""

    model: str = "pawtrait"
    """Name in the registry or of a version of the project's, or the path of a read-out's file."""
    device: str = "auto"
    weights: str | None = None
    """File with the trunk's weights; None: from the settings, the environment, or the trunk's package."""
    threshold: float | None = None
    views: int = 4
    """Test-time views that are averaged: 1, 2 or 4."""
    portrait: int = 0
    """Which portrait, where a photo shows several: 0 is the clearest."""


@dataclass(frozen=True, slots=True)
class PredictPairs:
    """Predict the portraits of pairs of the open project. Partial: ``ChangeSet``, ``ItemFailed``.

    Answer: ``BatchReport`` (``matched`` counts the photos in which a portrait was found).
    """

    pair_ids: tuple[int, ...]
    options: PredictOptions
    who: str = ""
    as_user: bool = False
    """True for a single pair that the user asked for by hand: that change is a step of undo."""
    keep_newer: bool = True
    """In a batch, pass over pairs that the same version has predicted already."""
    keep_decided: bool = True
    """Pass over pairs on whose prediction's mask a person has settled (``core.jobs.settled``)."""
    workers: int = 1
    title: ClassVar[str] = "Predict"
    lane: ClassVar[str] = "gpu"


@dataclass(frozen=True, slots=True)
class PredictFiles:
    """Predict files without a project. Partial: ``PredictLine`` in input order. Answer: ``BatchReport``."""

    images: tuple[str, ...]
    out_dir: str
    options: PredictOptions
    maps: bool = False
    """Write the maps as well, 16 bit and of the photo's size, beside the masks as STEM.map.png."""
    workers: int = 1
    title: ClassVar[str] = "Predict"
    lane: ClassVar[str] = "gpu"


@dataclass(frozen=True, slots=True)
class LoadMap:
    """Read the map of a prediction of the open project. Answer: ``MapLayer``."""

    ref: MaskRef
    title: ClassVar[str] = "Load map"
    lane: ClassVar[str] = "io"


@dataclass(frozen=True, slots=True)
class TryModel:
    """Predict one photo of the open project with any model, and keep nothing. Answer: ``Trial``."""

    ref: ImageRef
    options: PredictOptions
    title: ClassVar[str] = "Compare models"
    lane: ClassVar[str] = "gpu"


@dataclass(frozen=True, slots=True)
class CompareMasks:
    """Find out what another model would change in the masks that people have settled on; no pair changes.

    The new model's map, at its own threshold, takes the place of the prediction's; steps and strokes stay. Pairs on
    whose prediction nobody has settled, or that this version has predicted, are passed over. Partial: ``MaskChange``,
    ``ItemFailed``. Answer: ``BatchReport`` (``matched`` counts the masks that would be others).
    """

    pair_ids: tuple[int, ...]
    options: PredictOptions
    who: str = ""
    workers: int = 1
    title: ClassVar[str] = "Compare masks"
    lane: ClassVar[str] = "gpu"


@dataclass(frozen=True, slots=True)
class ListModels:
    """List the models that are shipped and the open project's own versions. Answer: ``ModelList``."""

    title: ClassVar[str] = "List models"
    lane: ClassVar[str] = "io"


@dataclass(frozen=True, slots=True)
class UseModel:
    """Use a version of the project's from now on, or the shipped one (``version`` empty). Answer: ``ModelList``."""

    model: str
    version: str = ""
    title: ClassVar[str] = "Use another version"
    lane: ClassVar[str] = "io"


@dataclass(frozen=True, slots=True)
class TrainOptions:
    """What to train and how."""

    model: str = "pawtrait"
    """"pawtrait" or "deepgaze2-vgg16"."""
    device: str = "auto"
    weights: str | None = None
    seed: int = 1
    held_out: float = 0.2
    """Share of the photos that is kept out of the training, chosen by the photo's content, once and for all."""
    quick: bool = True
    """Train the read-out on frozen features that are cached on disk (minutes); False: the trunk as well."""
    start_from: str = ""
    """Model to go on from, or "scratch". Empty: what the project uses; for folders, what ships if ``quick``, else
    ImageNet's weights alone; the paper's model goes on from the read-out pre-trained on fixations."""


@dataclass(frozen=True, slots=True)
class TrainModel:
    """Train a read-out on the accepted and corrected pairs of the open project, or on two folders.

    With ``images`` and ``masks`` None it is the project's: the new version goes into its folder ``models``.
    Partial: ``TrainPoint``, ``ItemFailed``. Answer: ``TrainReport``. Cut short, it goes on when asked again.
    """

    options: TrainOptions
    images: str | None = None
    masks: str | None = None
    out: str | None = None
    """Where the read-out's file goes; None only for a project."""
    without: str | None = None
    """Folder of pictures that show no portrait, so that it is learned to say so."""
    licence: str = ""
    """Of the training data, for the card."""
    who: str = ""
    promote: str = "better"
    """"better": the new version is used from now on if it is more than by chance better on the held-out photos;
    "always"; "never"."""
    title: ClassVar[str] = "Train"
    lane: ClassVar[str] = "train"


@dataclass(frozen=True, slots=True)
class PlanTraining:
    """Count what a training of the open project would learn from and be judged by. Answer: ``TrainPlan``."""

    models: tuple[str, ...] = ("pawtrait", "deepgaze2-vgg16")
    """Whose trainings that were cut short are looked for."""
    title: ClassVar[str] = "Count what can be learned from"
    lane: ClassVar[str] = "io"


@dataclass(frozen=True, slots=True)
class EvaluateModel:
    """Measure a model on photos with masks, or on pictures with a fixation table.

    Partial: ``ItemFailed``, of masks. Answer: ``Score`` with masks, ``FixationScore`` with fixations.
    """

    images: str
    options: PredictOptions
    masks: str | None = None
    fixations: str | None = None
    title: ClassVar[str] = "Evaluate"
    lane: ClassVar[str] = "gpu"


@dataclass(frozen=True, slots=True)
class OpenProject:
    """Open the project in a folder, or make one there. Answer: ``Store`` (the asker closes it)."""

    folder: str
    who: str
    create: bool = False
    to_read: bool = False
    """Only to read: nobody is kept from writing to it meanwhile."""
    title: ClassVar[str] = "Open project"
    lane: ClassVar[str] = "store"


@dataclass(frozen=True, slots=True)
class MakeDemo:
    """Write the demo's photos and designer images into a folder. Answer: ``DemoReport``.

    ``photos`` is a folder with ``originals/`` and ``masks/``; None takes scikit-image's photographs.
    """

    folder: str
    photos: str | None = None
    seed: int = 1
    title: ClassVar[str] = "Make the demo"
    lane: ClassVar[str] = "io"


Spec = (
    OpenProject
    | MakeDemo
    | ImportPairs
    | ReconcilePairs
    | RegisterFiles
    | ExportPairs
    | LoadPicture
    | LoadMask
    | PredictPairs
    | PredictFiles
    | LoadMap
    | TryModel
    | CompareMasks
    | HandSpec
    | ListModels
    | UseModel
    | TrainModel
    | PlanTraining
    | EvaluateModel
)


def near(placement: Placement) -> Prior:
    """Return the prior of a search in the neighbourhood of a placement."""
    return PlacementPrior(placement)


def reconcile_options(settings: Settings) -> ReconcileOptions:
    """Return the options of a reconciliation as the user's settings have them."""
    return ReconcileOptions(
        method=settings.text("reconcile.method"),
        device=settings.text("reconcile.device"),
        max_rotation_deg=settings.number("reconcile.max_rotation_deg"),
        mirror=settings.flag("reconcile.mirror"),
        max_memory_mb=int(settings.number("reconcile.max_memory_megabytes")),
    )


def is_guided(settings: Settings, options: ReconcileOptions) -> bool:
    """Return whether the user's settings let the model guide such a search; the paper's method takes no prior."""
    return settings.flag("reconcile.guided") and options.method != "paper"


def predict_options(settings: Settings, model: str | None = None) -> PredictOptions:
    """Return the options of a prediction as the user's settings have them, with another ``model`` if one is named."""
    return PredictOptions(
        model=model or settings.text("model.name"),
        device=settings.text("model.device"),
        weights=settings.text("model.vgg16_weights") or None,
        views=int(settings.text("model.views")),
    )
