"""One batch over pairs of the open project: what a run's record, its failures and its progress have in common."""

from __future__ import annotations

import contextlib
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Generator, Iterator
from typing import Generic, TypeVar

from core.domain import Pair, Run
from core.edits import Edit, Initiator
from core.errors import Cancelled, EditConflict, StorageProblem, UserFacingError
from core.jobs.answers import BatchReport
from core.jobs.context import ItemFailed, JobContext, Notes
from core.store.base import Store
from core.store.changes import ChangeSet

_PAIRS_READ_AT_ONCE = 64

Answer = TypeVar("Answer")


class PairBatch(ABC, Generic[Answer]):
    """A batch while it runs: pairs go out in order, answers come back in order, each is stored at once.

    A pair that fails is an ``ItemFailed`` and the rest goes on; pairs that somebody removes meanwhile, or works on so
    that the answer must not be stored any more, are passed over. The batch is recorded as a run, whichever way it ends.
    """

    doing = "worked on"
    """What the log calls it."""

    def __init__(self, pair_ids: tuple[int, ...], store: Store, ctx: JobContext) -> None:
        self._pair_ids, self._store, self._ctx = pair_ids, store, ctx
        self._failures: list[ItemFailed] = []
        self._handled = self._done = self._matched = 0
        self._in_hand: deque[Pair] = deque()
        self.say = Notes(ctx.log)

    @abstractmethod
    def answers(self) -> Generator[Answer | UserFacingError, None, None]:
        """Compute, taking the pairs from :meth:`pairs` and putting those in hand that get an answer."""

    @abstractmethod
    def edit(self, pair: Pair, answer: Answer, run: Run) -> Edit:
        """Return what an answer makes of a pair as it is now."""

    @abstractmethod
    def initiator(self, pair: Pair) -> Initiator:
        """Return who makes the change."""

    @abstractmethod
    def is_match(self, answer: Answer) -> bool:
        """Return whether something was found."""

    def run(self, kind: str, method: str, record: str, who: str) -> BatchReport:
        """Do it.

        Raises:
            StorageProblem: the project cannot be written; the pairs stored before are kept.
        """
        started = time.perf_counter()
        run = self._store.start_run(kind, method, record, who)
        cancelled = False
        try:
            self._work(run)
        except Cancelled:
            cancelled = True
        except BaseException:
            with contextlib.suppress(
                StorageProblem
            ):  # a full disk refuses this too: the first error is the one to show
                self._finish(run, "failed")
            raise
        self._finish(run, "cancelled" if cancelled else "done")
        seconds = time.perf_counter() - started
        failures, asked = tuple(self._failures), len(self._pair_ids)
        return BatchReport(asked, self._done, self._matched, failures, cancelled, seconds, self.say.told)

    def pairs(self) -> Iterator[Pair]:
        """Return the pairs to work on that are still there."""
        for start in range(0, len(self._pair_ids), _PAIRS_READ_AT_ONCE):
            asked = self._pair_ids[start : start + _PAIRS_READ_AT_ONCE]
            pairs = self._store.pairs(asked)
            self._handled += len(asked) - len(pairs)
            yield from pairs

    def take(self, pair: Pair) -> None:
        """Note that the next answer is this pair's."""
        self._in_hand.append(pair)

    def pass_over(self) -> None:
        """Note that a pair needs no work."""
        self._handled += 1

    def fail(self, pair: Pair, message: str, remedy: str) -> None:
        """Note and tell why a pair cannot be done."""
        failure = ItemFailed(pair.name, message, remedy, pair.id)
        self._failures.append(failure)
        self._ctx.partial(failure)

    def _finish(self, run: Run, outcome: str) -> None:
        failures = [f"{failure.item}: {failure.message}" for failure in self._failures]
        self._store.finish_run(run.id, outcome, self._done, failures)

    def _work(self, run: Run) -> None:
        total = len(self._pair_ids)
        self._ctx.progress(0, total)
        with contextlib.closing(self.answers()) as answers:
            for answer in answers:
                pair = self._in_hand.popleft()
                try:
                    if isinstance(answer, UserFacingError):
                        raise answer
                    self._keep(pair, answer, run)
                except StorageProblem:
                    raise
                except UserFacingError as error:
                    self.fail(pair, error.message, error.remedy)
                self._handled += 1
                self._ctx.progress(self._handled, total, pair.name)
        self._ctx.progress(total, total)  # the last pairs may have been passed over

    def _keep(self, pair: Pair, answer: Answer, run: Run) -> None:
        change = self._apply(pair, answer, run)
        if change is not None:
            self._ctx.partial(change)
            self._done += 1
            self._matched += self.is_match(answer)

    def _stays(self, pair: Pair) -> bool:
        """Return whether a pair, as it is now, is to be left as it is."""
        return False

    def _apply(self, pair: Pair, answer: Answer, run: Run, *, again: bool = True) -> ChangeSet | None:
        """Store an answer to the pair as it is now; None if it is passed over.

        Minutes may lie between the reading of a pair and its answer. What changes in between these lines is a conflict,
        and is tried once more.
        """
        now = next(iter(self._store.pairs([pair.id])), None)
        if now is None:
            self._ctx.log(f"{pair.name}: removed while it was {self.doing}.")
            return None
        if self._stays(now):
            self._ctx.log(f"{pair.name}: left as it is, as somebody has worked on it meanwhile.")
            return None
        try:
            return self._store.apply([self.edit(now, answer, run)], self.initiator(now))
        except EditConflict:
            if not again:
                raise
        return self._apply(pair, answer, run, again=False)
