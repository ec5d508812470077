"""Brings pairs of files into a project: finds what belongs together, checks each file, adds what is new."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.domain import ImageRef, Pair, PairOrder, PairQuery
from core.edits import AddPair, Initiator, Origin
from core.errors import Cancelled, FileProblem
from core.images import io
from core.images.source import shown
from core.jobs.answers import ImportReport
from core.jobs.context import ItemFailed, JobContext
from core.jobs.pairing import FilePair, list_files, match_by_stem, read_pairs_csv
from core.jobs.services import Services
from core.jobs.specs import ImportPairs
from core.jobs.work.files import examine
from core.store.base import Store

_PAIRS_AT_ONCE = 100


def import_pairs(spec: ImportPairs, services: Services, ctx: JobContext) -> ImportReport:
    """Import pairs (see the spec); each file that stays out is named in the report, with a sentence.

    A pair stays out if a file of it cannot be read, or if its name or one of its files is taken by another pair.
    Importing the same files again adds nothing. A cancelled import keeps the whole batches added so far.

    Raises:
        FileProblem: a folder or the pairs file cannot be read.
        StorageProblem: the project cannot be written; the batches added before are kept.
    """
    return _Import(spec, services, ctx).run()


@dataclass(frozen=True, slots=True)
class _Plan:
    """What the folders and the table say, before any picture is opened."""

    pairs: tuple[FilePair, ...]
    unmatched: tuple[str, ...]
    problems: tuple[ItemFailed, ...]
    ambiguous: tuple[str, ...]


class _Import:
    """One import while it runs."""

    def __init__(self, spec: ImportPairs, services: Services, ctx: JobContext) -> None:
        self._spec, self._ctx = spec, ctx
        self._store = services.project()
        self._limits = io.Limits.from_settings(services.settings)
        self._initiator = Initiator(spec.who, Origin.JOB, label="Import")
        self._added = self._already_there = 0
        self._unreadable: list[ItemFailed] = []
        self._duplicates: list[str] = []
        self._waiting: list[AddPair] = []
        self._unmatched: tuple[str, ...] = ()

    def run(self) -> ImportReport:
        """Do it."""
        try:
            plan = _plan(self._spec, self._ctx.check)
            self._unmatched = plan.unmatched
            self._unreadable += plan.problems
            self._duplicates += plan.ambiguous
            taken = _Taken(self._store)
            for done, files in enumerate(plan.pairs):
                self._ctx.progress(done, len(plan.pairs), files.name)
                self._take(files, taken)
                if len(self._waiting) >= _PAIRS_AT_ONCE:
                    self._add_waiting()
            self._add_waiting()
            self._ctx.progress(len(plan.pairs), len(plan.pairs))
        except Cancelled:
            return self._report(cancelled=True)
        return self._report(cancelled=False)

    def _report(self, cancelled: bool) -> ImportReport:
        return ImportReport(
            self._added,
            self._already_there,
            self._unmatched,
            tuple(self._unreadable),
            tuple(self._duplicates),
            cancelled,
        )

    def _take(self, files: FilePair, taken: _Taken) -> None:
        original, designer = self._examine(files.original), self._examine(files.designer)
        if original is None or designer is None:
            return
        pair = Pair(0, files.name, original, designer)
        if taken.is_stored(original, designer):
            self._already_there += 1
        elif complaint := taken.complaint(pair):
            self._duplicates.append(f"{files.place}: {complaint}" if files.place else complaint)
        else:
            taken.add(pair)
            self._waiting.append(AddPair(pair))

    def _examine(self, path: Path) -> ImageRef | None:
        self._ctx.check()
        try:
            return examine(path, self._limits, self._ctx.check)
        except FileProblem as problem:
            self._unreadable.append(ItemFailed.from_error(shown(path), problem))
            return None

    def _add_waiting(self) -> None:
        if not self._waiting:
            return
        self._ctx.check()
        change = self._store.apply(self._waiting, self._initiator)
        self._added += len(self._waiting)
        self._waiting = []
        self._ctx.partial(change)


def _plan(spec: ImportPairs, check: Callable[[], None]) -> _Plan:
    originals = list_files(Path(spec.originals), io.is_picture, check)
    designers = list_files(Path(spec.designers), io.is_picture, check)
    if spec.pairs_csv is None:
        matching = match_by_stem(originals, designers)
        return _Plan(matching.pairs, tuple(map(shown, matching.unmatched)), (), matching.ambiguous)
    table = read_pairs_csv(Path(spec.pairs_csv))
    named = {path for row in table.rows for path in (row.original, row.designer)}
    unmatched = tuple(shown(path) for path in (*originals, *designers) if path not in named)
    return _Plan(table.rows, unmatched, table.problems, ())


class _Taken:
    """Names and contents that pairs have already: those stored, and those that this import adds."""

    def __init__(self, store: Store) -> None:
        self._stored: set[tuple[str, str | None]] = set()
        self._names: set[str] = set()
        self._users: dict[str, str] = {}
        for row in store.summaries(store.pair_ids(PairQuery(order=PairOrder.NAME))):
            self._stored.add((row.original.sha256, row.designer.sha256 if row.designer else None))
            self._note(row.name, row.original, row.designer)

    def is_stored(self, original: ImageRef, designer: ImageRef) -> bool:
        """Whether the project holds just these two contents as a pair, under whatever name."""
        return (original.sha256, designer.sha256) in self._stored

    def complaint(self, pair: Pair) -> str | None:
        """Return why the pair cannot be added, or None."""
        assert pair.designer is not None
        photo, edit = shown(Path(pair.original.path)), shown(Path(pair.designer.path))
        if pair.original.sha256 == pair.designer.sha256:
            return f"{photo} and {edit} have the same content. Import what the designer made, not a copy of the photo."
        photo_user, edit_user = (self._users.get(ref.sha256) for ref in (pair.original, pair.designer))
        if photo_user and edit_user:
            return (
                f"{photo} and {edit} have the same content as pictures of “{photo_user}” (or another): one is enough."
            )
        if photo_user:
            return (
                f"{edit} is a second designer image for one photo: {photo} is that of the pair “{photo_user}” already. "
                "Keep the better one of the two."
            )
        if edit_user:
            return (
                f"{edit} has the same content as a picture of the pair “{edit_user}”. See which photo it was made from."
            )
        if pair.name in self._names:
            return (
                f"The name “{pair.name}” is claimed twice: by {photo} and by a pair that is there already. "
                "Give it another name in a table of pairs."
            )
        return None

    def add(self, pair: Pair) -> None:
        """Take note of a pair that this import adds."""
        self._names.add(pair.name)
        self._note(pair.name, pair.original, pair.designer)

    def _note(self, name: str, original: ImageRef, designer: ImageRef | None) -> None:
        self._names.add(name)
        for ref in (original, designer):
            if ref is not None:
                self._users.setdefault(ref.sha256, name)
