"""Brings pairs of files into a project: finds what belongs together, checks each file, adds what is new."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from core.domain import Decision, ImageRef, Pair, PairOrder, PairQuery
from core.edits import AddPair, Edit, Initiator, Origin, SetDesigner, SetReview
from core.errors import Cancelled, FileProblem
from core.images import io
from core.images.source import shown
from core.jobs.answers import ImportReport
from core.jobs.context import ItemFailed, JobContext
from core.jobs.pairing import FilePair, alone, list_files, match_by_stem, read_pairs_csv
from core.jobs.services import Services
from core.jobs.specs import ImportPairs
from core.jobs.work.files import examine
from core.store.base import Store

_PAIRS_AT_ONCE = 100


def import_pairs(spec: ImportPairs, services: Services, ctx: JobContext) -> ImportReport:
    """Import pairs (see the spec); each file that stays out is named in the report, with a sentence.

    A pair stays out if a file of it cannot be read, or if its name or one of its files is taken by another pair.
    A photo that is there alone gets its designer image as soon as one comes; its decision and prediction stay.
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
    unmatched: tuple[Path, ...]
    problems: tuple[ItemFailed, ...]
    ambiguous: tuple[str, ...]


class _Import:
    """One import while it runs."""

    def __init__(self, spec: ImportPairs, services: Services, ctx: JobContext) -> None:
        self._spec, self._ctx = spec, ctx
        self._store = services.project()
        self._limits = io.Limits.from_settings(services.settings)
        self._initiator = Initiator(spec.who, Origin.JOB, label="Import")
        self._added = self._already_there = self._alone = self._completed = 0
        self._unreadable: list[ItemFailed] = []
        self._duplicates: list[str] = []
        self._waiting: list[AddPair] = []
        self._completing: dict[int, ImageRef] = {}
        self._unmatched: tuple[str, ...] = ()

    def run(self) -> ImportReport:
        """Do it."""
        try:
            plan = _plan(self._spec, self._ctx.check)
            self._unmatched = tuple(map(shown, plan.unmatched))
            self._unreadable += plan.problems
            self._duplicates += plan.ambiguous
            taken = _Taken(self._store)
            for done, files in enumerate(plan.pairs):
                self._ctx.progress(done, len(plan.pairs), files.name)
                self._take(files, taken)
                if len(self._waiting) + len(self._completing) >= _PAIRS_AT_ONCE:
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
            self._alone,
            self._completed,
        )

    def _take(self, files: FilePair, taken: _Taken) -> None:
        original = self._examine(files.original)
        designer = self._examine(files.designer) if files.designer is not None else None
        if original is None or (designer is None and files.designer is not None):
            return
        pair = Pair(0, files.name, original, designer)
        if taken.is_stored(original, designer):
            self._already_there += 1
        elif designer is not None and (pair_id := taken.completes(original, designer)):
            self._completing[pair_id] = designer
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
        if not self._waiting and not self._completing:
            return
        self._ctx.check()
        # Read only now: somebody may be at work on these pairs.
        completed = self._store.pairs(list(self._completing))
        edits = [*self._waiting, *(edit for pair in completed for edit in _completed(pair, self._completing[pair.id]))]
        if edits:
            self._ctx.partial(self._store.apply(edits, self._initiator))
        self._added += len(self._waiting)
        self._alone += sum(edit.pair.designer is None for edit in self._waiting)
        self._completed += sum(isinstance(edit, SetDesigner) for edit in edits)
        self._waiting, self._completing = [], {}


def _plan(spec: ImportPairs, check: Callable[[], None]) -> _Plan:
    originals = list_files(Path(spec.originals), io.is_picture, check) if spec.originals else []
    designers = [] if spec.designers is None else list_files(Path(spec.designers), io.is_picture, check)
    if spec.pairs_csv is None:
        matching = match_by_stem(originals, designers)
        plan = _Plan(matching.pairs, matching.unmatched, (), matching.ambiguous)
    else:
        table = read_pairs_csv(Path(spec.pairs_csv), alone=True)
        named = {path for row in table.rows for path in (row.original, row.designer)}
        unmatched = tuple(path for path in (*originals, *designers) if path not in named)
        plan = _Plan(table.rows, unmatched, table.problems, ())
    if spec.photos_alone or (spec.designers is None and spec.pairs_csv is None):
        photos = set(originals)
        lonely = tuple(alone(path) for path in plan.unmatched if path in photos)
        others = tuple(path for path in plan.unmatched if path not in photos)
        plan = replace(plan, pairs=plan.pairs + lonely, unmatched=others)
    return plan


def _completed(pair: Pair, designer: ImageRef) -> list[Edit]:
    """Return the edits that give a photo alone its designer image; none if it has one by now.

    What was decided about the only mask that there was must not become a decision about another one.
    """
    if pair.designer is not None:
        return []
    edits: list[Edit] = [SetDesigner(pair.id, None, designer)]
    review = pair.review
    if review.decision is not Decision.UNDECIDED and review.source != pair.mask_source:
        edits.append(SetReview(pair.id, review, replace(review, source=pair.mask_source)))
    return edits


class _Taken:
    """Names and contents that pairs have already: those stored, and those that this import adds."""

    def __init__(self, store: Store) -> None:
        self._stored: set[tuple[str, str | None]] = set()
        self._names: set[str] = set()
        self._users: dict[str, str] = {}
        self._photos: set[str] = set()
        self._alone: dict[str, int] = {}
        self._added_alone: set[str] = set()
        for row in store.summaries(store.pair_ids(PairQuery(order=PairOrder.NAME))):
            self._stored.add((row.original.sha256, row.designer.sha256 if row.designer else None))
            self._photos.add(row.original.sha256)
            if row.designer is None:
                self._alone[row.original.sha256] = row.id
            self._note(row.name, row.original, row.designer)

    def is_stored(self, original: ImageRef, designer: ImageRef | None) -> bool:
        """Whether the project holds just these two contents as a pair, or this photo, under whatever name."""
        if designer is None:
            return original.sha256 in self._photos
        return (original.sha256, designer.sha256) in self._stored

    def completes(self, original: ImageRef, designer: ImageRef) -> int:
        """Return the pair that is there alone and lacks just this designer image, and take note of it; 0 if none is."""
        if original.sha256 not in self._alone or designer.sha256 in self._users:
            return 0
        pair_id = self._alone.pop(original.sha256)
        self._users[designer.sha256] = self._users[original.sha256]
        self._stored.add((original.sha256, designer.sha256))
        return pair_id

    def complaint(self, pair: Pair) -> str | None:
        """Return why the pair cannot be added, or None."""
        photo = shown(Path(pair.original.path))
        if pair.designer is None:
            user = self._users.get(pair.original.sha256)
            return (
                f"{photo} has the same content as a picture of “{user}”: one is enough." if user else self._named(pair)
            )
        edit = shown(Path(pair.designer.path))
        if pair.original.sha256 == pair.designer.sha256:
            return f"{photo} and {edit} have the same content. Import what the designer made, not a copy of the photo."
        photo_user, edit_user = (self._users.get(ref.sha256) for ref in (pair.original, pair.designer))
        if photo_user and edit_user:
            return (
                f"{photo} and {edit} have the same content as pictures of “{photo_user}” (or another): one is enough."
            )
        if photo_user and pair.original.sha256 in self._added_alone:
            return f"{photo} is there twice: alone, as “{photo_user}”, and with {edit}. Take one of the two lines out."
        if photo_user:
            return (
                f"{edit} is a second designer image for one photo: {photo} is that of the pair “{photo_user}” already. "
                "Keep the better one of the two."
            )
        if edit_user:
            return (
                f"{edit} has the same content as a picture of the pair “{edit_user}”. See which photo it was made from."
            )
        return self._named(pair)

    def _named(self, pair: Pair) -> str | None:
        if pair.name not in self._names:
            return None
        return (
            f"The name “{pair.name}” is claimed twice: by {shown(Path(pair.original.path))} and by a pair that is "
            "there already. Give it another name in a table of pairs."
        )

    def add(self, pair: Pair) -> None:
        """Take note of a pair that this import adds."""
        self._names.add(pair.name)
        if pair.designer is None:
            self._added_alone.add(pair.original.sha256)
        self._note(pair.name, pair.original, pair.designer)

    def _note(self, name: str, original: ImageRef, designer: ImageRef | None) -> None:
        self._names.add(name)
        for ref in (original, designer):
            if ref is not None:
                self._users.setdefault(ref.sha256, name)
