"""What a person does at the desk, as scripts: corrects masks, corrects placements in several ways, in one session."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from hands_gestures import next_gesture
from hands_person import Key, Keys, Person, Play, Point, Script

from core.domain import Pair, Placement
from core.maths.masks import Mask, iou
from core.maths.metrics import corner_error
from core.maths.warp import affine_from_matrix
from gui.canvas.linking import Side
from gui.main_window import MainWindow
from gui.tools.placement_handles import corners_of, knob_of, middle_of
from main import main as program

WINDOW = 1600, 1000
MOST_GESTURES = 30
CONTENT = 0.985
"""IoU at which a person stops."""


@dataclass(frozen=True, slots=True)
class MaskTask:
    """A mask to be corrected."""

    name: str
    truth: Mask


@dataclass(frozen=True, slots=True)
class PlaceTask:
    """A placement to be corrected, in one of ``WAYS``."""

    name: str
    truth: Placement
    way: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one task."""

    name: str
    way: str
    before: float
    """IoU, or the corners' mean error in original pixels."""
    after: float
    actions: int
    seconds: float


def session(
    masks: Sequence[MaskTask], places: Sequence[PlaceTask], into: list[Outcome], seed: int = 1
) -> Callable[[MainWindow], Script]:
    """Return the script that does the tasks and puts what came of them into a list."""

    def script(window: MainWindow) -> Script:
        window.resize(*WINDOW)
        yield lambda: window.workspace is not None and window.workspace.presenter.pair is not None
        # a person would turn it off to look at the pair that they have just accepted
        window.commands["auto_advance"].trigger()
        person = Person(window, seed)
        for place in places:
            yield from _to_pair(person, place.name)
            yield from correct_placement(person, place, into)
        for task in masks:
            yield from _to_pair(person, task.name)
            yield from correct_mask(person, task, into)
        yield person.idle

    return script


def _to_pair(person: Person, name: str) -> Script:
    """Find a pair by its name, as Ctrl+F does."""
    window = person.window
    workspace = window.workspace
    assert workspace is not None
    person.key(Key.Key_F, Keys.ControlModifier)
    yield workspace.panel.search.hasFocus
    person.type(name)
    yield lambda: workspace.queue.rowCount() == 1
    person.key(Key.Key_Return)
    yield lambda: _shown(window) is not None and _shown(window).name == name  # type: ignore[union-attr]
    yield lambda: person.idle() and workspace.loader.scene.original is not None


def _shown(window: MainWindow) -> Pair | None:
    return window.workspace.presenter.pair if window.workspace is not None else None


# --- masks ------------------------------------------------------------------------------------------------------------


def correct_mask(person: Person, task: MaskTask, into: list[Outcome]) -> Script:
    """Open the mask, correct the largest fault, again and again, and accept."""
    tools = person.window.tools
    assert tools is not None
    masks, actions, since = tools.masks, person.actions, time.perf_counter()
    person.key(Key.Key_E)
    yield lambda: masks.editor.layer is not None and person.idle()

    def seen() -> Mask:
        assert masks.editor.layer is not None
        return masks.editor.layer.mask

    before, used = iou(seen(), task.truth), []
    while masks.editor.options.brush.hardness < 1:
        person.key(Key.Key_BracketRight, Keys.ShiftModifier)
    tried_edge = False
    for _ in range(MOST_GESTURES):
        overlap = iou(seen(), task.truth)
        gesture = next_gesture(seen(), task.truth, person.scale)
        if gesture is None or overlap >= CONTENT:
            break
        tool = gesture.tool
        if tool == "tool_brush" and not tried_edge:
            tool, tried_edge = "tool_edge_brush", True
        used.append(tool)
        yield from _use(person, tool, gesture.adds, gesture.points, gesture.size)
        if iou(seen(), task.truth) < overlap:
            person.key(Key.Key_Z, Keys.ControlModifier)  # it did not do what was meant
            used[-1] += " taken back"
            yield person.idle
    after = iou(seen(), task.truth)
    person.key(Key.Key_Return)
    yield lambda: not masks.room.on and person.idle()
    counts = {name: used.count(name) for name in dict.fromkeys(used)}
    way = ", ".join(f"{count} {name.removeprefix('tool_').replace('_', ' ')}" for name, count in counts.items())
    spent = time.perf_counter() - since
    into.append(Outcome(task.name, way, before, after, person.actions - actions, spent))


_TOOL_KEYS = {
    "tool_brush": (Key.Key_B, Keys.NoModifier),
    "tool_edge_brush": (Key.Key_B, Keys.ShiftModifier),
    "tool_lasso": (Key.Key_L, Keys.NoModifier),
    "tool_fill": (Key.Key_F, Keys.NoModifier),
}


def _use(person: Person, tool: str, adds: bool, points: Sequence[Point], size: float) -> Script:
    tools = person.window.tools
    assert tools is not None
    editor = tools.masks.editor
    if f"tool_{editor.name.value.replace(' ', '_')}" != tool:
        person.key(*_TOOL_KEYS[tool])
    if size:
        for _ in range(40):
            now = editor.options.brush.size
            if abs(math.log(size / now)) < math.log(1.15) * 0.55:
                break
            person.key(Key.Key_BracketRight if size > now else Key.Key_BracketLeft)
            if editor.options.brush.size == now:
                break
    person.drag(points, keys=Keys.NoModifier if adds else Keys.AltModifier)
    yield person.idle


# --- placements -------------------------------------------------------------------------------------------------------


def _error(person: Person, true: Placement) -> float:
    pair = _shown(person.window)
    assert pair is not None
    placement = person.window.placing.placement or pair.placement
    assert placement is not None
    found, truth = (affine_from_matrix(one.matrix()) for one in (placement, true))
    return corner_error(found, truth, _size(person))


def correct_placement(person: Person, task: PlaceTask, into: list[Outcome]) -> Script:
    """Lay the designer image over the original, put it where it belongs, and leave."""
    actions, since, before = person.actions, time.perf_counter(), _error(person, task.truth)
    person.key(Key.Key_V)
    yield lambda: person.window.placing.active
    yield from WAYS[task.way](person, task)
    yield person.idle
    person.key(Key.Key_Escape)
    if person.window.placing.active:
        person.key(Key.Key_Escape)
    yield lambda: not person.window.placing.active and person.idle()
    after, spent = _error(person, task.truth), time.perf_counter() - since
    into.append(Outcome(task.name, task.way, before, after, person.actions - actions, spent))


def _size(person: Person) -> tuple[int, int]:
    pair = _shown(person.window)
    assert pair is not None
    assert pair.designer is not None
    return pair.designer.width, pair.designer.height


def _now(person: Person) -> Placement:
    placement = person.window.placing.placement
    assert placement is not None
    return placement


def by_handles(person: Person, task: PlaceTask) -> Script:
    """Drag it there, turn it by the knob, scale it by a corner, then nudge by keys."""
    size = _size(person)
    if _now(person).mirrored != task.truth.mirrored:
        person.key(Key.Key_M, Keys.ShiftModifier)
        yield person.idle
    person.drag([middle_of(_now(person), size), middle_of(task.truth, size)])
    yield person.idle
    yield from _turn(person, task.truth.rotation_deg)
    now = _now(person)
    # a corner that is on the screen: one beyond it cannot be taken hold of
    corner = min(corners_of(now, size), key=lambda at: math.dist(person.in_view(at, Side.ORIGINAL), (400.0, 400.0)))
    (mx, my), factor = middle_of(now, size), task.truth.scale / now.scale
    goal = mx + (corner[0] - mx) * factor, my + (corner[1] - my) * factor
    person.drag([corner, goal], keys=Keys.ShiftModifier)
    yield person.idle
    yield from by_keys(person, task)


def _turn(person: Person, to_deg: float) -> Script:
    """Drag the knob around the middle."""
    now, size = _now(person), _size(person)
    knob, (mx, my) = knob_of(now, size, 1 / person.scale), middle_of(now, size)
    turn = math.radians((to_deg - now.rotation_deg + 180) % 360 - 180)
    dx, dy = knob[0] - mx, knob[1] - my
    person.drag(
        [knob, (mx + dx * math.cos(turn) - dy * math.sin(turn), my + dx * math.sin(turn) + dy * math.cos(turn))]
    )
    yield person.idle


def by_keys(person: Person, task: PlaceTask) -> Script:
    """Nudge, turn and scale by keys alone, as far as those reach."""
    size = _size(person)
    if _now(person).mirrored != task.truth.mirrored:
        person.key(Key.Key_M, Keys.ShiftModifier)
    now = _now(person)
    turn = round(((task.truth.rotation_deg - now.rotation_deg + 180) % 360 - 180) / 0.1)
    person.key(Key.Key_Right if turn > 0 else Key.Key_Left, Keys.AltModifier, abs(turn))
    grown = round(math.log(task.truth.scale / now.scale) / math.log(1.001))
    person.key(Key.Key_Up if grown > 0 else Key.Key_Down, Keys.ControlModifier, abs(grown))
    (x, y), (gx, gy) = middle_of(_now(person), size), middle_of(task.truth, size)
    for way, less, more in ((gx - x, Key.Key_Left, Key.Key_Right), (gy - y, Key.Key_Up, Key.Key_Down)):
        steps = round(abs(way))
        key = more if way > 0 else less
        person.key(key, Keys.ShiftModifier, steps // 10)
        person.key(key, Keys.NoModifier, steps % 10)
    yield person.idle


def by_landmarks(person: Person, task: PlaceTask) -> Script:
    """Click four spots in both pictures, a pixel off, and take what they say."""
    yield from _click_landmarks(person, task, 4)
    person.key(Key.Key_Return)
    yield person.idle


def by_two_landmarks(person: Person, task: PlaceTask) -> Script:
    """Click two spots in both pictures, and solve from there."""
    yield from _click_landmarks(person, task, 2)
    person.key(Key.Key_Return, Keys.ControlModifier)
    yield person.idle


def by_solving(person: Person, task: PlaceTask) -> Script:
    """Drag and turn it roughly to where it belongs, and solve from there."""
    size = _size(person)
    (x, y), (gx, gy) = middle_of(_now(person), size), middle_of(task.truth, size)
    rough = 0.08 * task.truth.scale * max(size)
    person.drag([(x, y), (gx + rough, gy - rough / 2)])
    yield person.idle
    yield from _turn(person, task.truth.rotation_deg + 5)
    person.key(Key.Key_Return, Keys.ControlModifier)
    yield person.idle


def _click_landmarks(person: Person, task: PlaceTask, count: int) -> Script:
    size, rng = _size(person), np.random.default_rng(5)
    if _now(person).mirrored != task.truth.mirrored:
        person.key(Key.Key_M, Keys.ShiftModifier)
        yield person.idle
    person.key(Key.Key_L)
    yield person.idle
    shares = ((0.35, 0.35), (0.65, 0.6), (0.62, 0.32), (0.38, 0.62))[:count]
    for x, y in shares:
        at = (size[0] - 1) * x, (size[1] - 1) * y
        true = task.truth.apply(*at)
        off = rng.normal(0, 1, 2) / math.sqrt(2)  # a pixel of the original, in the mean of squares
        person.click((true[0] + off[0], true[1] + off[1]), unsteady=0)
        yield person.idle
        person.click(at, Side.DESIGNER, unsteady=0.7)
        yield person.idle


WAYS: dict[str, Callable[[Person, PlaceTask], Script]] = {
    "handles, then keys": by_handles,
    "keys alone": by_keys,
    "four landmarks": by_landmarks,
    "two landmarks, solve from here": by_two_landmarks,
    "a rough drag, solve from here": by_solving,
}


def play(project: Path, masks: Sequence[MaskTask], places: Sequence[PlaceTask], seed: int = 1) -> list[Outcome]:
    """Start the program on a project, do the tasks at its desk, and end it."""
    outcomes: list[Outcome] = []
    acts = Play(session(masks, places, outcomes, seed))
    code = program(["open", str(project)])
    acts.end()
    assert code == 0, f"the program ended with {code}"
    return outcomes
