"""The method of this program: masked correlation over a grid, refinement, calibrated confidence, mask by evidence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace

from core.device import backend_for
from core.domain import Placement
from core.errors import DeviceProblem, UserFacingError
from core.maths.backend import Backend
from core.maths.features import Feature, band, edges
from core.maths.warp import matrix_from_affine, scale_of
from core.reconcile.candidates import FIRST, Asked, Prepared, find_candidates, look_again, prepare
from core.reconcile.confidence import MATCH, probability, sentence
from core.reconcile.evidence import find_mask
from core.reconcile.foreground import is_transparent
from core.reconcile.options import ReconcileOptions
from core.reconcile.placing import TRANSPARENT, nothing, placement_of_files
from core.reconcile.refine import Fit, Frames, PairView
from core.reconcile.result import Result

FINALISTS = 3
"""Candidates that are refined at the second size."""
SECOND, LAST = 128.0, 512.0
"""Sizes of the foreground (root of its area, pixels) from which on, and up to which, placements are refined."""
LOST = 0.7
"""Refinement ends where the correlation falls below this share of the coarser size's: a blurred or painted designer
image has no detail that fine, and steps would follow noise."""
SMALLEST_SIDE = 16
"""Pictures with a shorter side, in pixels, are not compared."""
PREFER_EDGES = 0.2
"""Edges refine a placement if they correlate by so much more than the bands: lines, or tones out of order."""
LESS_MEMORY_MB, LEAST_MEMORY_MB = 16, 1
"""Where memory ran out, a search is tried with the former at most, as its chunks are hardly larger than that whatever
the memory (see ``Backend.at_once``), then with ever less; with the latter no chunks are smaller."""
FRAME_BYTES = 200
"""What refinement holds for each pixel of a pair's frame: some fifty planes."""


def find_many(
    asked: Sequence[Asked], options: ReconcileOptions, check: Callable[[], None], threads: int = 1
) -> list[Result | UserFacingError]:
    """Reconcile pairs together; see ``core.reconcile.pipeline.reconcile_many``.

    ``threads`` prepare pictures and make masks, which stays on the CPU. Where memory runs out, the pairs are taken in
    smaller groups, and then with smaller chunks of the search. A pair with a bad prior gets the error as its answer.

    Raises:
        Cancelled: ``check`` did.
        DeviceProblem: the device is missing, or the smallest chunk does not fit into its memory.
    """
    backend = backend_for(options.device)
    try:
        return _found(asked, options, backend, check, threads)
    except backend.out_of_memory:
        backend.release()
    if len(asked) > 1:
        half = len(asked) // 2
        return [answer for part in (asked[:half], asked[half:]) for answer in find_many(part, options, check, threads)]
    if options.max_memory_mb <= LEAST_MEMORY_MB:
        raise DeviceProblem("There is not enough memory for the search.", "Use the device cpu, or smaller pictures.")
    less = max(min(options.max_memory_mb // 4, LESS_MEMORY_MB), LEAST_MEMORY_MB)
    return find_many(asked, replace(options, max_memory_mb=less), check)


def _found(
    asked: Sequence[Asked], options: ReconcileOptions, backend: Backend, check: Callable[[], None], threads: int
) -> list[Result | UserFacingError]:
    def prepared(one: Asked) -> Prepared | Result | UserFacingError:
        if min(side for picture in one[:2] for side in (picture.width, picture.height)) < SMALLEST_SIDE:
            return nothing("One of the pictures is too small to be compared.")
        if is_transparent(one[1]):
            return nothing(TRANSPARENT)
        try:
            return prepare(one, options, backend, check)
        except UserFacingError as error:
            return error

    def finished(one: tuple[Prepared, Placed]) -> Result:
        return _finished(*one, check)

    def placed(some: dict[int, Prepared]) -> dict[int, Placed]:
        chosen = {index: pair for index, pair in some.items() if pair.is_sure(MATCH)}
        fits = refine_to_full(list(chosen.values()), options.max_memory_mb, backend, check)
        return dict(zip(chosen, fits, strict=True))

    with ThreadPoolExecutor(threads) if threads > 1 else nullcontext() as pool:
        each = map if pool is None else pool.map
        answers = dict(enumerate(each(prepared, asked)))
        pairs = {index: answer for index, answer in answers.items() if isinstance(answer, Prepared)}
        pairs = dict(zip(pairs, find_candidates(list(pairs.values()), options, backend, check), strict=True))
        fits = placed(pairs)
        # A near miss looks right until the finest detail is compared: a quick look's answer is then not enough.
        again = {index: pairs[index] for index, fit in fits.items() if fit.fine_differs and pairs[index].looks == 1}
        look_again(list(again.values()), options, backend, check)
        fits |= placed(again)
        answers |= {index: _no_match(pairs[index]) for index in pairs if index not in fits}
        results = each(finished, [(pairs[index], fit) for index, fit in fits.items()])
        answers |= dict(zip(fits, results, strict=True))
    return [answer for answer in answers.values() if not isinstance(answer, Prepared)]


def _no_match(pair: Prepared) -> Result:
    cues, near = pair.cues(), any(region.near is not None for region in pair.regions)
    if cues is not None:
        chance = probability(cues)
        return nothing(sentence(cues, chance, None, near=near), chance)
    if near:
        return nothing("Nothing fits near the place that was given.")
    return nothing("There is nothing in the pictures that could be compared.")


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """The best placement of a pair, refined to the end."""

    fit: Fit
    stretch: float
    """See ``Result.stretch``."""
    fine_differs: bool
    """Refinement ended early: the finest detail does not agree."""


def refine_to_full(
    pairs: Sequence[Prepared], max_memory_mb: int, backend: Backend, check: Callable[[], None]
) -> list[Placed]:
    """Return the best placement of each pair after the second size, refined up to the original's own resolution.

    Pairs are taken together as far as the memory (megabytes) goes.
    """
    answers: dict[int, Placed] = {}
    together = max(int(max_memory_mb * 1e6 / (FRAME_BYTES * (1.5 * LAST) ** 2)), 1)
    for feature in (band, edges):
        mine = [index for index, pair in enumerate(pairs) if _prefers_edges(pair) == (feature is edges)]
        for start in range(0, len(mine), together):
            part = mine[start : start + together]
            refined = _refined([pairs[index] for index in part], feature, backend, check)
            answers |= dict(zip(part, refined, strict=True))
    return [answers[index] for index in range(len(pairs))]


def _prefers_edges(pair: Prepared) -> bool:
    return pair.scored[0].edges > abs(pair.scored[0].band) + PREFER_EDGES


def _refined(pairs: Sequence[Prepared], feature: Feature, backend: Backend, check: Callable[[], None]) -> list[Placed]:
    views = [pair.view for pair in pairs]
    start = Frames(views, backend, FIRST, feature).measure(
        [replace(scored.fit, pair=i) for i, pair in enumerate(pairs) for scored in pair.finalists(FINALISTS)]
    )
    frames = Frames(views, backend, SECOND, feature)
    second = frames.refine(start, 8, check)
    best = [_better(start, second, index) for index in range(len(pairs))]
    stretches = frames.stretches(best, 4, check)
    lost = [fit in start for fit in best]
    extent = SECOND
    active = [index for index, fit in enumerate(best) if not lost[index] and _finest(views[index], fit) > extent]
    while active:
        extent = min(2 * extent, LAST)
        check()
        frames = Frames([views[index] for index in active], backend, extent, feature)
        finer = frames.refine([replace(best[index], pair=at) for at, index in enumerate(active)], 6, check)
        for index, fit in zip(active, finer, strict=True):
            lost[index] = abs(fit.zncc) < LOST * abs(best[index].zncc)
            if not lost[index]:
                best[index] = fit
        active = [index for index in active if not lost[index] and _finest(views[index], best[index]) > extent]
    return [Placed(*one) for one in zip(best, stretches, lost, strict=True)]


def _better(start: Sequence[Fit], second: Sequence[Fit], pair: int) -> Fit:
    """Return a pair's best placement of the second size, or of the first, where detail is lost between them."""
    one, other = (
        max((fit for fit in fits if fit.pair == pair), key=lambda fit: abs(fit.zncc)) for fits in (start, second)
    )
    return other if abs(other.zncc) >= LOST * abs(one.zncc) else one


def _finest(view: PairView, fit: Fit) -> float:
    """Return the size of the portrait beyond which one of the pictures has nothing more to tell."""
    return min(LAST, view.designer.extent * scale_of(fit.affine), view.designer.extent)


def _finished(pair: Prepared, placed: Placed, check: Callable[[], None]) -> Result:
    cues = pair.cues()
    assert cues is not None  # it was placed
    chance, affine = probability(cues), placed.fit.affine
    evidence = find_mask(pair.original, pair.designer, pair.foreground, affine, check, likely=pair.likely)
    placement = Placement.from_matrix(matrix_from_affine(affine))
    reason = sentence(cues, chance, evidence.background, stretch=placed.stretch, fine_differs=placed.fine_differs)
    return Result(
        placement_of_files(pair.original, pair.designer, placement),
        evidence.mask,
        chance,
        reason,
        0.0,
        evidence.footprint,
        evidence.painted,
        placed.stretch,
    )
