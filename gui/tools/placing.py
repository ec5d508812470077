"""Placing by hand: the pair's two pictures over one another, with handles, keys, typed numbers and landmarks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QWidget

from core.domain import Pair, Placement
from gui.actions import TABLE, Actions, Scope
from gui.canvas.linking import Side
from gui.canvas.pair_view import PairView
from gui.canvas.placing_glass import PlacingTouch
from gui.canvas.superposed import CompareMode
from gui.jobs.desk import Desk
from gui.tools import placement_handles as handles
from gui.tools.landmarks import Landmarks
from gui.tools.placement_bar import PlacementBar
from gui.tools.placement_handles import Grip, PlacementDrag
from gui.tools.placement_scenes import Placed, Scenes
from gui.tools.placement_work import PlacementWork

REST_MS = 700
"""Keys that rest so long have come to an end: what they did together is one step of undo."""
SPLIT_GRAB = 8.0
"""View pixels beside a swipe's line within which it is taken hold of."""
_STEPS = {"left": (-1.0, 0.0), "right": (1.0, 0.0), "up": (0.0, -1.0), "down": (0.0, 1.0)}
_TURN_DEG, _SCALE = 0.1, 1.001
_CURSORS = {
    Grip.MOVE: Qt.CursorShape.SizeAllCursor,
    Grip.TURN: Qt.CursorShape.PointingHandCursor,
    Grip.SCALE: Qt.CursorShape.SizeFDiagCursor,
}
_NOTHING_TO_COMPARE = "This is a photo alone: there is no designer image to compare or to place."


class Placing(QObject):
    """Lives as long as the window; works while a project is open."""

    active_changed = Signal(bool)

    def __init__(self, desk: Desk, commands: Actions, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk, self._commands = desk, commands
        self.work = PlacementWork(desk, self)
        self._view: PairView | None = None
        self._bar: PlacementBar | None = None
        self._scenes: Scenes | None = None
        self._pair: Pair | None = None
        self._draft: Placement | None = None
        self._active = False
        self._turning = False
        self._points: Landmarks | None = None
        self._marked: dict[int, Landmarks] = {}
        """Landmarks by pair: they are there again when one comes back."""
        self._drag: PlacementDrag | str | None = None
        self._hint = ""
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self.settle)
        self._modes = QActionGroup(self)
        for mode in CompareMode:
            self._modes.addAction(commands[_id_of(mode)])
        self._base = self._make_handlers()
        desk.closing.connect(self._on_closing)
        self.work.solved.connect(self._on_solved)
        self._enable()

    def _make_handlers(self) -> dict[str, Callable[[], object]]:
        made: dict[str, Callable[[], object]] = {
            "place": self.enter,
            "turn_tool": self._choose_turning,
            "landmarks": self._toggle_landmarks,
            "take_landmarks": self.take_landmarks,
            "delete_landmark": self._delete_landmark,
            "solve": self.solve,
            "derive_mask": lambda: self.work.derive(self._pair),
            "mode": self.next_mode,
            "mirror": lambda: self._change(handles.mirrored),
            "turn_left": lambda: self._change(handles.turned, -_TURN_DEG),
            "turn_right": lambda: self._change(handles.turned, _TURN_DEG),
            "scale_up": lambda: self._change(handles.scaled, _SCALE),
            "scale_down": lambda: self._change(handles.scaled, 1 / _SCALE),
            "leave_placing": self.leave,
        }
        for mode in CompareMode:
            made[_id_of(mode)] = partial(self.choose_mode, mode)
        for way, (dx, dy) in _STEPS.items():
            made[f"move_{way}"] = partial(self._nudge, dx, dy)
            made[f"move_{way}_10"] = partial(self._nudge, 10 * dx, 10 * dy)
        return made

    @property
    def handlers(self) -> dict[str, Callable[[], object]]:
        """What the actions do that are ours just now, by the action's id; before everybody else's."""
        points = self._points
        if points is None:
            return self._base
        own: dict[str, Callable[[], object]] = {}
        if points.can_undo:
            own["undo"] = partial(self._step_points, points.undo)
        if points.can_redo:
            own["redo"] = partial(self._step_points, points.redo)
        return {**self._base, **own}

    @property
    def active(self) -> bool:
        """Whether a placement is being set by hand, or the two are compared."""
        return self._active

    # --- with a project -----------------------------------------------------------------------------------------------

    def begin(self, view: PairView, lend: Callable[[QWidget], None]) -> None:
        """Go to work on a project's view; ``lend`` gives the bar its place beneath the pictures."""
        commands = self._commands
        modes = [commands[_id_of(mode)] for mode in CompareMode]
        steps = [commands[name] for name in ("landmarks", "solve", "leave_placing")]
        points = [commands[name] for name in ("delete_landmark", "take_landmarks")]
        self._view, self._bar = view, PlacementBar(modes, steps, points)
        self._scenes = Scenes(view, self._bar, self)
        self._bar.hide()
        self._bar.typed.connect(self._on_typed)
        self._bar.faded.connect(self._scenes.fade)
        self._bar.left.connect(view.setFocus)
        lend(self._bar)

    def _on_closing(self) -> None:
        self.leave_all()
        self._view = self._bar = self._scenes = self._pair = None
        self._marked.clear()

    def follow(self, pair: Pair | None) -> None:
        """Another pair is on the screen, or the same one changed: what it has now counts."""
        before, self._pair = self._pair, pair
        if self._desk.session is not None and not self._read_only:
            self.work.follow(pair)
        if before is None or pair is None or before.id != pair.id:
            self._drop()
            if self._points is not None:
                self._set_points(False)
        elif self._draft is not None and not isinstance(self._drag, PlacementDrag) and not self._rest.isActive():
            self._drop()
        if self._active and (pair is None or pair.designer is None):
            self.leave_all()
        self._enable()
        self._show()

    @property
    def _read_only(self) -> bool:
        return self._desk.session is None or self._desk.session.store.info.read_only

    # --- coming and going ---------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Lay the two over one another, ready to move; within, go back to moving."""
        if self._pair is None or self._pair.designer is None or self._view is None:
            self._desk.told.emit(_NOTHING_TO_COMPARE)
            return
        self._turning = False
        if self._points is not None:
            self._set_points(False)
        if not self._active:
            self._active = True
            self._view.glass.take(self)
            if self._bar is not None:
                self._bar.show()
            self.active_changed.emit(True)
            self._view.setFocus()
        self._arrange()
        self._desk.told.emit("You can compare, but this project is read-only." if self._read_only else handles.OUTSIDE)

    def leave(self) -> None:
        """Go back one step: from landmarks to the handles, from those to the review."""
        if self._points is not None:
            self._set_points(False)
            self._arrange()
        else:
            self.leave_all()

    def leave_all(self) -> None:
        """Go back to the review; what was moved is written."""
        if not self._active:
            return
        self.settle()
        self._active = False
        self._points = None
        if self._scenes is not None:
            self._scenes.stop()
        if self._view is not None:
            self._view.glass.take(None)
            self._view.show_placing(None)
        if self._bar is not None:
            self._bar.hide()
        self.active_changed.emit(False)
        self._arrange()

    def _arrange(self) -> None:
        """Give the keys to whom they belong, and show."""
        modes = [Scope.PLACEMENT] if self._active else []
        if self._points is not None:
            modes.append(Scope.LANDMARKS)
        self._commands.give_keys(*modes)
        self._enable()
        self._show()

    def _enable(self) -> None:
        may_change = self._active and not self._read_only
        for spec in TABLE:
            if spec.scope is Scope.PLACEMENT:
                self._commands[spec.id].setEnabled(may_change or (self._active and spec.id == "leave_placing"))
            elif spec.scope is Scope.LANDMARKS:
                self._commands[spec.id].setEnabled(may_change and self._points is not None)
        self._commands["landmarks"].setChecked(self._points is not None)
        if self._pair is None or self._pair.designer is None:
            for name in ("place", "mode", "solve", "derive_mask", *map(_id_of, CompareMode)):
                self._commands[name].setEnabled(False)
        elif self._pair.placement is None:
            self._commands["derive_mask"].setEnabled(False)
            if not self._active:
                self._commands["solve"].setEnabled(False)

    # --- comparing ----------------------------------------------------------------------------------------------------

    def choose_mode(self, mode: CompareMode) -> None:
        """Compare in a certain way."""
        if self._scenes is None:
            return
        self._scenes.mode, self._scenes.in_panes = mode, False
        if not self._active:
            self.enter()
        self._show()

    def next_mode(self) -> None:
        """Compare in the next way; with landmarks, side by side is one of them."""
        if self._scenes is None:
            return
        if self._active:
            self._scenes.next_mode(with_panes=self._points is not None)
            self._show()
        else:
            self.enter()

    # --- moving -------------------------------------------------------------------------------------------------------

    @property
    def placement(self) -> Placement | None:
        """Where the designer image lies on the screen."""
        if self._draft is not None:
            return self._draft
        pair = self._pair
        if pair is None or pair.designer is None:
            return None
        if pair.placement is not None:
            return pair.placement
        original, designer = pair.original, pair.designer
        return handles.first_placement((original.width, original.height), (designer.width, designer.height))

    @property
    def _size(self) -> tuple[int, int]:
        designer = self._pair.designer if self._pair is not None else None
        return (1, 1) if designer is None else (designer.width, designer.height)

    def _choose_turning(self) -> None:
        if self._points is not None:
            self._set_points(False)
            self._arrange()
        self._turning = True
        self._desk.told.emit(handles.WORDS[Grip.TURN] + " V moves again.")

    def _nudge(self, dx: float, dy: float) -> None:
        self._change(lambda placement, _size: handles.moved(placement, dx, dy))

    def _change(self, how: Callable[..., Placement], *by: float) -> None:
        """Change the placement by a key; written when the keys rest."""
        now = self.placement
        if now is None or self._read_only or not self._active:
            return
        if self._points is not None:
            self._set_points(False)
            self._arrange()
        self._draft = how(now, self._size, *by)
        self._say_moved()
        self._rest.start()
        self._show()

    def _say_moved(self) -> None:
        before = self._pair.placement if self._pair is not None else None
        if before is not None and self._draft is not None:
            self._desk.told.emit(handles.words_of(before, self._draft, self._size).capitalize())

    def _on_typed(self, placement: Placement) -> None:
        if not self._read_only:
            self._draft = placement
            self.settle()

    def settle(self) -> None:
        """Write what was moved, as one step."""
        if isinstance(self._drag, PlacementDrag):
            self._drag = None
        draft, pair = self._draft, self._pair
        self._drop()
        if draft is not None and pair is not None and draft != pair.placement and not self._read_only:
            self.work.place(pair, draft)
        self._show()

    def _drop(self) -> None:
        self._rest.stop()
        self._draft = None
        self._drag = None

    def solve(self) -> None:
        """Search from what is on the screen: two pairs of landmarks, or the placement."""
        self.settle()
        pair = self._pair
        if pair is None or pair.designer is None or self._read_only:
            return
        points = self._points.points if self._points is not None else ()
        if len(points) >= 2:
            self.work.solve(pair, pair.placement, points)
        else:
            self.work.solve(pair, self.placement if self._active else pair.placement)

    def _on_solved(self) -> None:
        if self._points is not None:
            self._set_points(False)
            self._arrange()

    # --- landmarks ----------------------------------------------------------------------------------------------------

    def _toggle_landmarks(self) -> None:
        self.settle()
        self._set_points(self._points is None)
        self._arrange()
        if self._points is not None:
            self._desk.told.emit(self._points.words)

    def _set_points(self, on: bool) -> None:
        pair = self._pair
        if not on or pair is None:
            self._points = None
            return
        self._points = self._marked.setdefault(pair.id, Landmarks())
        self._points.mirrored = pair.placement is not None and pair.placement.mirrored
        if self._scenes is not None:
            self._scenes.in_panes = True

    def take_landmarks(self) -> None:
        """Put the designer image where the points say."""
        fit = self._points.fit if self._points is not None else None
        if self._points is None or fit is None:
            self._desk.told.emit("Two pairs of points are needed.")
            return
        self._draft = fit.placement
        self._set_points(False)
        self.settle()
        self._arrange()

    def _delete_landmark(self) -> None:
        if self._points is not None and not self._points.delete():
            self._desk.told.emit("There is no point to delete.")
        self._show()

    def _step_points(self, step: Callable[[], bool]) -> None:
        step()
        self._show()

    # --- the mouse ----------------------------------------------------------------------------------------------------

    def press(self, touch: PlacingTouch) -> bool:
        """Take hold of a handle, a point or a swipe's line, or set a point."""
        if self._points is None and self._on_split(touch):
            self._drag = "split"
            return True
        if self._read_only:
            return False
        if self._points is not None:
            self._press_point(self._points, touch)
            return True
        now = self.placement
        grip = self._grip(touch)
        if now is None or grip is None:
            return False
        self.settle()
        self._drag = PlacementDrag(grip, touch.at, now, self._size)
        return True

    def _press_point(self, points: Landmarks, touch: PlacingTouch) -> None:
        side, at = touch.side, touch.at
        near = points.near(side, at, touch.reach)
        if near is not None:
            points.take(side, near)
            self._drag = "point"
        elif self._scenes is not None and self._scenes.over is not None:
            # one view: the first click is the original's, the next one that of the designer image over it
            side = points.expected
            points.click(side, at if side is Side.ORIGINAL else self._scenes.over.placement.apply_inverse(*at))
        else:
            points.click(side, at)
        self._desk.told.emit(points.words)
        self._show()

    def drag(self, touch: PlacingTouch) -> None:
        """Move what is held."""
        if self._drag == "split" and self._scenes is not None:
            self._scenes.split = min(max(touch.share, 0.0), 1.0)
        elif self._drag == "point" and self._points is not None:
            self._points.drag(touch.at)
        elif isinstance(self._drag, PlacementDrag):
            self._draft = self._drag.at(touch.at, touch.kept)
            self._say_moved()
        self._show()

    def release(self) -> None:
        """Let go: one step of undo."""
        held, self._drag = self._drag, None
        if held == "point" and self._points is not None:
            self._points.drop()
        elif isinstance(held, PlacementDrag):
            self.settle()
        self._show()

    def hover(self, touch: PlacingTouch | None) -> Qt.CursorShape | None:
        """Say what a drag would do."""
        if touch is None:
            return None
        if self._points is not None:
            near = self._points.near(touch.side, touch.at, touch.reach)
            self._say(self._points.words if near is None else f"Drag moves point {near + 1}; Delete takes it away.")
            return Qt.CursorShape.CrossCursor if near is None else Qt.CursorShape.SizeAllCursor
        if self._on_split(touch):
            self._say("Drag moves the line between original and designer image.")
            return Qt.CursorShape.SplitHCursor
        grip = None if self._read_only else self._grip(touch)
        self._say(handles.OUTSIDE if grip is None else handles.WORDS[grip])
        return Qt.CursorShape.OpenHandCursor if grip is None else _CURSORS[grip]

    def _say(self, words: str) -> None:
        if words != self._hint:
            self._hint = words
            self._desk.told.emit(words)

    def _grip(self, touch: PlacingTouch) -> Grip | None:
        now = self.placement
        if now is None or touch.side is not Side.ORIGINAL:
            return None
        return handles.grip_at(touch.at, now, self._size, touch.reach, self._turning)

    def _on_split(self, touch: PlacingTouch) -> bool:
        scenes = self._scenes
        if scenes is None or scenes.over is None or scenes.mode is not CompareMode.SWIPE:
            return False
        near = abs(touch.share - scenes.split) * touch.width <= SPLIT_GRAB
        return near and self._grip(touch) not in (Grip.SCALE,)

    def _show(self) -> None:
        if not self._active or self._scenes is None or self._pair is None:
            return
        held = isinstance(self._drag, PlacementDrag)
        own = self._pair.placement
        self._scenes.show(
            Placed(self._pair, self.placement, own, held, not self._read_only and self._points is None), self._points
        )
        self._commands[_id_of(self._scenes.mode)].setChecked(True)


def _id_of(mode: CompareMode) -> str:
    return f"compare_{mode.name.lower()}"
