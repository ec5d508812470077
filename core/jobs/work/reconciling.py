"""Reconciles pairs of a project, or files without one; the searching goes on in child processes."""

from __future__ import annotations

import contextlib
import json
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from core.domain import ImageRef, MaskRef, Pair, Reconciliation, Run
from core.edits import Initiator, Origin, SetReconciliation
from core.errors import Cancelled, UsageProblem, UserFacingError
from core.export.names import unique_names
from core.files import write_atomically
from core.images import io
from core.jobs.answers import BatchReport, RegisterLine
from core.jobs.context import ItemFailed, JobContext
from core.jobs.pairing import absolute
from core.jobs.priors import record_of
from core.jobs.services import Services
from core.jobs.settled import is_placed
from core.jobs.specs import ReconcilePairs, RegisterFiles, RegisterRow
from core.jobs.work import guiding
from core.jobs.work.batches import PairBatch
from core.jobs.work.files import refuse_to_overwrite, remove_ours
from core.jobs.work.predicting import project_folder
from core.jobs.work.predictor import Loading
from core.jobs.work.searching import Found, Search, search_all, see_that_it_can_run
from core.reconcile.options import ReconcileOptions

STAYS = "What people have placed by hand, accepted, corrected or edited stays as it is."


def reconcile_pairs(spec: ReconcilePairs, services: Services, ctx: JobContext) -> BatchReport:
    """Reconcile pairs of the open project, one change set each (see the spec).

    What becomes of pairs that fail or are removed meanwhile, and of the run's record, says ``PairBatch``.

    Raises:
        UsageProblem, DeviceProblem: nothing can be reconciled with these options.
        StorageProblem: the project cannot be written; the pairs stored before are kept.
    """
    batch = _Batch(spec, services, ctx)
    return batch.run("reconcile", spec.options.method, batch.record(), spec.who)


class _Batch(PairBatch[Found]):
    """One batch over pairs of a project while it runs."""

    doing = "reconciled"

    def __init__(self, spec: ReconcilePairs, services: Services, ctx: JobContext) -> None:
        super().__init__(spec.pair_ids, services.project(), ctx)
        self._spec = spec
        self._limits = io.Limits.from_settings(services.settings)
        self._priors = dict(spec.priors)
        self._read: dict[int, tuple[ImageRef, Reconciliation | None]] = {}
        """Designer image and reconciliation of each pair when it was read."""
        with_prior = bool(self._priors) or spec.guided
        self._device = see_that_it_can_run(spec.options, ctx.check, with_prior=with_prior)
        self._guide: Loading | None = None
        self._version, self._noted = "", set[str]()
        if spec.guided:
            self._guide, self._version = guiding.find_guide(project_folder(self._store), self._device, ctx)

    def record(self) -> str:
        """Return what was asked for as JSON, with the priors where there are any."""
        record: dict[str, object] = asdict(self._spec.options)
        if self._priors:
            record["priors"] = {str(pair_id): record_of(prior) for pair_id, prior in self._priors.items()}
        if self._spec.guided:
            record["guided"] = True
            record["model"] = self._version or None
        return json.dumps(record)

    def answers(self) -> Generator[Found | UserFacingError, None, None]:
        """Search in child processes."""
        return search_all(self._tasks(), self._device, self._ctx.check, self._spec.workers)

    def _tasks(self) -> Iterator[Search]:
        for pair in self.pairs():
            if not self._spec.as_user and is_placed(pair):
                self.pass_over()
                self.say(STAYS)
                continue
            if pair.designer is None:
                self.pass_over()
                self.fail(pair, "The photo has no designer image.", "Import its designer image with it.")
                continue
            prior, guide = self._priors.get(pair.id), None
            if self._spec.guided:
                known = guiding.predicted(pair, self._store, self._ctx)
                guide = self._guide if pair.prediction is None else None
                prior = prior if known is None else guiding.joined(prior, known)
            self._read[pair.id] = pair.designer, pair.reconciliation
            self.take(pair)
            yield Search(pair.original, pair.designer, self._spec.options, self._limits, prior=prior, guide=guide)

    def _stays(self, pair: Pair) -> bool:
        """Nothing is stored that was found with another designer image, nor, by a batch, over what people did."""
        designer, found = self._read[pair.id]
        changed = pair.reconciliation != found or is_placed(pair)
        return pair.designer != designer or (not self._spec.as_user and changed)

    def is_match(self, answer: Found) -> bool:
        """Return whether there is a placement."""
        return answer.placement is not None

    def initiator(self, pair: Pair) -> Initiator:
        """Return who makes the change, and what it is called."""
        origin = Origin.USER if self._spec.as_user else Origin.JOB
        label = "Reconcile near its placement" if pair.id in self._priors else "Reconcile"
        return Initiator(self._spec.who, origin, label=label)

    def edit(self, pair: Pair, answer: Found, run: Run) -> SetReconciliation:
        """Store the masks, and return the reconciliation that refers to them.

        Raises:
            UsageProblem: somebody asked to search near a placement, and nothing fits there: theirs is kept.
        """
        if answer.note and answer.note not in self._noted:  # it would be the same for every pair
            self._noted.add(answer.note)
            self._ctx.log(answer.note)
        if self._spec.as_user and pair.id in self._priors and answer.placement is None and pair.placement is not None:
            raise UsageProblem(
                f"{answer.reason} The placement stays as it was.",
                "Bring the designer image closer to its place, or search everywhere.",
            )

        def kept(png: bytes | None) -> MaskRef | None:
            return None if png is None else self._store.put_mask(png, answer.width, answer.height)

        after = Reconciliation(
            method=self._spec.options.method,
            placement=answer.placement,
            confidence=answer.confidence,
            reason=answer.reason,
            seconds=answer.seconds,
            mask=kept(answer.mask_png),
            run_id=run.id,
            footprint=kept(answer.footprint_png),
            painted=kept(answer.painted_png),
        )
        return SetReconciliation(pair.id, pair.reconciliation, after)


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
    device = see_that_it_can_run(spec.options, ctx.check, with_prior=with_prior or spec.guided)
    guide = guiding.find_guide(None, device, ctx)[0] if spec.guided else None
    noted: set[str] = set()
    done = matched = 0
    failures: list[ItemFailed] = []
    cancelled = False
    total = len(spec.rows)
    ctx.progress(0, total)
    try:
        tasks = (_task(row, spec.options, limits, guide) for row in spec.rows)
        with contextlib.closing(search_all(tasks, device, ctx.check, spec.workers)) as answers:
            for number, (row, output, answer) in enumerate(zip(spec.rows, outputs, answers, strict=False), start=1):
                if isinstance(answer, UserFacingError):
                    for path in output.files():
                        remove_ours(path)
                    failures.append(ItemFailed.from_error(row.pair, answer))
                    ctx.partial(RegisterLine(row.pair, error=str(answer)))
                else:
                    _write(row, output, answer, ctx)
                    if answer.note and answer.note not in noted:
                        noted.add(answer.note)
                        ctx.log(answer.note)
                    done, matched = done + 1, matched + (answer.placement is not None)
                    ctx.partial(_line(row, answer))
                ctx.progress(number, total, row.pair)
    except Cancelled:
        cancelled = True
    return BatchReport(total, done, matched, tuple(failures), cancelled, time.perf_counter() - started)


def _task(row: RegisterRow, options: ReconcileOptions, limits: io.Limits, guide: Loading | None) -> Search:
    prior = None if row.prior_file is None else Path(row.prior_file)
    return Search(Path(row.original), Path(row.designer), options, limits, two_valued=True, prior=prior, guide=guide)


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
    if spec.masks_dir is None:
        for path in files:
            if path.suffix.lower() != ".png":
                raise UsageProblem(f"{path.name} is no name for a mask: masks are PNG files.", "Let it end in .png.")
    twice = [path for path, count in Counter(map(absolute, files)).items() if count > 1]
    if twice:
        raise UsageProblem(f"Two results would be written to {twice[0]}.", "Give each a name of its own.")
    given = (name for row in spec.rows for name in (row.original, row.designer, row.prior_file) if name is not None)
    refuse_to_overwrite(given, files, check)


def _write(row: RegisterRow, output: _Outputs, found: Found, ctx: JobContext) -> None:
    """Write a row's masks, so that none of an earlier run is taken for one of them.

    Where nothing was painted on, that file is black; where there is no match, there are no files.
    """
    painted = found.painted_png
    if output.painted is not None and painted is None and found.footprint_png is not None:
        painted = io.encode_mask(np.zeros((found.height, found.width), np.uint8))
    for what, path, png in (
        ("mask", output.mask, found.mask_png),
        ("footprint", output.footprint, found.footprint_png),
        ("account of what was painted on", output.painted, painted),
    ):
        if path is None:
            continue
        if png is not None:
            write_atomically(path, png)
        elif found.placement is not None:
            ctx.log(f"{row.pair}: this method gives no {what}, so {path} was not written.")
        else:
            remove_ours(path)


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
