"""Masks for the reviewer's hands: opened, compared, and what the slower tools make of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.domain import Box, ImageRef, MaskRef, MaskSource, Pair, Placement, Recipe
from core.errors import UsageProblem, UserFacingError
from core.images import convert, io
from core.jobs import pool
from core.jobs.answers import MaskChange, MaskLayer, MaskProposal, OpenedMask
from core.jobs.context import JobContext
from core.jobs.hands import LoadMaskOf, MatteMask, OpenMask, SetEdge, SnapPath
from core.jobs.services import Services
from core.jobs.specs import TryRecipe
from core.jobs.work import deriving, predictor
from core.jobs.work.deriving import MaskFiles
from core.jobs.work.loading import mask_layer
from core.jobs.work.predicting import loaded
from core.jobs.work.predictor import Look
from core.maths.masks import Mask
from core.maths.matting import foreground_colours, matte, unknown_band
from core.maths.patches import clipped
from core.maths.recipes import change, clean_up
from core.maths.snapping import paint_to_edge, refine_band, snap_path
from core.maths.warp import affine_from_matrix

_ROOM = 24
"""Pixels around a band in which its colours are seen."""
MOST_RADIUS = 400.0
"""Of a band, pixels: no fur is longer."""


def load_mask_of(spec: LoadMaskOf, services: Services, ctx: JobContext) -> MaskLayer | None:
    """Make the mask that stands for a pair (see the spec).

    Raises:
        StorageProblem: a file of the project is missing or damaged.
        FileProblem: one is no PNG that can be decoded.
    """
    made_of = deriving.ingredients(spec.pair)
    if made_of is None:
        return None
    files = deriving.read(services.project(), made_of)
    ctx.check()
    mask = files.mask()
    ctx.check()
    return mask_layer(mask, outline_only=spec.outline_only)


def open_mask(spec: OpenMask, services: Services, ctx: JobContext) -> OpenedMask:
    """Open a mask for editing (see the spec); a pair without one starts from black.

    Raises:
        StorageProblem: a file of the project is missing or damaged.
        FileProblem: one is no PNG that can be decoded.
    """
    recipe = None if spec.pair.recipe is None else MaskSource.RECIPE
    made_of = deriving.ingredients(spec.pair, recipe) or _nothing(spec.pair)
    files = deriving.read(services.project(), made_of)
    ctx.check()
    base = clean_up(files.base(), files.steps)
    ctx.check()
    layer = files.layer()
    ctx.check()
    return OpenedMask(base, layer, convert.mask_levels(layer.over(base)))


def _nothing(pair: Pair) -> deriving.Ingredients:
    return deriving.Ingredients((pair.original.width, pair.original.height), None, None)


def try_recipe(spec: TryRecipe, services: Services, ctx: JobContext) -> MaskChange:
    """Find out what another model would change (see the spec).

    Raises:
        ModelProblem, FileProblem, DeviceProblem: the model cannot be used, or the photo cannot be read.
        StorageProblem: a file of the project is missing or damaged.
    """
    store, pair = services.project(), spec.pair
    loading, _ = loaded(spec.options, store, ctx)
    limits = io.Limits.from_settings(services.settings)
    task = Look(pair.original, loading, limits, portrait=spec.options.portrait)
    (answer,) = pool.compute(predictor.look, [task], ctx.check)
    if isinstance(answer, UserFacingError):
        raise answer
    recipe = replace(pair.recipe or Recipe(None), base=None)
    made_of = deriving.ingredients(replace(pair, recipe=recipe), MaskSource.RECIPE)
    assert made_of is not None
    new = replace(
        deriving.read(store, made_of),
        base_png=answer.map_png,
        threshold=answer.threshold if spec.options.threshold is None else spec.options.threshold,
    )
    old = deriving.read(store, deriving.ingredients(pair) or _nothing(pair))
    ctx.check()
    before, after = old.mask(), new.mask()
    ctx.check()
    return MaskChange(change(before, after), mask_layer(before), mask_layer(after))


@dataclass(frozen=True, slots=True)
class Matting:
    """What a child is asked."""

    original: ImageRef
    files: MaskFiles
    limits: io.Limits
    radius: float
    box: Box | None
    with_colours: bool
    designer: ImageRef | None = None
    placement: Placement | None = None
    painted_png: bytes | None = None
    """What was painted on the designer image: its alpha there is not the portrait's."""


@dataclass(frozen=True, slots=True, eq=False)
class Matted:
    """What a child answers; ``box`` is None where there is no edge."""

    box: Box | None
    mask: NDArray[np.uint8]
    colours: NDArray[np.uint8] | None
    true: bool
    """The designer image's own alpha was used."""


def matte_mask(spec: MatteMask, services: Services, ctx: JobContext) -> MaskProposal:
    """Estimate the alpha of fur (see the spec); the child is killed where the job is cancelled.

    Raises:
        UsageProblem: there is no mask, or it has no edge there.
        StorageProblem, FileProblem: a picture or a mask cannot be read.
    """
    store, pair = services.project(), spec.pair
    if not 0 < spec.radius <= MOST_RADIUS:
        raise UsageProblem(f"A band of {spec.radius:g} pixels makes no sense.", f"Give 1 to {MOST_RADIUS:g} pixels.")
    made_of = deriving.ingredients(pair)
    if made_of is None:
        raise UsageProblem("The pair has no mask yet.", "Reconcile it, predict it, or paint one first.")
    limits = io.Limits.from_settings(services.settings)
    task = Matting(pair.original, deriving.read(store, made_of), limits, spec.radius, spec.box, spec.with_colours)
    if pair.placement is not None and pair.designer is not None:
        painted: MaskRef | None = None if pair.reconciliation is None else pair.reconciliation.painted
        png = None if painted is None else store.mask_png(painted)
        task = replace(task, designer=pair.designer, placement=pair.placement, painted_png=png)
    (answer,) = pool.compute(matted, [task], ctx.check)
    if isinstance(answer, UserFacingError):
        raise answer
    if answer.box is None:
        raise UsageProblem("There is no edge of the mask here.", "Choose a part of the photo where the mask ends.")
    words = "The designer image's own alpha." if answer.true else "Estimated from the colours around the edge."
    return MaskProposal(answer.box, answer.mask, words, answer.colours)


def matted(task: Matting) -> Matted:
    """Do it, in a child.

    Raises:
        FileProblem: a picture or a mask cannot be read.
    """
    mask = task.files.mask()
    height, width = mask.shape
    room = (0, 0, width, height) if task.box is None else clipped(task.box, width, height)
    open_box = None if room is None else _band_box(mask, task.radius, room)
    if room is None or open_box is None:
        return Matted(None, mask[:0, :0], None, False)
    left, top, right, bottom = open_box
    part = np.ascontiguousarray(mask[top:bottom, left:right])
    inside = np.zeros_like(part)
    inside[max(room[1] - top, 0) : room[3] - top, max(room[0] - left, 0) : room[2] - left] = 255
    band = np.minimum(unknown_band(part, task.radius), inside)
    truth = _true_alpha(task, (width, height))
    rgb = None
    if truth is None or task.with_colours:
        rgb = np.ascontiguousarray(io.read_known(task.original, task.limits).rgb[top:bottom, left:right])
    if truth is not None:
        alpha = np.where(band >= 128, truth[top:bottom, left:right], part)
    else:
        assert rgb is not None
        alpha = matte(rgb, part, band)
    colours = foreground_colours(rgb, alpha) if task.with_colours and rgb is not None else None
    return Matted(open_box, alpha, colours, truth is not None)


def _band_box(mask: Mask, radius: float, room: Box) -> Box | None:
    """Return the box around the band within a room, with a margin; None if the mask has no edge there."""
    import cv2

    reach = round(radius) + _ROOM
    wide = clipped((room[0] - reach, room[1] - reach, room[2] + reach, room[3] + reach), mask.shape[1], mask.shape[0])
    assert wide is not None
    part = np.ascontiguousarray(mask[wide[1] : wide[3], wide[0] : wide[2]])
    inside = (part >= 128).astype(np.uint8)
    edge = cv2.morphologyEx(inside, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    x, y, w, h = cv2.boundingRect(np.asarray(edge, np.uint8))
    if not w:
        return None
    x, y = x + wide[0], y + wide[1]
    return clipped((x - reach, y - reach, x + w + reach, y + h + reach), mask.shape[1], mask.shape[0])


def _true_alpha(task: Matting, size: tuple[int, int]) -> Mask | None:
    """Return the designer image's own alpha where the placement puts it; None if it has none that tells anything."""
    from core.reconcile.evidence import warped_alpha
    from core.reconcile.foreground import find_foreground

    if task.designer is None or task.placement is None:
        return None
    designer = io.read_known(task.designer, task.limits)
    if designer.alpha is None or find_foreground(designer).kind != "alpha":
        return None
    alpha = warped_alpha(designer.alpha, affine_from_matrix(task.placement.matrix()), size)
    if task.painted_png is not None:
        alpha = np.minimum(alpha, 255 - io.decode_mask(task.painted_png))
    return alpha


def set_edge(spec: SetEdge, services: Services, ctx: JobContext) -> MaskProposal:
    """Find the edge in a band, or paint up to it (see the spec)."""
    ctx.check()
    if spec.adds is None:
        mask = refine_band(spec.rgb, spec.mask, spec.painted)
    else:
        mask = paint_to_edge(spec.rgb, spec.mask, spec.painted, spec.radius, adds=spec.adds)
    ctx.check()
    height, width = mask.shape
    box = spec.left, spec.top, spec.left + width, spec.top + height
    return MaskProposal(box, mask, "Set where the colours change.")


def snap_to_edge(spec: SnapPath, services: Services, ctx: JobContext) -> NDArray[np.float64]:
    """Lay a path onto edges (see the spec)."""
    ctx.check()
    corner = np.array([spec.left, spec.top], np.float64)
    path = snap_path(spec.rgb, spec.points - corner, spec.reach)
    ctx.check()
    answer: NDArray[np.float64] = path + corner
    return answer
