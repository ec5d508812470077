"""How fast the desk is: start, switching pairs at 24 MP, pan and zoom, a project of 40,000 pairs.

Usage: python benchmarks/desk.py [start] [switch] [paint] [large]   (nothing named: all of them)

Runs offscreen unless QT_QPA_PLATFORM says otherwise; settings, caches and projects are made in a temporary folder.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
RUNS = 7
FLIPS = 30
BEAT_MS = 20
HEAVY = ("torch", "torchvision", "cv2", "scipy.fft", "skimage.io", "sqlalchemy", "alembic.command", "psd_tools")

_START = """
import importlib, sys, time
begun = float(sys.argv[1])
for name in sys.argv[3:]:
    importlib.import_module(name)
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication
from gui.main_window import MainWindow
from main import main

app = QApplication([])
seen = []

class Watch(QObject):
    def eventFilter(self, watched, event):
        if event.type() is QEvent.Type.Paint and isinstance(watched, MainWindow) and not seen:
            seen.append(time.time() - begun)
        return False

def look():
    window = next((w for w in app.topLevelWidgets() if isinstance(w, MainWindow)), None)
    if window is not None and window.workspace is not None and window.workspace.presenter.pair is not None:
        loaded = sorted(set(sys.modules) & {"torch", "cv2", "scipy", "skimage"})
        print(seen[0], time.time() - begun, *loaded)
        window.close()

watch, timer = Watch(), QTimer(interval=1)
app.installEventFilter(watch)
timer.timeout.connect(look)
timer.start()
main(["open", sys.argv[2]])
"""


def table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table in Markdown."""
    print(f"\n### {title}\n")
    print(f"| {' | '.join(head)} |")
    print(f"|{'---|' * len(head)}")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    sys.stdout.flush()


def ms(seconds: float) -> str:
    """Return a duration in milliseconds, as printed."""
    return f"{seconds * 1000:.0f}" if seconds >= 0.01 else f"{seconds * 1000:.1f}"


def spread(times: Sequence[float]) -> tuple[str, str, str]:
    """Return median, 95th percentile and maximum in milliseconds."""
    ordered = sorted(times)
    return ms(statistics.median(ordered)), ms(ordered[int(0.95 * (len(ordered) - 1))]), ms(ordered[-1])


# --- start ----------------------------------------------------------------------------------------------------------


def start(folder: Path) -> None:
    """From the start of the process to the window, and to the first pair, with and without heavy imports."""
    from fixtures import many_pairs

    project = folder / "start"
    many_pairs(project, 100)
    kinds: dict[str, tuple[str, ...]] = {"as it is": (), "everything imported first": HEAVY}
    found: dict[str, list[list[str]]] = {kind: [] for kind in kinds}
    for _ in range(RUNS):  # in turns: what else the machine does hits both alike
        for kind, modules in kinds.items():
            command = [sys.executable, "-c", _START, str(time.time()), str(project), *modules]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
            found[kind].append(done.stdout.split())
    rows = []
    for kind, answers in found.items():
        window, pair = ([float(answer[at]) for answer in answers] for at in (0, 1))
        rows.append((kind, *spread(window)[::2], *spread(pair)[::2], " ".join(answers[-1][2:]) or "none"))
    head = ("start", "window, median ms", "max", "first pair, median ms", "max", "heavy modules loaded by then")
    table(f"Start to window, {RUNS} runs each in turns", head, rows)


# --- a window in this process -----------------------------------------------------------------------------------------


@contextmanager
def desk(project: Path) -> Iterator[tuple[object, float]]:
    """Give a window with a project open in it, and the seconds from asking for it to its first pair."""
    from PySide6.QtCore import QCoreApplication, QEvent
    from PySide6.QtWidgets import QApplication

    from core.settings import Settings
    from gui.assets import apply_theme
    from gui.jobs.bridge import Bridge
    from gui.jobs.runner import Runner
    from gui.main_window import MainWindow

    app = QApplication.instance() or QApplication([])
    apply_theme(app, "dark")
    runner = Runner(Bridge(app))
    window = MainWindow(Settings(), runner)
    window.resize(1600, 900)
    window.show()
    wait(window.isVisible)
    begun = time.perf_counter()
    window.open_project(str(project))
    wait(lambda: window.workspace is not None and window.workspace.presenter.pair is not None)
    seconds = time.perf_counter() - begun
    try:
        yield window, seconds
    finally:
        window.desk.close_project()
        window.close()
        runner.shut_down()
        window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def wait(condition: Callable[[], bool], seconds: float = 120.0) -> None:
    """Let the event loop run until the condition holds (not QTest.qWait: it keeps Python's lock from the workers)."""
    from PySide6.QtCore import QEventLoop, QTimer

    deadline = time.monotonic() + seconds
    loop, poll = QEventLoop(), QTimer(interval=1)

    def look() -> None:
        if condition() or time.monotonic() > deadline:
            loop.quit()

    poll.timeout.connect(look)
    poll.start()
    loop.exec()
    if not condition():
        raise SystemExit("the desk did not get there")


def rest(seconds: float) -> None:
    """Let the event loop run for a while."""
    end = time.monotonic() + seconds
    wait(lambda: time.monotonic() >= end)


class Heartbeat:
    """A 20 ms timer in the GUI thread; ``worst`` is the longest silence in seconds."""

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self._timer = QTimer(interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_beat)
        self.start()

    def start(self) -> None:
        """Begin counting anew."""
        self._last, self.worst, self.missed = time.perf_counter(), 0.0, 0
        self._timer.start()

    def stop(self) -> None:
        """End counting."""
        self._timer.stop()

    def _on_beat(self) -> None:
        now = time.perf_counter()
        self.worst = max(self.worst, now - self._last)
        self.missed += now - self._last > 0.1
        self._last = now


# --- switching --------------------------------------------------------------------------------------------------------


def switch(folder: Path) -> None:
    """Switch between pairs of 24 MP: time to the preview and to the whole picture, and the worst stall."""
    from fixtures import large_photos

    print("\nmaking 12 pairs of 24 MP …", flush=True)
    large_photos(folder / "switch", 12)
    rows = []
    with desk(folder / "switch" / "project") as (window, _):
        beat = Heartbeat()
        rows.append(_flips(window, beat, "each seen for the first time"))
        rows.append(_flips(window, beat, "seen before"))
        ids = tuple(window.workspace.session.store.pair_ids())
        window.desk.reconcile(ids)
        wait(lambda: any(job.done >= 1 for job in window.desk.busy_jobs))
        rows.append(_flips(window, beat, "seen before, a batch running"))
        rows.append(_rush(window, beat, "key held down (10 a second), a batch running"))
        running = bool(window.desk.busy_jobs)
        for job in window.desk.busy_jobs:
            job.cancel()
    head = (
        "",
        "pairs",
        "preview, median ms",
        "max",
        "whole picture, median ms",
        "max",
        "longest silence, ms",
        "over 100 ms",
    )
    table("Switching pairs at 24 MP", head, rows)
    if not running:
        print("\n(the batch ended before the last row did)")


def _flips(window: object, beat: Heartbeat, title: str) -> tuple[str, ...]:
    presenter, loader = window.workspace.presenter, window.workspace.loader
    state = {"preview": None, "full": None}
    begun = [0.0]

    def note(scene: object) -> None:
        if scene.original is None:
            return
        now = time.perf_counter() - begun[0]
        if state["preview"] is None:
            state["preview"] = now
        if scene.original.levels[0].shape[1] == scene.original.full_width and state["full"] is None:
            state["full"] = now

    loader.scene_changed.connect(note)
    previews, wholes = [], []
    ids = window.workspace.session.store.pair_ids()
    beat.start()
    for pair_id in ids:
        if presenter.pair is not None and presenter.pair.id == pair_id:
            continue
        state.update(preview=None, full=None)
        begun[0] = time.perf_counter()
        presenter.show(pair_id)
        wait(lambda: state["full"] is not None)
        previews.append(state["preview"])
        wholes.append(state["full"])
    beat.stop()
    loader.scene_changed.disconnect(note)
    return title, str(len(previews)), *spread(previews)[::2], *spread(wholes)[::2], ms(beat.worst), str(beat.missed)


def _rush(window: object, beat: Heartbeat, title: str) -> tuple[str, ...]:
    presenter = window.workspace.presenter
    beat.start()
    for number in range(FLIPS):
        presenter.step(1 if number // 10 % 2 == 0 else -1)
        rest(0.1)
    beat.stop()
    return title, str(FLIPS), "", "", "", "", ms(beat.worst), str(beat.missed)


# --- painting ---------------------------------------------------------------------------------------------------------


def paint(folder: Path) -> None:
    """Repaint both panes at 24 MP, with mask, outline and footprint, after each step of a pan or zoom."""
    from fixtures import large_photos

    large_photos(folder / "paint", 1)
    rows = []
    with desk(folder / "paint" / "project") as (window, _):
        view, presenter, scenes = window.workspace.view, window.workspace.presenter, []
        window.workspace.loader.scene_changed.connect(scenes.append)
        only = presenter.pair.id
        presenter.show(None)
        presenter.show(only)
        wait(lambda: _whole(scenes[-1]))
        for title, place in (("fit", view.fit), ("100 %", view.actual_size)):
            place()
            view.repaint()
            rows.append((f"pan at {title}", *spread([_pan(view, step) for step in range(40)])))
        view.fit()
        rows.append(("zoom in by 10 %", *spread([_zoom(view, 1.1) for _ in range(30)])))
        rows.append(("zoom out by 10 %", *spread([_zoom(view, 1 / 1.1) for _ in range(30)])))
        size = f"{view.width()} x {view.height()}"
    table(f"Repaint of both panes ({size} pixels) at 24 MP", ("", "median ms", "95 %", "max"), rows)


def _whole(scene: object) -> bool:
    return scene.original is not None and scene.original.levels[0].shape[1] == 6000 and scene.mask is not None


def _pan(view: object, step: int) -> float:
    from PySide6.QtCore import QEvent, QPointF, Qt
    from PySide6.QtGui import QMouseEvent
    from PySide6.QtWidgets import QApplication

    pane = view.childAt(view.width() // 4, view.height() // 2)
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    by = QPointF(7, 3) if step % 20 < 10 else QPointF(-7, -3)
    start = QPointF(200, 200)

    def send(kind: QEvent.Type, at: QPointF, button: Qt.MouseButton, buttons: Qt.MouseButton) -> None:
        QApplication.sendEvent(pane, QMouseEvent(kind, at, pane.mapToGlobal(at), button, buttons, none))

    send(QEvent.Type.MouseButtonPress, start, left, left)
    begun = time.perf_counter()
    send(QEvent.Type.MouseMove, start + by, Qt.MouseButton.NoButton, left)
    view.repaint()
    took = time.perf_counter() - begun
    send(QEvent.Type.MouseButtonRelease, start + by, left, Qt.MouseButton.NoButton)
    return took


def _zoom(view: object, factor: float) -> float:
    begun = time.perf_counter()
    view.zoom_by(factor)
    view.repaint()
    return time.perf_counter() - begun


# --- forty thousand pairs ---------------------------------------------------------------------------------------------


def large(folder: Path) -> None:
    """Open a project of 40,000 pairs, scroll its queue, filter it, decide in it."""
    from fixtures import many_pairs

    from core.domain import Decision, PairOrder, PairQuery

    count = 40_000
    many_pairs(folder / "large", count)
    rows = []
    with desk(folder / "large") as (window, seconds):
        rows.append(("open, to the first pair on the screen", ms(seconds), ""))
        panel, presenter = window.workspace.panel, window.workspace.presenter
        bar = panel.list.verticalScrollBar()
        rest(0.5)
        before = _resident_mb()
        steps = []
        for step in range(400):
            begun = time.perf_counter()
            bar.setValue(bar.maximum() * step // 399)
            panel.list.repaint()
            steps.append(time.perf_counter() - begun)
            if step % 10 == 0:
                rest(0.02)
        rows.append(("scroll and repaint, 400 steps from top to end", *spread(steps)[::2]))
        after = _resident_mb()
        timed = {
            "filter: rejected": PairQuery(frozenset({Decision.REJECTED})),
            "search: luna": PairQuery(text="luna"),
            "sort by name": PairQuery(order=PairOrder.NAME),
        }
        for title, query in timed.items():
            begun = time.perf_counter()
            window.workspace.queue.set_query(query)
            panel.list.repaint()
            rows.append((title, ms(time.perf_counter() - begun), ""))
        decisions = []
        presenter.start()
        for _ in range(100):
            begun = time.perf_counter()
            presenter.decide(Decision.ACCEPTED)
            panel.list.repaint()
            decisions.append(time.perf_counter() - begun)
        rows.append(("accept: saved, next pair and row shown", *spread(decisions)[::2]))
    table(f"A project of {count:,} pairs", ("", "ms (median)", "max"), rows)
    print(f"\nmemory: {before:.0f} MB before scrolling, {after:.0f} MB after")


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    """Run what the arguments name."""
    parts: dict[str, Callable[[Path], None]] = {"start": start, "switch": switch, "paint": paint, "large": large}
    wanted = sys.argv[1:] or list(parts)
    if unknown := [name for name in wanted if name not in parts]:
        raise SystemExit(f"{unknown[0]}: not one of {', '.join(parts)}")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as name:
        for variable in ("SETTINGS", "CACHE", "STATE"):
            os.environ[f"PAWTRAIT_{variable}"] = str(Path(name) / variable.lower())
        for part in wanted:
            parts[part](Path(name))


if __name__ == "__main__":
    main()
