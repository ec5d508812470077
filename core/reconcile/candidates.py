"""Candidate placements of pairs: looked for, refined at a small size, and weighed against each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from core.images.picture import Picture
from core.maths.backend import Backend
from core.maths.features import Feature, band, edges
from core.maths.warp import scale_of
from core.reconcile.confidence import CHANCE, CONCLUSIVE, MATCH, SURE, Cues, probability
from core.reconcile.foreground import Foreground, find_foreground, separate
from core.reconcile.keypoints import Agreement, keypoint_hypotheses
from core.reconcile.narrowing import Region, around, regions
from core.reconcile.options import ReconcileOptions
from core.reconcile.prior import MapPrior, Prior
from core.reconcile.refine import Fit, Frames, PairView
from core.reconcile.ruled_out import left_out
from core.reconcile.search import Look, difference, search
from core.reconcile.views import DesignerView, grey

LOOKS = (
    Look(32.0, band, turn=11.0, growth=1.18),
    Look(56.0, band, 0.07),
    Look(40.0, edges, turn=8.6, growth=1.15),
)
"""A quick look at a pair, and the ones that follow where it and keypoints leave doubt."""
LIKELY = 0.5
"""A placement that keypoints leave at least this probable is right, or no other look finds a better one: what is
missing to be sure of it (painted over, drawn) is missing for all of them."""
CLOSER, NARROWER = 0.35, 1.35
"""Where a quick look's answer is looked at again: so far around it (in portraits), and in so many times its size."""
KEEP = 12
"""Distinct hypotheses of a look that are refined …"""
CONTENDERS = 5
"""… and how many of those to the end."""
FIRST = 64.0
"""Size of the foreground (root of its area, pixels) at which candidates are refined and weighed."""
APPROACHES, STEPS, BENDS = 4, 8, 4
"""Gauss-Newton steps on the wide band, then on the feature that found a candidate, and at last of an affine."""
HOPELESS = 0.7
"""Candidates whose correlations stay below this share of the best one's are not refined further."""
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
    likely: NDArray[np.float32] | None = None
    """The map that was given, if one was."""
    parts: list[Prepared] = field(default_factory=list)
    """The same pair with each large part of the foreground alone, where there are several."""
    siblings: list[Prepared] = field(default_factory=list)
    """Of such a part: all of them."""
    scored: list[Scored] = field(default_factory=list)
    """Best first."""
    agreements: list[Agreement] = field(default_factory=list)
    looks: int = 0
    """How many of ``LOOKS`` it has had."""
    left_out: list[Scored] = field(default_factory=list)
    """What fits where the best candidate lies, turned or mirrored in a way that was not to be looked for."""

    def add(self, scored: Scored) -> None:
        """Add a candidate, unless the prior forbids it."""
        near = [region.near for region in self.regions if region.near is not None]
        if not near or any(one.allows(scored.fit.affine, self.view.designer) for one in near):
            self.scored.append(scored)

    def keypoints(self, scored: Scored) -> int:
        """Return how many keypoints agree with a candidate."""
        here = [one.inliers for one in self.agreements if self._is_at(scored, one)]
        return max(here, default=0)

    def finalists(self, count: int) -> list[Scored]:
        """Return the best candidates, but for hopeless ones, and those elsewhere where keypoints prove a place."""
        proof = self._proof()
        some = [one for one in self.scored if proof is None or self._is_at(one, proof)] or self.scored[:1]
        return [one for one in some if one.score >= HOPELESS * some[0].score][:count]

    def sort(self) -> None:
        """Bring the best candidate to the front: what keypoints prove, however much is painted over, then by score."""
        proof = self._proof()
        self.scored.sort(key=lambda one: (proof is not None and self._is_at(one, proof), one.score), reverse=True)

    def _proof(self) -> Agreement | None:
        """Return what so many keypoints agree on that it is no chance; None if that leaves another mirror state open.

        A face is nearly its own mirror image: some keypoints agree with that, too.
        """
        by_number = sorted(self.agreements, key=lambda one: -one.inliers)
        if not by_number or by_number[0].inliers < CONCLUSIVE:
            return None
        rivals = by_number[1:2]
        return None if any(2 * one.inliers > by_number[0].inliers for one in rivals) else by_number[0]

    def _is_at(self, scored: Scored, agreement: Agreement) -> bool:
        return difference(agreement.affine, scored.fit.affine, self.view.designer) < SAME

    def cues(self) -> Cues | None:
        """Return what speaks for the best placement; None where there is nothing to compare."""
        if not self.scored:
            return None
        best, view = self.scored[0], self.view.designer
        affine = best.fit.affine
        other = next((one for one in self.scored[1:] if difference(one.fit.affine, affine, view) > ELSEWHERE), None)
        # Where a prior leaves no other place, one found by chance stands in for it.
        rival = max(other.score if other else 0.0, CHANCE)
        return Cues(
            best.band,
            best.edges,
            best.agreeing,
            best.agreeing_edges,
            best.score - rival,
            view.extent * scale_of(affine),
            best.fit.deviation,
            best.stretch,
            self.keypoints(best),
            any(one.score > best.score and difference(one.fit.affine, affine, view) > SAME for one in self.left_out),
        )

    def is_sure(self, sure: float) -> bool:
        """Return whether the best placement, or that of another part, is at least that probable."""
        return any(_chance(one) >= sure for one in self.siblings or [self])


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
        if not isinstance(prior, MapPrior):
            return Prepared(original, designer, one, view, where, [], None if prior is None else prior.likely)
        fallback = regions(None, original, designer, view, options)
        return Prepared(original, designer, one, view, where, fallback, prior.probability)

    pair = with_foreground(foreground)
    pair.parts = [with_foreground(part) for part in separate(foreground)]
    for part in pair.parts:
        part.siblings = pair.parts
    return pair


def find_candidates(
    pairs: Sequence[Prepared],
    options: ReconcileOptions,
    backend: Backend,
    check: Callable[[], None],
    *,
    sure: float = SURE,
    likely: float = LIKELY,
) -> list[Prepared]:
    """Give each pair its candidates, best first, and return it, or the part of it that was found instead.

    A quick look goes first; pairs that it leaves below a probability of ``sure`` are given keypoints, and then, below
    ``likely``, thorough looks one after the other. Where that leaves doubt, too, each part of the foreground is tried
    alone.
    """
    _look_closer(pairs, options, backend, check, (sure, likely))
    parts = [part for pair in pairs if not pair.is_sure(sure) for part in pair.parts]
    _look_closer(parts, options, backend, check, (sure, likely))
    chosen = [max((pair, *pair.parts), key=_chance) if pair.parts else pair for pair in pairs]
    for pair in chosen:
        if _chance(pair) >= MATCH and pair.regions and pair.regions[0].near is None:
            fits = left_out(pair.scored[0].fit, pair.view, pair.regions[0].where, backend, check)
            pair.left_out = _weighed(fits, _frames([pair.view], backend)) if fits else []
    return chosen


def _chance(pair: Prepared) -> float:
    cues = pair.cues()
    return -1.0 if cues is None else probability(cues)


def look_again(
    pairs: Sequence[Prepared], options: ReconcileOptions, backend: Backend, check: Callable[[], None]
) -> None:
    """Look closely around the answer of pairs that a quick look was sure of, whatever they think of themselves."""
    hasty = [pair for pair in pairs if pair.looks == 1]
    _look(hasty, LOOKS[1], options, backend, check, where=[_around(pair) for pair in hasty])
    for pair in hasty:
        pair.looks = 2


def _around(pair: Prepared) -> list[Region]:
    view, affine = pair.view, pair.scored[0].fit.affine
    found = around(affine, CLOSER, NARROWER, view.original.host, view.designer)
    mirrored = bool(np.linalg.det(affine[:2, :2]) < 0)
    turns = pair.regions[0].where
    where = replace(found.where, mirrored=(mirrored,), most_deg=turns.most_deg, middle_deg=turns.middle_deg)
    return [] if found.is_outside else [replace(found, where=where)]


def _look_closer(
    pairs: Sequence[Prepared],
    options: ReconcileOptions,
    backend: Backend,
    check: Callable[[], None],
    enough: tuple[float, float],
) -> None:
    sure, likely = enough
    for number, look in enumerate(LOOKS):
        doubtful = [pair for pair in pairs if pair.looks <= number and not pair.is_sure(likely if number else sure)]
        _look(doubtful, look, options, backend, check, where=[pair.regions for pair in doubtful])
        misled = [pair for pair in doubtful if pair.fallback and not pair.is_sure(sure)]
        for pair in misled:
            pair.regions, pair.fallback = pair.fallback, []
        _look(misled, look, options, backend, check, where=[pair.regions for pair in misled])
        for pair in doubtful:
            pair.looks = number + 1
            if number == 0 and not pair.is_sure(sure):
                _ask_keypoints(pair, options, backend, check)


def _look(
    pairs: Sequence[Prepared],
    look: Look,
    options: ReconcileOptions,
    backend: Backend,
    check: Callable[[], None],
    *,
    where: Sequence[Sequence[Region]],
) -> None:
    fits: list[Fit] = []
    for index, pair in enumerate(pairs):
        for region in where[index]:
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
    _refine([pair], [Fit(0, agreement.affine) for agreement in pair.agreements], band, backend, check, as_found=True)


def _refine(
    pairs: Sequence[Prepared],
    fits: Sequence[Fit],
    feature: Feature,
    backend: Backend,
    check: Callable[[], None],
    *,
    as_found: bool = False,
) -> None:
    """Refine hypotheses at the first size, measure the best of each pair in both features, and add them to it.

    ``as_found``: they are exact enough to start from as they are, too: under a costume the wide band leads away.
    """
    if not fits:
        return
    views = [pair.view for pair in pairs]
    frames = _frames(views, backend)
    near = frames[feature].approach(fits, APPROACHES, check)
    if as_found:
        near += frames[feature].measure(fits)
    best = [fit for index in range(len(pairs)) for fit in _strongest(near, index)]
    best = frames[feature].refine(best, STEPS, check)
    found = _weighed(best, frames)
    leaders = [max((one for one in found if one.fit.pair == i), key=_score) for i in {fit.pair for fit in best}]
    stretches = frames[feature].stretches([one.fit for one in leaders], BENDS, check)
    measured = {id(one): replace(one, stretch=value) for one, value in zip(leaders, stretches, strict=True)}
    for one in found:
        scored = measured.get(id(one), one)
        pairs[one.fit.pair].add(replace(scored, fit=replace(scored.fit, pair=0)))
    for pair in pairs:
        pair.sort()


def _frames(views: Sequence[PairView], backend: Backend) -> dict[Feature, Frames]:
    return {feature: Frames(views, backend, FIRST, feature) for feature in (band, edges)}


def _weighed(fits: Sequence[Fit], frames: dict[Feature, Frames]) -> list[Scored]:
    """Return placements measured in both features."""
    in_band, in_edges = frames[band].measure(fits), frames[edges].measure(fits)
    return [
        Scored(fit, one.zncc, other.zncc, one.agreeing, other.agreeing)
        for fit, one, other in zip(fits, in_band, in_edges, strict=True)
    ]


def _score(scored: Scored) -> float:
    return scored.score


def _strongest(fits: Sequence[Fit], pair: int) -> list[Fit]:
    return sorted((fit for fit in fits if fit.pair == pair), key=lambda fit: -abs(fit.zncc))[:CONTENDERS]
