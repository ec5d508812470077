"""Derives the masks of a placement that a person has moved."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.domain import ImageRef, MaskRef, MaskSource, Pair, Placement, Reconciliation
from core.edits import Initiator, Origin, SetReconciliation
from core.errors import EditConflict, UsageProblem, UserFacingError
from core.images import io
from core.jobs import pool
from core.jobs.answers import Rederived
from core.jobs.context import JobContext
from core.jobs.hands import DeriveMask, FitColours
from core.jobs.services import Services
from core.jobs.work import guiding
from core.jobs.work.predicting import project_folder
from core.jobs.work.predictor import Loading
from core.maths.recolouring import ColourTable, fit_table
from core.maths.warp import affine_from_matrix
from core.reconcile.prior import MapPrior
from core.store.base import Store


@dataclass(frozen=True, slots=True)
class Placed:
    """What a child is asked: the masks of a placement."""

    original: ImageRef
    designer: ImageRef
    placement: Placement
    limits: io.Limits
    known: MapPrior | None = None
    """The map of the photo's prediction …"""
    guide: Loading | None = None
    """… or the model to ask for one."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a child answers."""

    mask_png: bytes
    footprint_png: bytes
    painted_png: bytes | None


def derive(task: Placed) -> Seen:
    """Find out which pixels belong to the portrait, in a child.

    Raises:
        FileProblem: a picture cannot be read, or has changed.
    """
    from core.reconcile.evidence import find_mask
    from core.reconcile.foreground import find_foreground

    original, designer = (io.read_known(ref, task.limits) for ref in (task.original, task.designer))
    affine = affine_from_matrix(task.placement.matrix())
    known = guiding.ask(task.guide, original).prior if task.known is None and task.guide is not None else task.known
    likely = None if known is None else known.probability
    found = find_mask(original, designer, find_foreground(designer), affine, lambda: None, likely=likely)
    painted = None if found.painted is None else io.encode_mask(found.painted)
    return Seen(io.encode_mask(found.mask), io.encode_mask(found.footprint), painted)


def derive_mask(spec: DeriveMask, services: Services, ctx: JobContext) -> Rederived:
    """Derive the masks of a pair anew (see the spec).

    Raises:
        UsageProblem: the pair is gone, or has no placement.
        FileProblem: a picture cannot be read, or has changed.
        StorageProblem: the project cannot be written.
    """
    store = services.project()
    pair = _pair(store, spec.pair_id)
    found = pair.reconciliation
    if found is None or found.placement is None or pair.designer is None:
        raise UsageProblem("There is no placement to derive a mask from.", "Place the designer image first.")
    if _is_painted(pair) and not spec.even_if_painted:
        return Rederived(None, True)
    limits = io.Limits.from_settings(services.settings)
    known = guide = None
    if services.settings.flag("reconcile.guided"):
        known = guiding.predicted(pair, store, ctx)
        guide = guiding.find_guide(project_folder(store), "cpu", ctx)[0] if pair.prediction is None else None
    task = Placed(pair.original, pair.designer, found.placement, limits, known, guide)
    (answer,) = pool.compute(derive, [task], ctx.check)
    if isinstance(answer, UserFacingError):
        raise answer
    ctx.check()
    # From here on nothing is cancelled: files may be kept that nobody refers to, which does no harm.
    size = pair.original.width, pair.original.height
    new = _with_masks(store, found, answer, size)
    now = _pair(store, spec.pair_id)
    if now.reconciliation != found:  # moved on meanwhile: whoever moved it derives its mask
        return Rederived(None, False)
    if _is_painted(now) and not spec.even_if_painted:  # painted on meanwhile
        return Rederived(None, True)
    try:
        done = store.apply(
            [SetReconciliation(pair.id, found, new)], Initiator(spec.who, Origin.JOB, label="Derive the mask")
        )
    except EditConflict:
        return Rederived(None, False)
    ctx.partial(done)
    return Rederived(done, False)


def _is_painted(pair: Pair) -> bool:
    return pair.recipe is not None and pair.recipe.base is MaskSource.RECONCILIATION and bool(pair.recipe.strokes)


def _pair(store: Store, pair_id: int) -> Pair:
    pairs = store.pairs([pair_id])
    if not pairs:
        raise UsageProblem("The pair is no longer in the project.", "Go on with another pair.")
    return pairs[0]


def _with_masks(store: Store, found: Reconciliation, seen: Seen, size: tuple[int, int]) -> Reconciliation:
    def kept(png: bytes | None) -> MaskRef | None:
        return None if png is None else store.put_mask(png, *size)

    return replace(
        found,
        mask=kept(seen.mask_png),
        footprint=kept(seen.footprint_png),
        painted=kept(seen.painted_png),
        mask_placement=None,
    )


def fit_colours(spec: FitColours, services: Services, ctx: JobContext) -> ColourTable:
    """Find what the recolouring made of the original's colours (see the spec)."""
    ctx.check()
    return fit_table(spec.original, spec.designer, spec.weight)
