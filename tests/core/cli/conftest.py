"""Small pictures for the command line, and a search that runs in this process and knows the answer."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.cli import run_command_line
from core.domain import Placement
from core.errors import UserFacingError
from core.images import io
from core.jobs import pool
from core.jobs.work import searching as search_work
from core.jobs.work.searching import Found, Search
from tests.core.jobs.modelling import Loader, stand_in


def run(*args: object) -> int:
    outcome = run_command_line([str(arg) for arg in args])
    assert outcome.desk_project is None
    return outcome.exit_code


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def interrupt_at(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Press Ctrl-C while the search with this number (from 1) goes on."""
    real, calls = search_work.search, 0

    def search(task: Search) -> object:
        nonlocal calls
        calls += 1
        if calls == number:
            signal.raise_signal(signal.SIGINT)
        return real(task)

    monkeypatch.setattr(search_work, "search", search)


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the user's settings and caches out of it."""
    monkeypatch.setenv("PAWTRAIT_SETTINGS", str(tmp_path / "home" / "settings.json"))
    monkeypatch.setenv("PAWTRAIT_CACHE", str(tmp_path / "home" / "cache"))
    monkeypatch.setenv("COLUMNS", "200")  # help texts in one line each


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    """A folder with three pairs in ``originals`` and ``designers``."""
    rng = np.random.default_rng(1)
    for folder in ("originals", "designers"):
        (tmp_path / folder).mkdir()
        for name in ("ada", "bob", "cleo"):
            pixels = rng.integers(0, 256, (30, 40, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / folder / f"{name}.png")
    return tmp_path


@pytest.fixture
def searching(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the search run in this process."""

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
def found(searching: None, monkeypatch: pytest.MonkeyPatch) -> list[Search]:
    """Find ada and cleo, say "no match" of bob; remember what was asked. Real files are read."""
    asked: list[Search] = []

    def search(task: Search) -> Found:
        asked.append(task)
        path = Path(getattr(task.original, "path", task.original))
        picture = io.read(path, task.limits)
        if path.stem == "bob":
            return Found(None, 0.2, "Another photo.", 0.5, None, picture.width, picture.height)
        mask = io.encode_mask(np.full((picture.height, picture.width), 255, np.uint8))
        place = Placement(2.0, 90.0, False, 3.0, 4.0)
        return Found(place, 0.75, "Clear.", 0.5, mask, picture.width, picture.height, mask)

    monkeypatch.setattr(search_work, "search", search)
    return asked


@pytest.fixture
def loader(searching: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Loader:
    """Let "pawtrait" be a model whose map is the photo's brightness, computed in this process."""
    return stand_in(monkeypatch, tmp_path / "shipped")
