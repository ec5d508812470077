"""How the reviewer's hands feel on a 24 MP photo at 1600 x 1000: brush dabs, against the plain way; memory; undo.

Usage: python benchmarks/hands.py [masks]   (nothing named: all of them)

The plain way recolours the whole mask and repaints the whole picture for each dab; it runs in turns with ours. Runs
offscreen unless QT_QPA_PLATFORM says otherwise; the project is in memory, its masks and patches as they would be kept.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
WIDTH, HEIGHT = 6000, 4000
WINDOW = (1600, 1000)
DABS, STROKES, SPAN = 60, 200, 12
"""Dabs that are timed of each brush; strokes; dabs of a stroke."""
SIZES = (60, 240, 800)
COLOUR = "#00b4ff"


def main(names: Sequence[str]) -> int:
    """Run the benchmarks that are named."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    sys.path.insert(0, str(ROOT))
    every: dict[str, Callable[[], None]] = {"masks": masks}
    unknown = [name for name in names if name not in every]
    if unknown:
        print(f"No such benchmark: {unknown[0]}. There are: {', '.join(every)}.")
        return 2
    for name in names or every:
        every[name]()
    return 0


# --- masks ------------------------------------------------------------------------------------------------------------


def masks() -> None:
    """Time dabs, strokes and their undo."""
    from desk import table

    desk = _Desk()
    rows = []
    for size in SIZES:
        ours, plain = desk.dabs(size)
        fast, fast_cpu = (statistics.median(kind) for kind in zip(*ours, strict=True))
        slow, slow_cpu = (statistics.median(kind) for kind in zip(*plain, strict=True))
        walls = [[wall for wall, _ in way] for way in (ours, plain)]
        times = (*_ms(walls[0]), _one(fast_cpu), *_ms(walls[1]), _one(slow_cpu))
        rows.append((f"{size} px", *times, f"{slow / fast:.0f}x", f"{slow_cpu / fast_cpu:.0f}x"))
    head = ("brush", "dab, median ms", "95 %", "CPU ms", "plain, median ms", "95 %", "CPU ms", "faster", "by CPU")
    table(f"Brush dab to screen, {WIDTH} x {HEIGHT} at {WINDOW[0]} x {WINDOW[1]}", head, rows)
    written, undone, grown, saved = desk.strokes()
    rows = []
    for name, times in (("written, after the pen is lifted", written), ("taken back", undone)):
        clock, own = zip(*times, strict=True)
        rows.append((name, *_ms(clock), _one(max(clock)), _one(statistics.median(own)), _one(max(own))))
    head = ("", "median ms", "95 %", "max", "GUI thread's computing, median ms", "max")
    table(f"{STROKES} strokes of {SPAN} dabs with a brush of 240 px, one by one", head, rows)
    print(f"\nThey cost {grown:.1f} MB of memory and {saved:.1f} MB of files.")
    desk.close()


Times = tuple[float, float]
"""Seconds by the clock, and of this thread's computing: other programs disturb only the first."""


def _now() -> Times:
    return time.perf_counter(), time.thread_time()


def _since(begun: Times) -> Times:
    return time.perf_counter() - begun[0], time.thread_time() - begun[1]


def _one(seconds: float) -> str:
    return f"{seconds * 1000:.1f}"


def _ms(times: Sequence[float]) -> tuple[str, str]:
    ordered = sorted(times)
    return _one(statistics.median(ordered)), _one(ordered[int(0.95 * (len(ordered) - 1))])


class _Desk:
    """A pair view with a mask under edit, and the room that writes its strokes."""

    def __init__(self) -> None:
        from PySide6.QtWidgets import QApplication

        from core.domain import ImageRef, MaskRef, Pair, Reconciliation
        from core.edits import AddPair, Initiator, Origin
        from core.images import convert
        from core.images.io import encode_mask
        from core.jobs.answers import DisplayPicture
        from core.settings import Settings
        from core.store.memory import MemoryStore
        from gui.assets import apply_theme
        from gui.canvas.pair_view import PairView
        from gui.canvas.pane import Pane
        from gui.canvas.scene import PairScene
        from gui.session import Session

        self.app = QApplication.instance() or QApplication([])
        assert isinstance(self.app, QApplication)
        apply_theme(self.app, "dark")
        y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
        mask = (((x - 2900) / 1700) ** 2 + ((y - 2000) / 1500) ** 2 < 1).astype(np.uint8) * np.uint8(255)
        photo = np.dstack([(x // 16 % 256).astype(np.uint8), (y // 12 % 256).astype(np.uint8), mask // 2 + 60])
        rgba = np.dstack([photo, np.full((HEIGHT, WIDTH), 255, np.uint8)])
        del x, y
        self.mask = mask
        picture = DisplayPicture(convert.mask_levels(rgba), True, WIDTH, HEIGHT)
        self.view = PairView()
        self.view.resize(*WINDOW)
        self.view.show()
        self.view.show_scene(PairScene(original=picture, original_size=(WIDTH, HEIGHT), pair_id=1, editing=True))
        self.pane = next(found for found in self.view.findChildren(Pane) if found.accessibleName() == "Original")
        self.store = MemoryStore("hands")
        ref: MaskRef = self.store.put_mask(encode_mask(mask), WIDTH, HEIGHT)
        found = Reconciliation("pawtrait", None, 0.9, "", 0.1, ref)
        pair = Pair(0, "photo", ImageRef("/nowhere.png", "0" * 64, WIDTH, HEIGHT), None, found)
        change = self.store.apply([AddPair(pair)], Initiator("me", Origin.JOB))
        self.session = Session(self.store, Settings(), "me")
        self.pair_id = change.pair_ids[0]
        self._room()
        self.paint()

    def _room(self) -> None:
        from core.edits import Edit
        from core.images import convert
        from core.jobs.services import Services
        from core.maths.patches import PaintedLayer
        from gui.canvas.scene import PairScene
        from gui.jobs.bridge import Bridge
        from gui.jobs.runner import Runner
        from gui.tools.editor import Editor
        from gui.tools.errands import Errands
        from gui.tools.room import MaskRoom
        from gui.tools.sheet import Sheet

        desk = self

        class Person:
            """Writes at once, and hears of it as the desk does."""

            source = None

            def __init__(self) -> None:
                self.pair = desk.store.pairs([desk.pair_id])[0]

            def gesture(self, edits: tuple[Edit, ...], label: str) -> bool:
                desk.session.apply(edits, label)
                self.pair = desk.store.pairs([desk.pair_id])[0]
                desk.room.follow(self.pair)
                return True

        self.runner = Runner(Bridge())
        services = Services(self.session.settings, None, self.store)  # type: ignore[arg-type]
        self.editor = Editor(self.view.surface, self.view.hand, self.view)
        errands = Errands(self.runner, services, PairScene, self.view)
        self.person = Person()
        self.room = MaskRoom(
            self.session, self.runner, services, reviewer=self.person, editor=self.editor, errands=errands
        )
        self.room._pair = self.person.pair
        self.room._base = self.person.pair.base_source
        self.fresh = lambda: self.editor.open(
            Sheet(self.mask, PaintedLayer(WIDTH, HEIGHT)), convert.mask_levels(self.mask.copy())
        )
        self.view.hand.set_on(True)
        self.fresh()

    def paint(self) -> None:
        """Let everything that waits be painted."""
        self.app.processEvents()

    def mouse(self, kind: str, at: tuple[float, float]) -> None:
        """Send a mouse event to the pane."""
        from PySide6.QtCore import QEvent, QPointF, Qt
        from PySide6.QtGui import QMouseEvent

        here, none, left = QPointF(*at), Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton
        button = none if kind == "MouseMove" else left
        down = none if kind == "MouseButtonRelease" else left
        keys = Qt.KeyboardModifier.NoModifier
        event = QMouseEvent(getattr(QEvent.Type, kind), here, self.pane.mapToGlobal(here), button, down, keys)
        self.app.sendEvent(self.pane, event)

    def way(self, dabs: int, seed: int = 0) -> list[tuple[float, float]]:
        """Return places on a wavy way across the mask."""
        share = np.linspace(0, 1, dabs)
        x, y = 450 + 600 * share, 300 + 37 * (seed % 11) + 120 * np.sin(share * 9 + seed)
        return list(zip(x.tolist(), y.tolist(), strict=True))

    def dabs(self, size: int) -> tuple[list[Times], list[Times]]:
        """Return seconds from a mouse event to the screen, ours and the plain way's."""
        from desk import wait

        from gui.tools.base import ToolName

        self.fresh()
        self.editor.choose(ToolName.ERASER)  # in the mask: each dab changes what is to be seen
        self.editor.set_brush_size(float(size))
        ours, plain = [], []
        way = self.way(DABS, size)
        self.mouse("MouseButtonPress", way[0])
        self.paint()
        for number, at in enumerate(way[1:]):
            begun = _now()
            self.mouse("MouseMove", at)
            self.paint()
            ours.append(_since(begun))
            if number % 20 == 10:  # in turns; not after every dab, which would then find its caches emptied
                plain += [self.plain_dab(at, size) for _ in range(3)]
                self.paint()
        self.mouse("MouseButtonRelease", way[-1])
        wait(lambda: not self.room.writing)
        self.editor.choose(ToolName.BRUSH)
        return ours, plain

    def plain_dab(self, at: tuple[float, float], size: int) -> Times:
        """Dab into a mask, recolour all of it and paint all of it; return the seconds."""
        from PySide6.QtCore import QRectF
        from PySide6.QtGui import QImage, QPainter

        from core.maths.brush import swept
        from gui.canvas.layers import Glass
        from gui.canvas.qimages import mask_table

        scale = self.view.surface.view
        x, y = scale.to_image(at)
        mask = self.mask.copy()
        table = np.array(mask_table(COLOUR, 0.45), np.uint32)
        target = QImage(self.pane.width(), self.pane.height(), QImage.Format.Format_RGB32)
        begun = _now()
        reach = size // 2 + 2
        left, top = max(round(x) - reach, 0), max(round(y) - reach, 0)
        box = left, top, min(left + 2 * reach, WIDTH), min(top + 2 * reach, HEIGHT)
        part = mask[box[1] : box[3], box[0] : box[2]]
        np.maximum(part, swept(box, (x, y, size / 2), (x, y, size / 2), 0.8), out=part)
        colours = table[mask]
        image = QImage(colours.data, WIDTH, HEIGHT, 4 * WIDTH, QImage.Format.Format_ARGB32)
        painter = QPainter(target)
        content = self.pane._content
        assert content.picture is not None
        content.picture.paint(painter, scale, Glass(self.pane.extent, 1.0))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        corner, end = scale.to_view((-0.5, -0.5)), scale.to_view((WIDTH - 0.5, HEIGHT - 0.5))
        painter.drawImage(QRectF(*corner, end[0] - corner[0], end[1] - corner[1]), image)
        painter.end()
        return _since(begun)

    def strokes(self) -> tuple[list[Times], list[Times], float, float]:
        """Return seconds to write strokes and to undo them; megabytes in memory and of files."""
        from desk import wait

        from core.edits import inverse_of
        from core.store.changes import ChangeKind

        self.editor.set_brush_size(240.0)
        ended, changes = [], []
        self.session.changed.connect(changes.append)
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        files = self._files()
        for number in range(STROKES):
            way = self.way(SPAN, number)
            self.mouse("MouseButtonPress", way[0])
            for at in way[1:]:
                self.mouse("MouseMove", at)
            begun = _now()
            self.mouse("MouseButtonRelease", way[-1])
            wait(lambda: not self.room.writing)
            ended.append(_since(begun))
        saved = self._files() - files
        grown = (tracemalloc.get_traced_memory()[0] - before) / 1e6 - saved
        tracemalloc.stop()
        undone = []
        for change in list(reversed(changes)):
            begun = _now()
            self.session.apply(
                inverse_of(change.edits), change.initiator.label, kind=ChangeKind.UNDO, target=change.revision
            )
            self.person.pair = self.store.pairs([self.pair_id])[0]
            self.room.follow(self.person.pair)
            self.paint()
            undone.append(_since(begun))
        return ended, undone, grown, saved

    def _files(self) -> float:
        """Return megabytes of the patches that the store keeps (on the disk, were it not in memory)."""
        return sum(len(png) for png in self.store._masks.values()) / 1e6

    def close(self) -> None:
        """End."""
        self.view.hand.set_on(False)
        self.runner.shut_down()
        self.view.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
