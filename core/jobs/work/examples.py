"""What a project has to train on: the masks that people accepted or corrected, one for each photo, as files."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.domain import Decision, ImageRef, Pair, PairOrder, PairQuery
from core.errors import StorageProblem, UserFacingError
from core.files import write_atomically
from core.images import io
from core.images.source import shown
from core.jobs import pool
from core.jobs.context import ItemFailed, JobContext
from core.jobs.work import deriving
from core.jobs.work.deriving import Ingredients, MaskFiles
from core.model.data import Example
from core.store.base import Store

USABLE = 0.0005, 0.98
"""A mask that covers a smaller or a larger share of its photo teaches nothing: it is empty, or the whole photo."""
_PAIRS_READ_AT_ONCE = 64
_INDEX = "index.json"


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The pair that stands for a photo."""

    rank: tuple[bool, int]
    name: str
    original: ImageRef
    mask: Ingredients

    @property
    def file(self) -> str:
        """Name of the mask's file: another mask, or another photo, is another file."""
        told = f"{self.original.sha256} {self.mask.key}"
        return f"{hashlib.sha256(told.encode()).hexdigest()[:32]}.png"


@dataclass(frozen=True, slots=True)
class Materialising:
    """What a child is asked: write a photo's mask at the photo's size."""

    mask: MaskFiles
    as_it_is: bool
    """The base's file is the mask."""
    file: Path


def materialise(task: Materialising) -> float:
    """Write a mask's file, and return the share of the photo that it covers.

    Raises:
        FileProblem: the mask is damaged, or the file cannot be written.
    """
    mask = task.mask.mask()
    png = task.mask.base_png if task.as_it_is else None
    write_atomically(task.file, io.encode_mask(mask) if png is None else png, durable=False)
    return float(np.count_nonzero(mask >= 128)) / mask.size


def examples_of(
    store: Store, folder: Path, ctx: JobContext, workers: int = 1
) -> tuple[list[Example], list[ItemFailed]]:
    """Return a project's examples in order of their keys, and the pairs that give none, with a sentence each.

    A photo that several pairs show is one example: a corrected mask before an accepted one, the newer pair before the
    older. Its key is the hash of its content.

    Args:
        store: the open project.
        folder: where the masks go; those that are there from an earlier time are taken as they are.
        ctx: told of the progress.
        workers: children that write masks.
    """
    return _Collecting(store, folder, ctx).run(workers)


class _Collecting:
    """One collection while it runs."""

    def __init__(self, store: Store, folder: Path, ctx: JobContext) -> None:
        self._store, self._folder, self._ctx = store, folder, ctx
        self._failures: list[ItemFailed] = []
        self._shares: dict[str, float] = _read_index(folder / _INDEX)
        self._in_hand: deque[_Chosen] = deque()

    def run(self, workers: int) -> tuple[list[Example], list[ItemFailed]]:
        """Do it."""
        chosen = self._choose()
        missing = [one for one in chosen if not self._is_ready(one)]
        total = len(missing)
        tasks = self._tasks(missing)
        with contextlib.closing(pool.compute(materialise, tasks, self._ctx.check, workers)) as answers:
            for done, answer in enumerate(answers):
                one = self._in_hand.popleft()
                if isinstance(answer, UserFacingError):
                    self._fail(one.name, answer.message, answer.remedy)
                else:
                    self._shares[one.file] = answer
                self._ctx.progress(done + 1, total, f"mask of {one.name}")
        if total:
            write_atomically(self._folder / _INDEX, json.dumps(self._shares).encode())
        examples = []
        for one in chosen:
            share = self._shares.get(one.file)
            if share is None:
                continue
            if not USABLE[0] <= share <= USABLE[1]:
                what = "is empty" if share < USABLE[0] else "covers the whole photo"
                self._fail(one.name, f"The mask {what}: nothing can be learned from it.", "Correct it, or reject it.")
                continue
            examples.append(Example(one.original.sha256, Path(one.original.path), self._folder / one.file))
        return examples, self._failures

    def _is_ready(self, one: _Chosen) -> bool:
        return one.file in self._shares and (self._folder / one.file).is_file()

    def _choose(self) -> list[_Chosen]:
        """Return what stands for each photo, in the order of their hashes."""
        best: dict[str, _Chosen] = {}
        wanted = PairQuery(frozenset({Decision.ACCEPTED, Decision.CORRECTED}), order=PairOrder.NAME)
        ids = self._store.pair_ids(wanted)
        for start in range(0, len(ids), _PAIRS_READ_AT_ONCE):
            self._ctx.check()
            for pair in self._store.pairs(ids[start : start + _PAIRS_READ_AT_ONCE]):
                mask = deriving.ingredients(pair)
                if mask is None or not self._is_new(pair):
                    continue
                key, rank = pair.original.sha256, (pair.review.decision is Decision.CORRECTED, pair.id)
                if key not in best or best[key].rank < rank:
                    best[key] = _Chosen(rank, pair.name, pair.original, mask)
        return [one for _, one in sorted(best.items()) if self._is_there(one)]

    def _is_new(self, pair: Pair) -> bool:
        try:
            deriving.see_that_it_is_new(pair)
        except UserFacingError as error:
            self._fail(pair.name, error.message, error.remedy)
            return False
        return True

    def _is_there(self, one: _Chosen) -> bool:
        path = Path(one.original.path)
        if path.is_file():
            return True
        self._fail(one.name, f"{shown(path)} is missing.", "Put it back in its place, or import it again.")
        return False

    def _tasks(self, missing: list[_Chosen]) -> Iterator[Materialising]:
        for one in missing:
            try:
                files = deriving.read(self._store, one.mask)
            except StorageProblem as error:  # one damaged mask: the other photos go on
                self._fail(one.name, error.message, error.remedy)
                continue
            self._in_hand.append(one)
            yield Materialising(files, one.mask.is_file, self._folder / one.file)

    def _fail(self, item: str, message: str, remedy: str) -> None:
        failure = ItemFailed(item, message, remedy)
        self._failures.append(failure)
        self._ctx.partial(failure)


def _read_index(file: Path) -> dict[str, float]:
    """Return the shares that are known from earlier times; a damaged index is only slower."""
    try:
        told = json.loads(file.read_text("utf-8"))
        return {str(name): float(share) for name, share in told.items()}
    except (OSError, ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return {}
