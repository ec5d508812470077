"""What can be asked for: every job as a frozen, picklable value. How it is done stands in ``work``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.domain import Decision, ImageRef, MaskRef, Placement
from core.reconcile.options import ReconcileOptions
from core.reconcile.prior import PlacementPrior, Prior
from core.settings import Settings


@dataclass(frozen=True, slots=True)
class ImportPairs:
    """Bring the pairs of two folders into the open project. Partial: ``ChangeSet``. Answer: ``ImportReport``."""

    originals: str
    designers: str
    pairs_csv: str | None = None
    who: str = ""
    title: ClassVar[str] = "Import"
    lane: ClassVar[str] = "store"


@dataclass(frozen=True, slots=True)
class ReconcilePairs:
    """Reconcile pairs of the open project. Partial: ``ChangeSet``, ``ItemFailed``. Answer: ``BatchReport``."""

    pair_ids: tuple[int, ...]
    options: ReconcileOptions
    who: str = ""
    workers: int = 1
    as_user: bool = False
    """True for a single pair that the user asked for by hand: that change is a step of undo."""
    priors: tuple[tuple[int, Prior], ...] = ()
    """What is known before the search, by the pair's id; pairs without one are searched for everywhere."""
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
class OpenProject:
    """Open the project in a folder, or make one there. Answer: ``Store`` (the asker closes it)."""

    folder: str
    who: str
    create: bool = False
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


Spec = OpenProject | MakeDemo | ImportPairs | ReconcilePairs | RegisterFiles | ExportPairs | LoadPicture | LoadMask


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
