"""The method of this program: masked correlation over a grid, refinement, calibrated confidence, mask by evidence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from core.device import backend_for
from core.domain import Placement
from core.images.picture import Picture
from core.maths.backend import Backend
from core.maths.features import Feature, band, edges
from core.maths.warp import matrix_from_affine, scale_of
from core.reconcile.confidence import MATCH, SURE, Cues, probability, sentence
from core.reconcile.evidence import find_mask
from core.reconcile.foreground import Foreground, find_foreground
from core.reconcile.keypoints import Agreement, keypoint_hypotheses
from core.reconcile.options import ReconcileOptions
from core.reconcile.placing import nothing, placement_of_files
from core.reconcile.refine import Fit, Frames, PairView
from core.reconcile.result import Result
from core.reconcile.search import Look, Range, difference, search
from core.reconcile.views import DesignerView, grey

QUICK = Look(40.0, band)
THOROUGH = (Look(56.0, band), Look(56.0, edges))
"""The first look at a pair, and the ones that follow where it leaves doubt."""
KEEP = 12
"""Distinct hypotheses of a look that are refined."""
CONTENDERS = 5
"""Of those, how many are refined to the end at the first size; and of these, how many at the second."""
FINALISTS = 3
FIRST, SECOND, LAST = 64.0, 128.0, 512.0
"""Sizes of the foreground (root of its area, pixels) at which placements are refined."""
LOST = 0.7
"""Refinement ends where the correlation falls below this share of the coarser size's: a blurred or painted designer
image has no detail that fine, and steps would follow noise."""
SMALLEST_SIDE = 16
"""Pictures with a shorter side, in pixels, are not compared."""
ELSEWHERE, SAME = 0.5, 0.15
"""Placements this far apart (in portraits) are different; this near they are the same."""
PREFER_EDGES = 0.2
"""Edges refine a placement if they correlate by so much more than the bands: lines, or tones out of order."""


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """A placement measured in both features at the first size."""

    fit: Fit
    band: float
    edges: float
    agreeing: float
    agreeing_edges: float

    @property
    def score(self) -> float:
        """Both correlations together, 0 to 2."""
        return abs(self.band) + max(self.edges, 0.0)


@dataclass(slots=True, eq=False)
class Prepared:
    """A pair on its way: what was handed in, and what is known of it so far."""

    original: Picture
    designer: Picture
    foreground: Foreground
    view: PairView
    scored: list[Scored]
    """Best first."""
    agreements: list[Agreement]

    def cues(self) -> Cues | None:
        """Return what speaks for the best placement; None where there is nothing to compare."""
        if not self.scored:
            return None
        best, view = self.scored[0], self.view.designer
        affine = best.fit.affine
        other = next((one for one in self.scored[1:] if difference(one.fit.affine, affine, view) > ELSEWHERE), None)
        agreeing = [one.inliers for one in self.agreements if difference(one.affine, affine, view) < SAME]
        return Cues(
            best.band,
            best.edges,
            best.agreeing,
            best.agreeing_edges,
            max(best.score - (other.score if other else 0.0), 0.0),
            view.extent * scale_of(affine),
            best.fit.deviation,
            max(agreeing, default=0),
        )


def find(original: Picture, designer: Picture, options: ReconcileOptions, check: Callable[[], None]) -> Result:
    """Reconcile one pair; see ``core.reconcile.pipeline.reconcile``."""
    return find_many([(original, designer)], options, check)[0]


def find_many(
    pictures: Sequence[tuple[Picture, Picture]], options: ReconcileOptions, check: Callable[[], None]
) -> list[Result]:
    """Reconcile pairs (original, designer image) together: on a GPU that is what makes it fast."""
    backend = backend_for(options.device)
    answers: list[Result | None] = [None] * len(pictures)
    pairs: dict[int, Prepared] = {}
    for index, (original, designer) in enumerate(pictures):
        if min(original.width, original.height, designer.width, designer.height) < SMALLEST_SIDE:
            answers[index] = nothing("One of the pictures is too small to be compared.")
        else:
            pairs[index] = prepare(original, designer, backend, check)
    place(list(pairs.values()), options, backend, check)
    placed: dict[int, tuple[Prepared, Cues, float]] = {}
    for index, pair in pairs.items():
        cues = pair.cues()
        if cues is None:
            answers[index] = nothing("There is nothing in the pictures that could be compared.")
            continue
        chance = probability(cues)
        if chance < MATCH:
            answers[index] = nothing(sentence(cues, chance, None), chance)
        else:
            placed[index] = pair, cues, chance
    fits = refine_to_full([pair for pair, _, _ in placed.values()], backend, check)
    for (index, (pair, cues, chance)), fit in zip(placed.items(), fits, strict=True):
        answers[index] = _finished(pair, fit, cues, chance, check)
    return [answer for answer in answers if answer is not None]


def prepare(original: Picture, designer: Picture, backend: Backend, check: Callable[[], None]) -> Prepared:
    """Find a designer image's foreground and make both pictures ready to be compared."""
    foreground = find_foreground(designer, check)
    check()
    view = PairView(backend.planes(grey(original)), DesignerView(designer, foreground, backend))
    check()
    return Prepared(original, designer, foreground, view, [], [])


def place(
    pairs: Sequence[Prepared],
    options: ReconcileOptions,
    backend: Backend,
    check: Callable[[], None],
    sure: float = SURE,
) -> None:
    """Give each pair its placements, best first, measured at the first size.

    A quick look goes first; pairs that it leaves below a probability of ``sure`` get thorough ones, and keypoints.
    """
    _look(pairs, (QUICK,), options, backend, check)
    doubtful = [pair for pair in pairs if (cues := pair.cues()) is None or probability(cues) < sure]
    for pair in doubtful:
        pair.agreements = keypoint_hypotheses(pair.view.original.host, pair.view.designer, options.mirror, check)
    _look(doubtful, THOROUGH, options, backend, check)


def _look(
    pairs: Sequence[Prepared],
    looks: Sequence[Look],
    options: ReconcileOptions,
    backend: Backend,
    check: Callable[[], None],
) -> None:
    if not pairs:
        return
    where = Range.from_options(options)
    views = [pair.view for pair in pairs]
    frames: dict[Feature, Frames] = {feature: Frames(views, backend, FIRST, feature) for feature in (band, edges)}
    found: dict[Feature, list[Fit]] = {band: [], edges: []}
    for index, pair in enumerate(pairs):
        found[band] += [Fit(index, agreement.affine) for agreement in pair.agreements]
        for look in looks:
            hypotheses = search(
                pair.view.original.host,
                pair.view.designer,
                backend,
                where,
                look,
                keep=KEEP,
                max_memory_mb=options.max_memory_mb,
                check=check,
            )
            found[look.feature] += [Fit(index, hypothesis.affine) for hypothesis in hypotheses]
    fits: list[Fit] = []
    for feature, some in found.items():
        near = frames[feature].approach(some, 4, check)
        best = [fit for index in range(len(pairs)) for fit in _strongest(near, index)]
        fits += frames[feature].refine(best, 8, check)
    in_band, in_edges = frames[band].measure(fits), frames[edges].measure(fits)
    for fit, one, other in zip(fits, in_band, in_edges, strict=True):
        pairs[fit.pair].scored.append(Scored(replace(fit, pair=0), one.zncc, other.zncc, one.agreeing, other.agreeing))
    for pair in pairs:
        pair.scored.sort(key=lambda scored: -scored.score)


def _strongest(fits: Sequence[Fit], pair: int) -> list[Fit]:
    return sorted((fit for fit in fits if fit.pair == pair), key=lambda fit: -abs(fit.zncc))[:CONTENDERS]


def refine_to_full(pairs: Sequence[Prepared], backend: Backend, check: Callable[[], None]) -> list[Fit]:
    """Return the best placement of each pair after the second size, refined up to the original's own resolution."""
    answers: list[Fit | None] = [None] * len(pairs)
    for feature in (band, edges):
        mine = [index for index, pair in enumerate(pairs) if _prefers_edges(pair) == (feature is edges)]
        refined = _refined([pairs[index] for index in mine], feature, backend, check)
        for index, fit in zip(mine, refined, strict=True):
            answers[index] = fit
    return [answer for answer in answers if answer is not None]


def _prefers_edges(pair: Prepared) -> bool:
    return pair.scored[0].edges > abs(pair.scored[0].band) + PREFER_EDGES


def _refined(pairs: Sequence[Prepared], feature: Feature, backend: Backend, check: Callable[[], None]) -> list[Fit]:
    if not pairs:
        return []
    views = [pair.view for pair in pairs]
    start = Frames(views, backend, FIRST, feature).measure(
        [replace(scored.fit, pair=i) for i, pair in enumerate(pairs) for scored in pair.scored[:FINALISTS]]
    )
    second = Frames(views, backend, SECOND, feature).refine(start, 8, check)
    best: list[Fit] = []
    for index in range(len(pairs)):
        first = max((fit for fit in start if fit.pair == index), key=lambda fit: abs(fit.zncc))
        now = max((fit for fit in second if fit.pair == index), key=lambda fit: abs(fit.zncc))
        best.append(now if abs(now.zncc) >= LOST * abs(first.zncc) else first)
    extent = SECOND
    active = [index for index, fit in enumerate(best) if _finest(views[index], fit) > extent]
    while active:
        extent = min(2 * extent, LAST)
        check()
        frames = Frames([views[index] for index in active], backend, extent, feature)
        finer = frames.refine([replace(best[index], pair=at) for at, index in enumerate(active)], 6, check)
        left = []
        for index, fit in zip(active, finer, strict=True):
            if abs(fit.zncc) >= LOST * abs(best[index].zncc):
                best[index] = fit
                if _finest(views[index], fit) > extent:
                    left.append(index)
        active = left
    return best


def _finest(view: PairView, fit: Fit) -> float:
    """Return the size of the portrait beyond which one of the pictures has nothing more to tell."""
    return min(LAST, view.designer.extent * scale_of(fit.affine), view.designer.extent)


def _finished(pair: Prepared, fit: Fit, cues: Cues, chance: float, check: Callable[[], None]) -> Result:
    evidence = find_mask(pair.original, pair.designer, pair.foreground, fit.affine, check)
    placement = Placement.from_matrix(matrix_from_affine(fit.affine))
    reason = sentence(cues, chance, evidence.background)
    return Result(
        placement_of_files(pair.original, pair.designer, placement),
        evidence.mask,
        chance,
        reason,
        0.0,
        evidence.footprint,
        evidence.painted,
    )
