"""Reconciles pairs of a project, or files without one; the searching goes on in child processes."""

from __future__ import annotations

import contextlib
import json
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from core.domain import Pair, Reconciliation, Run
from core.edits import Initiator, Origin, SetReconciliation
from core.errors import Cancelled, EditConflict, StorageProblem, UserFacingError
from core.export.names import unique_names
from core.files import write_atomically
from core.images import io
from core.jobs import pool
from core.jobs.answers import BatchReport, RegisterLine
from core.jobs.context import ItemFailed, JobContext
from core.jobs.services import Services
from core.jobs.specs import ReconcilePairs, RegisterFiles, RegisterRow
from core.jobs.work.files import refuse_to_overwrite
from core.jobs.work.searching import Found, Search, search, see_that_it_can_run
from core.store.base import Store
from core.store.changes import ChangeSet

_PAIRS_READ_AT_ONCE = 64


def reconcile_pairs(spec: ReconcilePairs, services: Services, ctx: JobContext) -> BatchReport:
    """Reconcile pairs of the open project, one change set each (see the spec).

    A pair that fails is an ``ItemFailed`` and the rest goes on; pairs that somebody removes meanwhile are passed
    over. The batch is recorded as a run, whichever way it ends.

    Raises:
        UsageProblem, DeviceProblem: nothing can be reconciled with these options.
        StorageProblem: the project cannot be written; the pairs stored before are kept.
    """
    return _Batch(spec, services, ctx).run()


class _Batch:
    """One batch over pairs of a project while it runs."""

    def __init__(self, spec: ReconcilePairs, services: Services, ctx: JobContext) -> None:
        self._spec, self._ctx = spec, ctx
        self._store: Store = services.project()
        self._limits = io.Limits.from_settings(services.settings)
        self._failures: list[ItemFailed] = []
        self._handled = self._done = self._matched = 0
        self._in_hand: deque[Pair] = deque()

    def run(self) -> BatchReport:
        """Do it."""
        started = time.perf_counter()
        options = self._spec.options
        see_that_it_can_run(options, self._ctx.check)
        run = self._store.start_run("reconcile", options.method, json.dumps(asdict(options)), self._spec.who)
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
        asked, seconds = len(self._spec.pair_ids), time.perf_counter() - started
        return BatchReport(asked, self._done, self._matched, tuple(self._failures), cancelled, seconds)

    def _finish(self, run: Run, outcome: str) -> None:
        failures = [f"{failure.item}: {failure.message}" for failure in self._failures]
        self._store.finish_run(run.id, outcome, self._done, failures)

    def _work(self, run: Run) -> None:
        total = len(self._spec.pair_ids)
        self._ctx.progress(0, total)
        with contextlib.closing(pool.compute(search, self._tasks(), self._ctx.check, self._spec.workers)) as answers:
            for answer in answers:
                pair = self._in_hand.popleft()
                try:
                    if isinstance(answer, UserFacingError):
                        raise answer
                    self._keep(pair, answer, run)
                except StorageProblem:
                    raise
                except UserFacingError as error:
                    self._fail(pair, error.message, error.remedy)
                self._handled += 1
                self._ctx.progress(self._handled, total, pair.name)
        self._ctx.progress(total, total)  # the last pairs may have been passed over

    def _tasks(self) -> Iterator[Search]:
        ids = self._spec.pair_ids
        for start in range(0, len(ids), _PAIRS_READ_AT_ONCE):
            asked = ids[start : start + _PAIRS_READ_AT_ONCE]
            pairs = self._store.pairs(asked)
            self._handled += len(asked) - len(pairs)
            for pair in pairs:
                if pair.designer is None:
                    self._handled += 1
                    self._fail(pair, "The photo has no designer image.", "Import its designer image with it.")
                    continue
                self._in_hand.append(pair)
                yield Search(pair.original, pair.designer, self._spec.options, self._limits)

    def _fail(self, pair: Pair, message: str, remedy: str) -> None:
        failure = ItemFailed(pair.name, message, remedy)
        self._failures.append(failure)
        self._ctx.partial(failure)

    def _keep(self, pair: Pair, found: Found, run: Run) -> None:
        mask = None
        if found.mask_png is not None:
            mask = self._store.put_mask(found.mask_png, found.width, found.height)
        after = Reconciliation(
            method=self._spec.options.method,
            placement=found.placement,
            confidence=found.confidence,
            reason=found.reason,
            seconds=found.seconds,
            mask=mask,
            run_id=run.id,
        )
        change = self._apply(pair, after)
        if change is None:
            self._ctx.log(f"{pair.name}: removed while it was reconciled.")
            return
        self._ctx.partial(change)
        self._done += 1
        self._matched += found.placement is not None

    def _apply(self, pair: Pair, after: Reconciliation) -> ChangeSet | None:
        """Store a reconciliation; None if the pair is gone. A pair that changed meanwhile is tried once more."""
        origin = Origin.USER if self._spec.as_user else Origin.JOB
        initiator = Initiator(self._spec.who, origin, label="Reconcile")
        try:
            return self._store.apply([SetReconciliation(pair.id, pair.reconciliation, after)], initiator)
        except EditConflict:
            now = next(iter(self._store.pairs([pair.id])), None)
            if now is None:
                return None
            if (now.original, now.designer) != (pair.original, pair.designer):
                raise
            return self._store.apply([SetReconciliation(pair.id, now.reconciliation, after)], initiator)


def register_files(spec: RegisterFiles, services: Services, ctx: JobContext) -> BatchReport:
    """Reconcile files without a project: one ``RegisterLine`` each, in input order (see the spec).

    Raises:
        UsageProblem, DeviceProblem: nothing can be reconciled with these options, or a mask would be written over
            one of the pictures.
        FileProblem: a mask cannot be written; those written before are whole.
    """
    started = time.perf_counter()
    limits = io.Limits.from_settings(services.settings)
    masks = _mask_files(spec)
    pictures = (path for row in spec.rows for path in (row.original, row.designer))
    refuse_to_overwrite(pictures, (path for path in masks if path is not None), ctx.check)
    see_that_it_can_run(spec.options, ctx.check)
    tasks = (Search(Path(row.original), Path(row.designer), spec.options, limits, two_valued=True) for row in spec.rows)
    done = matched = 0
    failures: list[ItemFailed] = []
    cancelled = False
    total = len(spec.rows)
    ctx.progress(0, total)
    try:
        with contextlib.closing(pool.compute(search, tasks, ctx.check, spec.workers)) as answers:
            for number, (row, mask, answer) in enumerate(zip(spec.rows, masks, answers, strict=False), start=1):
                if isinstance(answer, UserFacingError):
                    failures.append(ItemFailed.from_error(row.pair, answer))
                    ctx.partial(RegisterLine(row.pair, error=str(answer)))
                else:
                    if mask is not None and answer.mask_png is not None:
                        write_atomically(mask, answer.mask_png)
                    done, matched = done + 1, matched + (answer.placement is not None)
                    ctx.partial(_line(row, answer))
                ctx.progress(number, total, row.pair)
    except Cancelled:
        cancelled = True
    return BatchReport(total, done, matched, tuple(failures), cancelled, time.perf_counter() - started)


def _mask_files(spec: RegisterFiles) -> list[Path | None]:
    """Where each row's mask goes; None: nowhere."""
    names = unique_names(row.pair for row in spec.rows)
    folder = Path(spec.masks_dir) if spec.masks_dir is not None else None
    return [
        Path(row.mask_file) if row.mask_file is not None else folder / f"{name}.png" if folder is not None else None
        for row, name in zip(spec.rows, names, strict=True)
    ]


def _line(row: RegisterRow, found: Found) -> RegisterLine:
    placement = found.placement
    if placement is None:
        return RegisterLine(row.pair, confidence=found.confidence, reason=found.reason, seconds=found.seconds)
    return RegisterLine(
        row.pair,
        matrix=placement.matrix(),
        mirrored=placement.mirrored,
        rotation_deg=placement.rotation_deg,
        scale=placement.scale,
        confidence=found.confidence,
        reason=found.reason,
        seconds=found.seconds,
    )
