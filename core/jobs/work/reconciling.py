"""Reconciles pairs of a project, or files without one; the searching goes on in child processes."""

from __future__ import annotations

import contextlib
import json
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from core.domain import MaskRef, Pair, Reconciliation, Run
from core.edits import Initiator, Origin, SetReconciliation
from core.errors import Cancelled, EditConflict, StorageProblem, UsageProblem, UserFacingError
from core.export.names import unique_names
from core.files import write_atomically
from core.images import io
from core.jobs.answers import BatchReport, RegisterLine
from core.jobs.context import ItemFailed, JobContext
from core.jobs.pairing import absolute
from core.jobs.priors import record_of
from core.jobs.services import Services
from core.jobs.specs import ReconcilePairs, RegisterFiles, RegisterRow
from core.jobs.work.files import refuse_to_overwrite
from core.jobs.work.searching import Found, Search, search_all, see_that_it_can_run
from core.reconcile.options import ReconcileOptions
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
        self._priors = dict(spec.priors)

    def run(self) -> BatchReport:
        """Do it."""
        started = time.perf_counter()
        options = self._spec.options
        self._device = see_that_it_can_run(options, self._ctx.check, with_prior=bool(self._priors))
        run = self._store.start_run("reconcile", options.method, self._record(), self._spec.who)
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

    def _record(self) -> str:
        """Return what was asked for as JSON, with the priors where there are any."""
        record: dict[str, object] = asdict(self._spec.options)
        if self._priors:
            record["priors"] = {str(pair_id): record_of(prior) for pair_id, prior in self._priors.items()}
        return json.dumps(record)

    def _finish(self, run: Run, outcome: str) -> None:
        failures = [f"{failure.item}: {failure.message}" for failure in self._failures]
        self._store.finish_run(run.id, outcome, self._done, failures)

    def _work(self, run: Run) -> None:
        total = len(self._spec.pair_ids)
        self._ctx.progress(0, total)
        found = search_all(self._tasks(), self._device, self._ctx.check, self._spec.workers)
        with contextlib.closing(found) as answers:
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
                prior = self._priors.get(pair.id)
                yield Search(pair.original, pair.designer, self._spec.options, self._limits, prior=prior)

    def _fail(self, pair: Pair, message: str, remedy: str) -> None:
        failure = ItemFailed(pair.name, message, remedy)
        self._failures.append(failure)
        self._ctx.partial(failure)

    def _keep(self, pair: Pair, found: Found, run: Run) -> None:
        def kept(png: bytes | None) -> MaskRef | None:
            return None if png is None else self._store.put_mask(png, found.width, found.height)

        after = Reconciliation(
            method=self._spec.options.method,
            placement=found.placement,
            confidence=found.confidence,
            reason=found.reason,
            seconds=found.seconds,
            mask=kept(found.mask_png),
            run_id=run.id,
            footprint=kept(found.footprint_png),
            painted=kept(found.painted_png),
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
        label = "Reconcile near its placement" if pair.id in self._priors else "Reconcile"
        initiator = Initiator(self._spec.who, origin, label=label)
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
            one of the files given, or over another mask.
        FileProblem: a mask cannot be written; those written before are whole.
    """
    started = time.perf_counter()
    limits = io.Limits.from_settings(services.settings)
    outputs = _outputs(spec)
    _see_that_nothing_is_lost(spec, outputs, ctx.check)
    with_prior = any(row.prior_file is not None for row in spec.rows)
    device = see_that_it_can_run(spec.options, ctx.check, with_prior=with_prior)
    done = matched = 0
    failures: list[ItemFailed] = []
    cancelled = False
    total = len(spec.rows)
    ctx.progress(0, total)
    try:
        tasks = (_task(row, spec.options, limits) for row in spec.rows)
        with contextlib.closing(search_all(tasks, device, ctx.check, spec.workers)) as answers:
            for number, (row, output, answer) in enumerate(zip(spec.rows, outputs, answers, strict=False), start=1):
                if isinstance(answer, UserFacingError):
                    failures.append(ItemFailed.from_error(row.pair, answer))
                    ctx.partial(RegisterLine(row.pair, error=str(answer)))
                else:
                    _write(row, output, answer, ctx)
                    done, matched = done + 1, matched + (answer.placement is not None)
                    ctx.partial(_line(row, answer))
                ctx.progress(number, total, row.pair)
    except Cancelled:
        cancelled = True
    return BatchReport(total, done, matched, tuple(failures), cancelled, time.perf_counter() - started)


def _task(row: RegisterRow, options: ReconcileOptions, limits: io.Limits) -> Search:
    prior = None if row.prior_file is None else Path(row.prior_file)
    return Search(Path(row.original), Path(row.designer), options, limits, two_valued=True, prior=prior)


@dataclass(frozen=True, slots=True)
class _Outputs:
    """Where the masks of one row go; None: nowhere."""

    mask: Path | None
    footprint: Path | None
    painted: Path | None

    def files(self) -> list[Path]:
        """Those that are asked for."""
        return [path for path in (self.mask, self.footprint, self.painted) if path is not None]


def _outputs(spec: RegisterFiles) -> list[_Outputs]:
    """Where each row's masks go."""
    names = unique_names(row.pair for row in spec.rows)
    folder = _path(spec.masks_dir)
    return [
        _Outputs(
            _path(row.mask_file) or (folder / f"{name}.png" if folder is not None else None),
            _path(row.footprint_file),
            _path(row.painted_file),
        )
        for row, name in zip(spec.rows, names, strict=True)
    ]


def _path(name: str | None) -> Path | None:
    return None if name is None else Path(name)


def _see_that_nothing_is_lost(spec: RegisterFiles, outputs: list[_Outputs], check: Callable[[], None]) -> None:
    files = [path for output in outputs for path in output.files()]
    twice = [path for path, count in Counter(map(absolute, files)).items() if count > 1]
    if twice:
        raise UsageProblem(f"Two results would be written to {twice[0]}.", "Give each a name of its own.")
    given = (name for row in spec.rows for name in (row.original, row.designer, row.prior_file) if name is not None)
    refuse_to_overwrite(given, files, check)


def _write(row: RegisterRow, output: _Outputs, found: Found, ctx: JobContext) -> None:
    """Write a row's masks; where nothing was painted on, that file is black, so that no older one is taken for it."""
    painted = found.painted_png
    if output.painted is not None and painted is None and found.footprint_png is not None:
        painted = io.encode_mask(np.zeros((found.height, found.width), np.uint8))
    for what, path, png in (
        ("mask", output.mask, found.mask_png),
        ("footprint", output.footprint, found.footprint_png),
        ("account of what was painted on", output.painted, painted),
    ):
        if path is not None and png is not None:
            write_atomically(path, png)
        elif path is not None and found.placement is not None:
            ctx.log(f"{row.pair}: this method gives no {what}, so {path} was not written.")


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
