"""Writes masks or cut-outs of decided pairs into a folder; decoding and packing go on in a child process."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.domain import Decision, ImageRef, Pair, PairOrder, PairQuery
from core.errors import Cancelled, UsageProblem, UserFacingError
from core.export.exporters import EXPORTERS
from core.export.names import unique_names
from core.files import write_atomically
from core.images import io
from core.jobs import pool
from core.jobs.answers import ExportReport
from core.jobs.context import ItemFailed, JobContext
from core.jobs.services import Services
from core.jobs.specs import ExportPairs
from core.jobs.work import deriving
from core.jobs.work.deriving import Ingredients, MaskFiles
from core.jobs.work.files import refuse_to_overwrite
from core.store.base import Store

_PAIRS_READ_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Packing:
    """What a child is asked: one pair in one format."""

    format: str
    original: ImageRef
    mask: MaskFiles
    limits: io.Limits


def pack(task: Packing) -> bytes:
    """Return one exported file's bytes.

    Raises:
        FileProblem: the original cannot be read or has changed, or the mask is damaged.
    """
    return EXPORTERS[task.format].encode(task.mask.mask(), lambda: io.read_known(task.original, task.limits))


def export_pairs(spec: ExportPairs, services: Services, ctx: JobContext) -> ExportReport:
    """Export the pairs with the asked decisions (see the spec): the mask that stands for each.

    Each pair keeps its file name from one export to the next, so a second export into the same folder replaces the
    files of the first, pair by pair; a picture of the project is never written over.

    Raises:
        UsageProblem: there is no such format, or the folder is the home of pictures that would be written over.
        FileProblem: the folder cannot be written, or the disk is full; the files written before are whole.
        StorageProblem: the project cannot be read.
    """
    if spec.format not in EXPORTERS:
        raise UsageProblem(f"There is no format called {spec.format!r}.", f"Use {' or '.join(EXPORTERS)}.")
    return _Export(spec, services, ctx).run()


class _Export:
    """One export while it runs."""

    def __init__(self, spec: ExportPairs, services: Services, ctx: JobContext) -> None:
        self._spec, self._ctx = spec, ctx
        self._store: Store = services.project()
        self._limits = io.Limits.from_settings(services.settings)
        self._failures: list[ItemFailed] = []
        self._written = self._skipped = 0
        self._in_hand: deque[Pair] = deque()

    def run(self) -> ExportReport:
        """Do it."""
        ctx = self._ctx
        try:
            wanted, files = self._plan()
            total = len(wanted)
            ctx.progress(0, total)
            with contextlib.closing(pool.compute(pack, self._tasks(wanted), ctx.check)) as answers:
                for answer in answers:
                    pair = self._in_hand.popleft()
                    if isinstance(answer, UserFacingError):
                        self._fail(pair.name, answer)
                    else:
                        write_atomically(files[pair.id], answer)
                        self._written += 1
                    ctx.progress(self._written + self._skipped + len(self._failures), total, pair.name)
            ctx.progress(total, total)
        except Cancelled:
            return self._report(cancelled=True)
        return self._report(cancelled=False)

    def _report(self, cancelled: bool) -> ExportReport:
        return ExportReport(self._written, self._skipped, tuple(self._failures), cancelled)

    def _plan(self) -> tuple[list[int], dict[int, Path]]:
        """Return the ids to export in order of name, and the file for every pair of the project.

        Names are given out over all pairs, oldest first: then a name depends neither on which pairs are accepted
        today nor on pairs that come later, and no pair ever takes over the file of another.
        """
        folder, suffix = Path(self._spec.out_dir), EXPORTERS[self._spec.format].suffix
        rows = self._store.summaries(sorted(self._store.pair_ids(PairQuery())))
        names = unique_names(row.name for row in rows)
        files = {row.id: folder / f"{name}{suffix}" for row, name in zip(rows, names, strict=True)}
        wanted = self._store.pair_ids(PairQuery(self._asked(), order=PairOrder.NAME))
        pictures = (ref.path for row in rows for ref in (row.original, row.designer) if ref is not None)
        refuse_to_overwrite(pictures, (files[pair_id] for pair_id in wanted if pair_id in files), self._ctx.check)
        return [pair_id for pair_id in wanted if pair_id in files], files

    def _asked(self) -> frozenset[Decision]:
        return self._spec.decisions or frozenset(Decision)

    def _tasks(self, wanted: list[int]) -> Iterator[Packing]:
        for start in range(0, len(wanted), _PAIRS_READ_AT_ONCE):
            for pair in self._store.pairs(wanted[start : start + _PAIRS_READ_AT_ONCE]):
                if pair.review.decision not in self._asked():  # decided anew since the export began
                    continue
                made_of = deriving.ingredients(pair)
                if made_of is None:
                    self._skipped += 1
                    continue
                files = self._read(pair, made_of)
                if files is not None:
                    self._in_hand.append(pair)
                    yield Packing(self._spec.format, pair.original, files, self._limits)

    def _read(self, pair: Pair, made_of: Ingredients) -> MaskFiles | None:
        try:
            deriving.see_that_it_is_new(pair)
            return deriving.read(self._store, made_of)
        except UserFacingError as error:  # one damaged mask: the other pairs go on
            self._fail(pair.name, error)
            return None

    def _fail(self, item: str, error: UserFacingError) -> None:
        failure = ItemFailed.from_error(item, error)
        self._failures.append(failure)
        self._ctx.partial(failure)
