"""Candidate placements of pairs: looked for, refined at a small size, and weighed against each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from core.images.picture import Picture
from core.maths.backend import Backend
from core.maths.features import Feature, band, edges
from core.maths.warp import scale_of
from core.reconcile.confidence import CHANCE, SURE, Cues, probability
from core.reconcile.foreground import Foreground, find_foreground, separate
from core.reconcile.keypoints import Agreement, keypoint_hypotheses
from core.reconcile.narrowing import Region, regions
from core.reconcile.options import ReconcileOptions
from core.reconcile.prior import MapPrior, Prior
from core.reconcile.refine import Fit, Frames, PairView
from core.reconcile.search import Look, difference, search
from core.reconcile.views import DesignerView, grey

LOOKS = (Look(40.0, band), Look(56.0, band, 0.07), Look(56.0, edges))
"""A quick look at a pair, and the ones that follow where it leaves doubt."""
KEEP = 12
"""Distinct hypotheses of a look that are refined …"""
CONTENDERS = 5
"""… and how many of those to the end."""
FIRST = 64.0
"""Size of the foreground (root of its area, pixels) at which candidates are refined and weighed."""
APPROACHES, STEPS, BENDS = 4, 8, 4
"""Gauss-Newton steps on the wide band, then on the feature that found a candidate, and at last of an affine."""
ELSEWHERE, SAME = 0.5, 0.15
"""Placements this far apart (in portraits) are different; this near they are the same."""

Asked = tuple[Picture, Picture, Prior | None]
"""Original, designer image, and what is known before."""


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """A placement measured in both features at the first size."""

    fit: Fit
    band: float
    edges: float
    agreeing: float
    agreeing_edges: float
    stretch: float = 0.0
    """See ``Frames.stretches``; measured for the best of each look."""

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
    regions: list[Region]
    fallback: list[Region]
    """Where to look if that leaves doubt: a map's region is a hint, not a bound."""
    parts: list[Prepared] = field(default_factory=list)
    """The same pair with each large part of the foreground alone, where there are several."""
    scored: list[Scored] = field(default_factory=list)
    """Best first."""
    agreements: list[Agreement] = field(default_factory=list)
    looks: int = 0
    """How many of ``LOOKS`` it has had."""

    def add(self, scored: Scored) -> None:
        """Add a candidate, unless the prior forbids it."""
        near = [region.near for region in self.regions if region.near is not None]
        if not near or any(one.allows(scored.fit.affine, self.view.designer) for one in near):
            self.scored.append(scored)

    def cues(self) -> Cues | None:
        """Return what speaks for the best placement; None where there is nothing to compare."""
        if not self.scored:
            return None
        best, view = self.scored[0], self.view.designer
        affine = best.fit.affine
        other = next((one for one in self.scored[1:] if difference(one.fit.affine, affine, view) > ELSEWHERE), None)
        # Where a prior leaves no other place, one found by chance stands in for it.
        rival = max(other.score if other else 0.0, CHANCE)
        agreeing = [one.inliers for one in self.agreements if difference(one.affine, affine, view) < SAME]
        return Cues(
            best.band,
            best.edges,
            best.agreeing,
            best.agreeing_edges,
            max(best.score - rival, 0.0),
            view.extent * scale_of(affine),
            best.fit.deviation,
            best.stretch,
            max(agreeing, default=0),
        )

    def is_sure(self, sure: float) -> bool:
        """Return whether the best placement is at least that probable."""
        return _chance(self) >= sure


def prepare(asked: Asked, options: ReconcileOptions, backend: Backend, check: Callable[[], None]) -> Prepared:
    """Find a designer image's foreground and make both pictures ready to be compared.

    Raises:
        UsageProblem: the prior is none for these pictures.
    """
    original, designer, prior = asked
    foreground = find_foreground(designer, check)
    check()
    planes = backend.planes(grey(original))

    def with_foreground(one: Foreground) -> Prepared:
        view = PairView(planes, DesignerView(designer, one, backend))
        check()
        where = regions(prior, original, designer, view, options)
        fallback = regions(None, original, designer, view, options) if isinstance(prior, MapPrior) else []
        return Prepared(original, designer, one, view, where, fallback)

    pair = with_foreground(foreground)
    pair.parts = [with_foreground(part) for part in separate(foreground)]
    return pair


def find_candidates(
    pairs: Sequence[Prepared],
    options: ReconcileOptions,
    backend: Backend,
    check: Callable[[], None],
    *,
    sure: float = SURE,
) -> list[Prepared]:
    """Give each pair its candidates, best first, and return it, or the part of it that was found instead.

    A quick look goes first; pairs that it leaves below a probability of ``sure`` get thorough ones one after the
    other, and at last keypoints. Where that leaves doubt, too, each part of the foreground is tried alone.
    """
    _look_closer(pairs, options, backend, check, sure)
    parts = [part for pair in pairs if not pair.is_sure(sure) for part in pair.parts]
    _look_closer(parts, options, backend, check, sure)
    return [max((pair, *pair.parts), key=_chance) if pair.parts else pair for pair in pairs]


def _chance(pair: Prepared) -> float:
    cues = pair.cues()
    return -1.0 if cues is None else probability(cues)


def look_again(
    pairs: Sequence[Prepared], options: ReconcileOptions, backend: Backend, check: Callable[[], None]
) -> None:
    """Give pairs that a quick look was sure of the next look, whatever they think of themselves."""
    hasty = [pair for pair in pairs if pair.looks == 1]
    _look(hasty, LOOKS[1], options, backend, check)
    for pair in hasty:
        pair.looks = 2


def _look_closer(
    pairs: Sequence[Prepared], options: ReconcileOptions, backend: Backend, check: Callable[[], None], sure: float
) -> None:
    for number, look in enumerate(LOOKS):
        doubtful = [pair for pair in pairs if pair.looks <= number and not pair.is_sure(sure)]
        _look(doubtful, look, options, backend, check)
        for pair in doubtful:
            pair.looks = number + 1
            pair.regions, pair.fallback = pair.fallback or pair.regions, []
    for pair in pairs:
        if not pair.is_sure(sure) and not pair.agreements:
            _ask_keypoints(pair, options, backend, check)


def _look(
    pairs: Sequence[Prepared], look: Look, options: ReconcileOptions, backend: Backend, check: Callable[[], None]
) -> None:
    fits: list[Fit] = []
    for index, pair in enumerate(pairs):
        for region in pair.regions:
            hypotheses = search(
                region.part,
                pair.view.designer,
                backend,
                region.where,
                look,
                keep=KEEP,
                max_memory_mb=options.max_memory_mb,
                check=check,
            )
            fits += [Fit(index, region.in_original(hypothesis.affine)) for hypothesis in hypotheses]
    _refine(pairs, fits, look.feature, backend, check)


def _ask_keypoints(pair: Prepared, options: ReconcileOptions, backend: Backend, check: Callable[[], None]) -> None:
    pair.agreements = keypoint_hypotheses(pair.view.original.host, pair.view.designer, options.mirror, check)
    _refine([pair], [Fit(0, agreement.affine) for agreement in pair.agreements], band, backend, check)


def _refine(
    pairs: Sequence[Prepared], fits: Sequence[Fit], feature: Feature, backend: Backend, check: Callable[[], None]
) -> None:
    """Refine hypotheses at the first size, measure the best of each pair in both features, and add them to it."""
    if not fits:
        return
    views = [pair.view for pair in pairs]
    frames: dict[Feature, Frames] = {one: Frames(views, backend, FIRST, one) for one in (band, edges)}
    near = frames[feature].approach(fits, APPROACHES, check)
    best = [fit for index in range(len(pairs)) for fit in _strongest(near, index)]
    best = frames[feature].refine(best, STEPS, check)
    in_band, in_edges = frames[band].measure(best), frames[edges].measure(best)
    found = [
        Scored(fit, one.zncc, other.zncc, one.agreeing, other.agreeing)
        for fit, one, other in zip(best, in_band, in_edges, strict=True)
    ]
    leaders = [max((one for one in found if one.fit.pair == i), key=_score) for i in {fit.pair for fit in best}]
    stretches = frames[feature].stretches([one.fit for one in leaders], BENDS, check)
    measured = {id(one): replace(one, stretch=value) for one, value in zip(leaders, stretches, strict=True)}
    for one in found:
        scored = measured.get(id(one), one)
        pairs[one.fit.pair].add(replace(scored, fit=replace(scored.fit, pair=0)))
    for pair in pairs:
        pair.scored.sort(key=_score, reverse=True)


def _score(scored: Scored) -> float:
    return scored.score


def _strongest(fits: Sequence[Fit], pair: int) -> list[Fit]:
    return sorted((fit for fit in fits if fit.pair == pair), key=lambda fit: -abs(fit.zncc))[:CONTENDERS]
