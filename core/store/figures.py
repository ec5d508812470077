"""A project's statistics, worked out from plain facts: the same formulas for every store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from core.domain import Decision, MaskSource, RejectReason, Statistics
from core.edits import Origin
from core.store.changes import ChangeKind

_JUDGED = (Decision.ACCEPTED, Decision.CORRECTED, Decision.REJECTED)
"""Decisions that say whether a reconciliation was right; skipping or asking for a second review says nothing."""


@dataclass(frozen=True, slots=True)
class PairFact:
    """What the statistics need of a pair."""

    id: int
    decision: Decision
    reason: RejectReason | None
    confidence: float | None
    matched: bool
    by_hand: bool
    """A person placed it: its confidence is nobody's guess."""
    predicted: bool
    source: MaskSource | None
    """Which machine's mask the decision is about, whatever a person painted on it."""
    alone: bool


@dataclass(frozen=True, slots=True)
class DecisionFact:
    """An edit of the journal that made a decision (an added pair may bring one along)."""

    revision: int
    kind: ChangeKind
    target: int | None
    who: str
    origin: Origin
    seconds: float | None
    pair_id: int
    decision: Decision
    added: bool


def statistics_of(pairs: Iterable[PairFact], decisions: Iterable[DecisionFact]) -> Statistics:
    """Sum up a project; ``decisions`` come in the journal's order.

    Time is counted where people made decisions (undo and redo take none): the median over those gestures, and the
    number of different pairs decided divided by the sum of their time.
    """
    made = list(decisions)
    deciders = _deciders(made)
    by_decision = dict.fromkeys(Decision, 0)
    reasons = dict.fromkeys(RejectReason, 0)
    reviewers: Counter[str] = Counter()
    judged: Counter[int] = Counter()
    accepted: Counter[int] = Counter()
    total = reconciled = matched = by_hand = predicted = alone = 0
    for pair in pairs:
        total += 1
        reconciled += pair.confidence is not None
        matched += pair.matched
        by_hand += pair.by_hand
        predicted += pair.predicted
        alone += pair.alone
        by_decision[pair.decision] += 1
        if pair.decision is Decision.REJECTED and pair.reason is not None:
            reasons[pair.reason] += 1
        if pair.decision is not Decision.UNDECIDED and pair.id in deciders:
            reviewers[deciders[pair.id]] += 1
        guessed = pair.confidence if pair.source is not MaskSource.PREDICTION and not pair.by_hand else None
        if pair.decision in _JUDGED and guessed is not None:
            band = min(int(guessed * 10), 9)
            judged[band] += 1
            accepted[band] += pair.decision is Decision.ACCEPTED
    timed = [fact for fact in made if _is_timed(fact)]
    seconds = {fact.revision: fact.seconds or 0.0 for fact in timed}
    spent = sum(seconds.values())
    return Statistics(
        pairs=total,
        reconciled=reconciled,
        matched=matched,
        by_hand=by_hand,
        predicted=predicted,
        decisions=by_decision,
        reject_reasons=reasons,
        reviewers=dict(sorted(reviewers.items())),
        median_decision_seconds=median(seconds.values()) if seconds else None,
        pairs_per_hour=3600 * len({fact.pair_id for fact in timed}) / spent if spent > 0 else None,
        agreement={f"{b / 10:.1f}-{(b + 1) / 10:.1f}": accepted[b] / judged[b] for b in sorted(judged)},
        alone=alone,
    )


def _is_timed(fact: DecisionFact) -> bool:
    return (
        fact.kind is ChangeKind.DO
        and fact.origin is Origin.USER
        and fact.seconds is not None
        and not fact.added
        and fact.decision is not Decision.UNDECIDED
    )


def _deciders(decisions: Iterable[DecisionFact]) -> dict[int, str]:
    """Return who made the decision that stands for each pair.

    Whoever takes back a decision has not made the one that then stands again: an undo gives it back to its maker.
    """
    now: dict[int, str] = {}
    before: dict[tuple[int, int], str | None] = {}
    after: dict[tuple[int, int], str] = {}
    for fact in decisions:
        step = (fact.target or 0, fact.pair_id)
        maker: str | None = fact.who
        if fact.added:
            maker = now.get(fact.pair_id, fact.who)
        elif fact.kind is ChangeKind.UNDO:
            maker = before.get(step)
        elif fact.kind is ChangeKind.REDO:
            maker = after.get(step, fact.who)
        else:
            before.setdefault((fact.revision, fact.pair_id), now.get(fact.pair_id))
            after[fact.revision, fact.pair_id] = fact.who
        if maker is None:
            now.pop(fact.pair_id, None)
        else:
            now[fact.pair_id] = maker
    return now
