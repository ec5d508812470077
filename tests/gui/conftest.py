"""Projects in memory with tiny pictures, and the desk, with a person before its window or without one."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.domain import Decision, ImageRef, MaskRef, Pair, Placement, Reconciliation, Review
from core.edits import AddPair, Initiator, Origin
from core.images.io import Limits, encode_mask
from core.images.previews import PreviewCache
from core.jobs.answers import DisplayPicture
from core.jobs.context import JobContext
from core.jobs.services import Services
from core.jobs.specs import LoadPicture, Spec
from core.settings import Settings
from core.store.memory import MemoryStore
from gui.assets import apply_theme
from gui.canvas.scene import PairScene
from gui.current_keys import use_keys
from gui.jobs.bridge import Bridge
from gui.jobs.runner import Runner
from gui.keymap import Keymap
from gui.main_window import MainWindow
from gui.review.queue_panel import QueuePanel
from gui.review.workspace import Workspace
from gui.session import Session

WHO = "anna"
AWAY = 4000, 4000
"""Screen pixels at which no window is."""
Key = Qt.Key


@pytest.fixture(autouse=True)
def _themed(qapp: QApplication) -> None:
    apply_theme(qapp, "light")
    use_keys(Keymap())
    QCursor.setPos(*AWAY)  # where another test left the mouse, panes that are shown beneath it would mark it


@pytest.fixture
def settings() -> Settings:
    return Settings()


@pytest.fixture
def services(settings: Settings, tmp_path: Path) -> Services:
    return Services(settings, PreviewCache(tmp_path / "previews", 100, Limits.from_settings(settings)))


class Gate:
    """Work that a test holds in its hand: it says what the test tells it, and ends when the test lets it."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.go = threading.Event()
        self.order: list[object] = []
        self.do: Callable[[Spec, JobContext], object] = lambda spec, _ctx: spec

    def __call__(self, spec: Spec, _services: Services, ctx: JobContext) -> object:
        self.order.append(spec)
        self.begun.set()
        return self.do(spec, ctx)

    def wait(self, ctx: JobContext) -> None:
        """Stay until the test says go, or the owner cancels."""
        while not self.go.wait(0.005):
            ctx.check()


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def runner(qtbot: QtBot, gate: Gate) -> Iterator[Runner]:
    made = Runner(Bridge(), gate)
    yield made
    gate.go.set()
    assert made.shut_down()


@pytest.fixture
def real_runner(qtbot: QtBot) -> Iterator[Runner]:
    made = Runner(Bridge())
    yield made
    assert made.shut_down()


def picture_file(path: Path, colour: tuple[int, int, int], size: tuple[int, int] = (60, 40)) -> ImageRef:
    """Write a picture with a bright spot and return its reference."""
    pixels = np.zeros((size[1], size[0], 3), np.uint8)
    pixels[:] = colour
    pixels[5:15, 10:20] = 255 - np.array(colour, np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return ImageRef(str(path), hashlib.sha256(path.read_bytes()).hexdigest(), *size)


def bare_pair(number: int, confidence: float | None = None, name: str = "", matched: bool = True) -> Pair:
    """Return a pair whose files do not exist."""
    refs = [ImageRef(f"/nowhere/{kind}{number}.png", f"{kind}{number:063}"[:64], 60, 40) for kind in "od"]
    found = None
    if confidence is not None:
        place = Placement(1.0, 0.0, False, 0.0, 0.0) if matched else None
        found = Reconciliation("pawtrait", place, confidence, "Because.", 0.5)
    return Pair(0, name or f"pair {number:05}", refs[0], refs[1], found)


def fill(store: MemoryStore, pairs: list[Pair]) -> list[int]:
    """Put pairs into a store as an import would, and return their ids."""
    change = store.apply([AddPair(pair) for pair in pairs], Initiator(WHO, Origin.JOB, label="Import"))
    return list(change.pair_ids)


@pytest.fixture
def store() -> Iterator[MemoryStore]:
    """Six pairs, least sure first: 0 to 5."""
    made = MemoryStore("six")
    fill(made, [bare_pair(number, 0.4 + number / 10) for number in range(6)])
    yield made
    made.close()


@pytest.fixture
def session(store: MemoryStore, settings: Settings, qtbot: QtBot) -> Session:
    return Session(store, settings, WHO)


@pytest.fixture
def real_store(tmp_path: Path) -> Iterator[MemoryStore]:
    """Three pairs with pictures and masks on the disk: placed and painted on, no match, and not reconciled."""
    made = MemoryStore("real")
    mask = np.zeros((40, 60), np.uint8)
    mask[8:30, 12:44] = 255
    painted = np.zeros((40, 60), np.uint8)
    painted[4:8, 20:36] = 255
    refs: list[MaskRef] = [made.put_mask(encode_mask(one), 60, 40) for one in (mask, mask | painted, painted)]
    place = Placement(0.5, 10.0, False, 12.0, 8.0)
    found = (
        Reconciliation("pawtrait", place, 0.97, "Clear.", 0.4, refs[0], None, refs[1], refs[2]),
        Reconciliation("pawtrait", None, 0.1, "Nothing in the original looks like it.", 0.3),
        None,
    )
    pairs = []
    for number, reconciliation in enumerate(found):
        original = picture_file(tmp_path / "originals" / f"{number}.png", (90 + number, 120, 140))
        designer = picture_file(tmp_path / "designers" / f"{number}.png", (140, 100 + number, 90), (50, 50))
        review = Review(Decision.UNDECIDED)
        pairs.append(Pair(0, f"cat {number}", original, designer, reconciliation, review))
    fill(made, pairs)
    yield made
    made.close()


def choose_decision(panel: QueuePanel, decision: Decision | None) -> None:
    """Filter the queue by a decision, if it is offered; None: show all."""
    at = 0 if decision is None else panel._offered().get(decision)
    if at is not None:
        panel.filter.setCurrentIndex(at)


def tiny_picture() -> DisplayPicture:
    """Return what a job that loads a picture might answer."""
    return DisplayPicture((np.full((40, 60, 4), 255, np.uint8),), True, 60, 40)


def load_spec(number: int = 0) -> LoadPicture:
    """Return a job for the io lane that differs from others by its number."""
    return LoadPicture(ImageRef(f"/nowhere/{number}.png", f"{number:064}", 60, 40), 160)


def _activated(window: MainWindow) -> bool:
    if not window.isActiveWindow():
        window.activateWindow()  # again: the window closed before this one may have taken the activation with it
    return window.isActiveWindow()


@dataclass
class Driver:
    """A person at the window."""

    window: MainWindow
    qtbot: QtBot

    @property
    def workspace(self) -> Workspace:
        assert self.window.workspace is not None
        return self.window.workspace

    @property
    def at(self) -> int:
        pair = self.workspace.presenter.pair
        assert pair is not None
        return pair.id

    def key(self, key: Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        popup = QApplication.activePopupWidget()
        if popup is None:
            self.qtbot.waitUntil(lambda: _activated(self.window))
        target = (popup.focusWidget() or popup) if popup else (self.window.focusWidget() or self.window)
        self.qtbot.keyClick(target, key, modifier)

    def review(self, pair_id: int) -> Review:
        return self.workspace.session.store.pairs([pair_id])[0].review

    def scene(self) -> PairScene:
        return self.workspace.loader._scene


def _quiet(told: Settings) -> Settings:
    """Return settings with which nothing is predicted that no test has asked for."""
    return Settings({"review.predict_ahead": 0, **told._overrides}, told._path)


@pytest.fixture
def make(qtbot: QtBot) -> Iterator[Callable[[Runner], Driver]]:
    windows: list[MainWindow] = []

    def build(runner: Runner) -> Driver:
        window = MainWindow(_quiet(Settings.load()), runner, "/log")
        windows.append(window)
        window.show()
        qtbot.waitUntil(lambda: _activated(window))
        return Driver(window, qtbot)

    yield build
    for window in windows:
        for job in window.desk.busy_jobs:
            job.cancel()
        qtbot.waitUntil(lambda window=window: not window.desk.busy_jobs)
        window.close()
        window.deleteLater()


@pytest.fixture
def six(make: Callable[[Runner], Driver], runner: Runner, gate: Gate, store: MemoryStore) -> Driver:
    """The desk with six pairs, least sure first."""
    gate.do = lambda spec, ctx: tiny_picture() if isinstance(spec, LoadPicture) else gate.wait(ctx)
    driver = make(runner)
    driver.window.desk.use(store)
    return driver


@pytest.fixture
def real(make: Callable[[Runner], Driver], real_runner: Runner, real_store: MemoryStore) -> Driver:
    """The desk with three pairs that have pictures."""
    driver = make(real_runner)
    driver.window.desk.use(real_store)
    return driver
