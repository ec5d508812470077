"""Placing by hand: the pair's two pictures over one another, with handles, keys, typed numbers and landmarks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QWidget

from core.domain import Pair, Placement
from gui.actions import TABLE, Actions, Scope
from gui.canvas.pair_view import PairView
from gui.canvas.superposed import CompareMode
from gui.current_keys import with_keys
from gui.jobs.desk import Desk
from gui.tools import placement_handles as handles
from gui.tools.landmarks import Landmarks
from gui.tools.placement_bar import PlacementBar
from gui.tools.placement_draft import Draft
from gui.tools.placement_handles import Grip
from gui.tools.placement_mouse import PlacementMouse
from gui.tools.placement_points import PointTool
from gui.tools.placement_scenes import Placed, Scenes
from gui.tools.placement_work import Gesture, PlacementWork

_STEPS = {"left": (-1.0, 0.0), "right": (1.0, 0.0), "up": (0.0, -1.0), "down": (0.0, 1.0)}
_TURN_DEG, _SCALE = 0.1, 1.001
_NOTHING_TO_COMPARE = "This is a photo alone: there is no designer image to compare or to place."


@dataclass(frozen=True, slots=True)
class _Room:
    """What a project's view needs."""

    view: PairView
    bar: PlacementBar
    scenes: Scenes
    tool: PointTool
    mouse: PlacementMouse


class Placing(QObject):
    """Lives as long as the window; works while a project is open."""

    active_changed = Signal(bool)
    points_changed = Signal()
    hint_changed = Signal(str)
    """What a drag will do; empty: nothing special."""
    moved_on = Signal()
    """Another tool or another way to compare: what was said of the one before is over."""

    def __init__(self, desk: Desk, commands: Actions, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk, self._commands = desk, commands
        self.work = PlacementWork(desk, self)
        self.draft = Draft(self.work, self)
        self._room: _Room | None = None
        self.active = False
        """Whether a placement is being set by hand, or the two are compared."""
        self._modes = QActionGroup(self)
        self._modes.setExclusionPolicy(QActionGroup.ExclusionPolicy.ExclusiveOptional)
        for mode in CompareMode:
            self._modes.addAction(commands[_id_of(mode)])
        self._base = self._make_handlers()
        desk.closing.connect(self._on_closing)
        self.draft.changed.connect(self._show)
        self.draft.told.connect(desk.told)
        self.work.solved.connect(self._leave_points)
        self._enable()

    def _make_handlers(self) -> dict[str, Callable[[], object]]:
        made: dict[str, Callable[[], object]] = {
            "place": self.enter,
            "turn_tool": self._choose_turning,
            "landmarks": self._toggle_landmarks,
            "take_landmarks": self.take_landmarks,
            "delete_landmark": self._delete_landmark,
            "solve": self.solve,
            "derive_mask": lambda: self.work.derive(self.draft.pair),
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
            made[f"move_{way}"] = partial(self._change, handles.nudged, dx, dy)
            made[f"move_{way}_10"] = partial(self._change, handles.nudged, 10 * dx, 10 * dy)
        return made

    @property
    def handlers(self) -> dict[str, Callable[[], object]]:
        """What the actions do that are ours just now, by the action's id; before everybody else's."""
        points = self.points
        if points is None:
            return self._base
        own = {"undo": points.undo} if points.can_undo else {}
        if points.can_redo:
            own["redo"] = points.redo
        return {**self._base, **{name: partial(self._step_points, step) for name, step in own.items()}}

    @property
    def points(self) -> Landmarks | None:
        """The landmarks that are being set; None while none are."""
        return self._room.tool.points if self._room is not None else None

    @property
    def placement(self) -> Placement | None:
        """Where the designer image lies on the screen."""
        return self.draft.placement

    @property
    def bar(self) -> PlacementBar | None:
        """The bar beneath the pictures."""
        return self._room.bar if self._room is not None else None

    # --- with a project -----------------------------------------------------------------------------------------------

    def begin(self, view: PairView, lend: Callable[[QWidget], None], gesture: Gesture) -> None:
        """Go to work on a project's view; ``lend`` gives the bar its place beneath the pictures."""
        self.work.gesture = gesture
        commands, hint = self._commands, self.hint_changed.emit
        bar = PlacementBar(
            [commands[_id_of(mode)] for mode in CompareMode],
            [commands[name] for name in ("landmarks", "solve", "leave_placing")],
            [commands[name] for name in ("delete_landmark", "take_landmarks")],
        )
        scenes = Scenes(view, bar, self.work, view)
        tool = PointTool(view, scenes, self._show)
        self._room = _Room(view, bar, scenes, tool, PlacementMouse(self.draft, scenes, tool, self._show, hint))
        bar.hide()
        bar.typed.connect(self.draft.put)
        bar.faded.connect(scenes.fade)
        bar.left.connect(view.setFocus)
        lend(bar)
        self.draft.read_only = self._desk.require().store.info.read_only

    def _on_closing(self) -> None:
        self.leave_all()
        self._room = self.work.gesture = None
        self.draft.follow(None)
        self.draft.read_only = True

    def follow(self, pair: Pair | None) -> None:
        """Another pair is on the screen, or the same one changed: what it has now counts."""
        before = self.draft.pair
        self.draft.follow(pair)
        if not self.draft.read_only:
            self.work.follow(pair)
        if before is None or pair is None or before.id != pair.id:
            self._leave_points()
        if self.active and (pair is None or pair.designer is None):
            self.leave_all()
        self._enable()
        self._show()

    # --- coming and going ---------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Lay the two over one another, ready to move; within, go back to moving."""
        pair, room = self.draft.pair, self._room
        if pair is None or pair.designer is None or room is None:
            self._desk.told.emit(_NOTHING_TO_COMPARE)
            return
        room.mouse.turning = False
        room.tool.choose(None)
        if not self.active:
            self.active = True
            room.view.glass.take(room.mouse)
            room.bar.show()
            self.active_changed.emit(True)
            room.view.setFocus()
        self._arrange()
        read_only = "You can compare, but not move: the project is read-only."
        self._turn_to(read_only if self.draft.read_only else handles.OUTSIDE)

    def leave(self) -> None:
        """Go back one step: from landmarks to the handles, from those to the review."""
        if self.points is not None:
            self._leave_points()
            self.moved_on.emit()
        else:
            self.leave_all()

    def leave_all(self) -> None:
        """Go back to the review; what was moved is written."""
        room = self._room
        if not self.active or room is None:
            return
        self.settle()
        self.active = False
        room.tool.choose(None)
        room.scenes.stop()
        room.view.glass.take(None)
        room.view.show_placing(None)
        room.bar.hide()
        self.active_changed.emit(False)
        self._arrange()
        self._turn_to("")

    def _turn_to(self, hint: str) -> None:
        """Another tool is in the hand."""
        self.moved_on.emit()
        self.hint_changed.emit(hint)

    def _arrange(self) -> None:
        """Give the keys to whom they belong, and show."""
        modes = [Scope.PLACEMENT] if self.active else []
        if self.points is not None:
            modes.append(Scope.LANDMARKS)
        self._commands.give_keys(*modes)
        self._enable()
        self._show()

    def _enable(self) -> None:
        pair, may_change = self.draft.pair, self.active and not self.draft.read_only
        for spec in TABLE:
            if spec.scope is Scope.PLACEMENT:
                self._commands[spec.id].setEnabled(may_change or (self.active and spec.id == "leave_placing"))
            elif spec.scope is Scope.LANDMARKS:
                self._commands[spec.id].setEnabled(may_change and self.points is not None)
        self._commands["landmarks"].setChecked(self.points is not None)
        if pair is None or pair.designer is None:
            for name in ("place", "mode", "solve", "derive_mask", *map(_id_of, CompareMode)):
                self._commands[name].setEnabled(False)
        elif not self.draft.read_only:
            self._commands["derive_mask"].setEnabled(pair.placement is not None)
            self._commands["solve"].setEnabled(pair.placement is not None or self.active)

    # --- comparing ----------------------------------------------------------------------------------------------------

    def choose_mode(self, mode: CompareMode) -> None:
        """Compare in a certain way."""
        if self._room is None:
            return
        self._room.scenes.mode, self._room.scenes.in_panes = mode, False
        if not self.active:
            self.enter()
        self.moved_on.emit()
        self._show()

    def next_mode(self) -> None:
        """Compare in the next way; with landmarks, side by side is one of them."""
        if self.active and self._room is not None:
            self._room.scenes.next_mode(with_panes=self.points is not None)
            self.moved_on.emit()
            self._show()
        else:
            self.enter()

    # --- moving -------------------------------------------------------------------------------------------------------

    def _choose_turning(self) -> None:
        self._leave_points()
        if self._room is not None:
            self._room.mouse.turning = True
        self._turn_to(handles.WORDS[Grip.TURN] + with_keys(" {place} moves again."))

    def _change(self, how: Callable[..., Placement], *by: float) -> None:
        """Change the placement by a key."""
        if self.active:
            self._leave_points()
            self.draft.step(how, *by)

    def settle(self) -> None:
        """Write what was moved, as one step."""
        self.draft.settle()

    def solve(self) -> None:
        """Search from what is on the screen: two pairs of landmarks, or the placement."""
        self.settle()
        pair = self.draft.pair
        if pair is None or pair.designer is None or self.draft.read_only:
            return
        points = self.points.points if self.points is not None else ()
        if len(points) >= 2:
            self.work.solve(pair, pair.placement, points)
        else:
            self.work.solve(pair, self.placement if self.active else pair.placement)

    # --- landmarks ----------------------------------------------------------------------------------------------------

    def _toggle_landmarks(self) -> None:
        if self.points is not None:
            self.leave()
            return
        self.settle()
        if self._room is None:
            return
        tool = self._room.tool
        tool.choose(self.draft.pair)
        self._arrange()
        tool.look_close()
        if tool.points is not None:
            self._turn_to(tool.points.words)

    def _leave_points(self) -> None:
        if self._room is not None and self.points is not None:
            self._room.tool.choose(None)
            self._arrange()
            self.hint_changed.emit(handles.OUTSIDE)

    def take_landmarks(self) -> None:
        """Put the designer image where the points say."""
        fit = self.points.fit if self.points is not None else None
        if fit is None:
            self._desk.told.emit("Two pairs of points are needed.")
            return
        self._leave_points()
        self.draft.put(fit.placement, "Landmarks")

    def _delete_landmark(self) -> None:
        if self.points is not None and not self.points.delete():
            self._desk.told.emit("There is no point to delete.")
        self._show()

    def _step_points(self, step: Callable[[], bool]) -> None:
        step()
        self._show()

    def _show(self) -> None:
        room, pair = self._room, self.draft.pair
        if not self.active or room is None or pair is None:
            return
        may_move = not self.draft.read_only and self.points is None
        self.points_changed.emit()
        room.scenes.show(Placed(pair, self.placement, pair.placement, self.draft.held, may_move), self.points)
        for mode in CompareMode:
            self._commands[_id_of(mode)].setChecked(room.scenes.over is not None and mode is room.scenes.mode)


def _id_of(mode: CompareMode) -> str:
    return f"compare_{mode.name.lower()}"
