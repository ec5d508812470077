"""A project in memory, pictures made by a seed, and a context that remembers what the work said."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.domain import ImageRef, Pair, Placement
from core.edits import AddPair, Initiator
from core.errors import Cancelled, UserFacingError
from core.images.io import Limits, encode_mask
from core.images.previews import PreviewCache
from core.jobs import pool
from core.jobs.services import Services
from core.jobs.work import searching
from core.jobs.work.files import examine
from core.jobs.work.searching import Found, Search
from core.settings import Settings
from core.store.memory import MemoryStore
from tests.core.jobs.modelling import Loader, stand_in

PLACEMENT = Placement(2.0, 30.0, True, 5.0, 6.0)
MASK, FOOTPRINT, PAINTED = (encode_mask(np.full((30, 40), value, np.uint8)) for value in (200, 201, 202))


@dataclass
class RecordingContext:
    """Remembers the four words; ``cancel_at`` makes that call of ``check`` (the first is 1) raise."""

    cancel_at: int | None = None
    checks: int = 0
    steps: list[tuple[int, int, str]] = field(default_factory=list)
    partials: list[object] = field(default_factory=list)
    logs: list[str] = field(default_factory=list)

    def progress(self, done: int, total: int, label: str = "") -> None:
        self.steps.append((done, total, label))

    def check(self) -> None:
        self.checks += 1
        if self.cancel_at is not None and self.checks >= self.cancel_at:
            raise Cancelled

    def partial(self, result: object) -> None:
        self.partials.append(result)

    def log(self, message: str) -> None:
        self.logs.append(message)

    def of(self, kind: type) -> list[Any]:
        return [result for result in self.partials if isinstance(result, kind)]


@pytest.fixture
def ctx() -> RecordingContext:
    return RecordingContext()


@pytest.fixture
def cancelled_at() -> Callable[[int], RecordingContext]:
    return lambda call: RecordingContext(cancel_at=call)


@pytest.fixture
def limits() -> Limits:
    return Limits.from_settings(Settings())


@pytest.fixture
def services(tmp_path: Path, limits: Limits) -> Services:
    return Services(Settings(), PreviewCache(tmp_path / "cache", 10, limits), MemoryStore())


Draw = Callable[..., Path]


@pytest.fixture
def draw() -> Draw:
    """Write a small picture whose content the seed decides."""

    def draw_picture(path: Path, seed: int = 0, size: tuple[int, int] = (40, 30), mode: str = "RGB") -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        shape = (size[1], size[0], len(mode)) if len(mode) > 1 else (size[1], size[0])
        pixels = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
        Image.fromarray(pixels).save(path)
        return path

    return draw_picture


@pytest.fixture
def reference(limits: Limits) -> Callable[[Path], ImageRef]:
    return lambda path: examine(path, limits, lambda: None)


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ``pool.compute`` call the function right here instead of in a child process."""

    def compute(
        function: Callable[[Any], object], arguments: Iterable[Any], check: Callable[[], None], workers: int = 1
    ) -> Generator[object, None, None]:
        for argument in arguments:
            check()
            try:
                yield function(argument)
            except UserFacingError as error:
                yield error

    monkeypatch.setattr(pool, "compute", compute)


@pytest.fixture
def children() -> Iterator[None]:
    """Let no child process outlive the test."""
    yield
    pool.shut_down()


@pytest.fixture
def searched(monkeypatch: pytest.MonkeyPatch) -> list[Search]:
    """Let every search find the same placement, and remember what was asked."""
    asked: list[Search] = []

    def search(task: Search) -> Found:
        asked.append(task)
        return Found(PLACEMENT, 0.9, "Clear.", 0.5, MASK, 40, 30, FOOTPRINT, PAINTED)

    monkeypatch.setattr(searching, "search", search)
    return asked


@pytest.fixture
def loader(in_process: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Loader:
    """Let "pawtrait" be a model whose map is the photo's brightness, computed in this process."""
    return stand_in(monkeypatch, tmp_path / "shipped")


@pytest.fixture
def pairs(services: Services, tmp_path: Path, draw: Draw, reference: Callable[[Path], ImageRef]) -> list[Pair]:
    """Four pairs; the last is a photo alone."""
    store = services.project()
    for number, name in enumerate(("ada", "bob", "cleo", "photo alone")):
        original = reference(draw(tmp_path / "o" / f"{name}.png", 2 * number))
        designer = reference(draw(tmp_path / "d" / f"{name}.png", 2 * number + 1)) if " " not in name else None
        store.apply([AddPair(Pair(0, name, original, designer))], Initiator("ann"))
    return store.pairs(sorted(store.pair_ids()))
