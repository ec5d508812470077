"""How long each tool keeps the window from answering, on a 24 MP photo in the whole desk at 1600 x 1000.

Usage: python benchmarks/hands_tools.py [--tree FOLDER]

A timer of 5 ms beats in the GUI thread while every tool is used through mouse events and actions, each stroke written
to a project on the disk. The longest silence is what a person feels; what the GUI thread itself computed in the longest
one says how much of that is ours where other programs keep the machine busy. "done": in the project and shown.
``--tree`` runs another checkout's program, to be compared.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
HERE = Path(__file__).resolve().parent
BEAT_MS = 5
RUNS = 3
Point = tuple[float, float]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tree", type=Path, default=HERE.parent, help="the checkout whose program is measured")
    sys.path.insert(0, str(parser.parse_args().tree.resolve()))
    sys.path.append(str(HERE))
    from desk import table
    from fixtures import large_photos

    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(PAWTRAIT_SETTINGS=f"{folder}/settings.json", PAWTRAIT_CACHE=folder)
        large_photos(Path(folder), 1)
        rows = Tools(Path(folder) / "project").measured()
    table(
        f"Longest silence of the window, {RUNS} runs",
        ("", "median ms", "max", "computing, median ms", "max", "done after, median ms"),
        rows,
    )


class Beat:
    """A timer in the GUI thread: the longest time between two beats, and what the thread computed in such a time."""

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self._timer = QTimer(interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_beat)

    def start(self) -> None:
        """Begin counting anew."""
        self._last, self.silence, self.computing = (time.perf_counter(), time.thread_time()), 0.0, 0.0
        self._timer.start()

    def stop(self) -> None:
        """End counting."""
        self._timer.stop()

    def _on_beat(self) -> None:
        now = time.perf_counter(), time.thread_time()
        self.silence = max(self.silence, now[0] - self._last[0])
        self.computing = max(self.computing, now[1] - self._last[1])
        self._last = now


class Tools:
    """A window with a mask under edit."""

    def __init__(self, project: Path) -> None:
        self._project = project
        self._rows: list[Sequence[str]] = []

    def measured(self) -> list[Sequence[str]]:
        """Use every tool; return a row for each."""
        from desk import desk, rest, wait

        with desk(self._project) as (window, _):
            window.resize(1600, 1000)
            self._window, self._wait = window, wait
            scenes: list[object] = []
            window.workspace.loader.scene_changed.connect(scenes.append)
            only = window.workspace.presenter.pair.id
            window.workspace.presenter.show(None)
            window.workspace.presenter.show(only)
            wait(lambda: bool(scenes) and scenes[-1].original is not None and scenes[-1].mask is not None)
            wait(lambda: scenes[-1].original.levels[0].shape[1] == 6000)
            rest(1.0)
            self._all()
        return self._rows

    def _all(self) -> None:
        editor = self._masks.editor
        self._time("open edit mode", lambda: self._act("edit"), lambda: editor.sheet is not None, again=self._leave)
        self._act("edit")
        self._wait(lambda: editor.sheet is not None)
        for name, size in (("brush", 60), ("brush", 240), ("brush", 800), ("eraser", 240)):
            self._act(f"tool_{name}")
            editor.set_brush_size(float(size))
            self._stroke(f"{name}, {size} px, a stroke", self._wave)
        editor.set_brush_size(800.0)
        self._act("tool_brush")
        self._stroke("brush, 800 px, across the photo", self._across)
        self._time("its undo", lambda: self._act("undo"), self._settled)
        self._act("tool_lasso")
        self._stroke("lasso, around half of the photo", self._ring)
        self._act("tool_wand")
        self._stroke("wand", lambda: [(400, 300)])
        self._act("tool_eraser")
        editor.set_brush_size(240.0)
        self._drag([(2500, 2000)])
        self._act("tool_fill")
        self._stroke("fill a hole", lambda: [(2500, 2000)])
        editor.set_brush_size(120.0)
        for name in ("refine", "edge_brush"):
            self._act(f"tool_{name}")
            self._stroke(f"{name.replace('_', ' ')}, along the mask's edge", lambda: self._ring()[:25])
        for kind in ("fill_holes", "drop_specks", "grow", "shrink", "feather", "smooth"):
            self._time(kind.replace("_", " "), lambda kind=kind: self._act(f"clean_{kind}"), self._settled)
        for view in ("black", "mono", "backdrop", "onion_skin", "outline", "overlay"):
            name = {"black": "on_black", "backdrop": "on_a_backdrop", "mono": "black_and_white"}.get(view, view)
            self._time(f"view: {name.replace('_', ' ')}", lambda name=name: self._act(f"view_{name}"), self._settled)

    # --- doing it ---------------------------------------------------------------------------------------------------

    @property
    def _masks(self) -> object:
        return self._window.tools.masks

    def _act(self, action: str) -> None:
        self._window.commands[action].trigger()

    def _leave(self) -> None:
        self._masks.room.leave()

    def _settled(self) -> bool:
        room = self._masks.room
        jobs = [job for job in self._window._runner.jobs() if job.group.startswith("mask")]
        return not room._waiting and not jobs

    def _stroke(self, title: str, points: Callable[[], list[Point]]) -> None:
        self._time(title, lambda: self._drag(points()), self._settled, again=lambda: self._act("undo"))

    def _time(self, title: str, do: Callable[[], object], done: Callable[[], bool], again: object = None) -> None:
        from desk import ms, rest

        beat = Beat()
        silences, computed, times = [], [], []
        for run in range(RUNS):
            rest(0.2)
            beat.start()
            begun = time.perf_counter()
            do()
            self._wait(done)
            times.append(time.perf_counter() - begun)
            rest(0.1)
            beat.stop()
            silences.append(beat.silence)
            computed.append(beat.computing)
            if again is not None and run < RUNS - 1:
                again()
                self._wait(self._settled)
        middle = RUNS // 2
        found = (ms(value) for many in (silences, computed) for value in (sorted(many)[middle], max(many)))
        self._rows.append((title, *found, ms(sorted(times)[middle])))
        print(*self._rows[-1], sep=" | ", file=sys.stderr)

    def _drag(self, points: Sequence[Point]) -> None:
        """Press, move and release, the event loop running in between as it does under a hand."""
        from desk import rest
        from PySide6.QtCore import QEvent, QPointF, Qt
        from PySide6.QtGui import QMouseEvent
        from PySide6.QtWidgets import QApplication

        from gui.canvas.pane import Pane

        panes = self._window.findChildren(Pane)
        pane = next(found for found in panes if found.accessibleName() == "Original")
        left, none, plain = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier

        def send(kind: QEvent.Type, point: Point, button: Qt.MouseButton, down: Qt.MouseButton) -> None:
            at = QPointF(*self._window.workspace.view.surface.view.to_view(point))
            QApplication.sendEvent(pane, QMouseEvent(kind, at, pane.mapToGlobal(at), button, down, plain))

        send(QEvent.Type.MouseButtonPress, points[0], left, left)
        for point in points[1:]:
            send(QEvent.Type.MouseMove, point, none, left)
            rest(0.008)
        send(QEvent.Type.MouseButtonRelease, points[-1], left, none)

    # --- where to ---------------------------------------------------------------------------------------------------

    @staticmethod
    def _wave() -> list[Point]:
        import math

        return [(1500 + 40 * step, 2000 + 500 * math.sin(step / 8)) for step in range(50)]

    @staticmethod
    def _across() -> list[Point]:
        return [(100 + 58 * step, 100 + 38 * step) for step in range(100)]

    @staticmethod
    def _ring() -> list[Point]:
        import math

        return [(3000 + 2000 * math.cos(step / 16), 2000 + 1500 * math.sin(step / 16)) for step in range(100)]


if __name__ == "__main__":
    main()
