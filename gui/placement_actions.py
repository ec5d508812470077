"""Rows of the action table: comparing the two pictures of a pair, and placing the designer image by hand."""

from __future__ import annotations

from gui.action_spec import ActionSpec, Scope

_R, _H, _L, _MENU = Scope.REVIEW, Scope.PLACEMENT, Scope.LANDMARKS, "Pla&cement"
_STEPS = (
    ("left", "Left", "left"),
    ("right", "Right", "right"),
    ("up", "Up", "up"),
    ("down", "Down", "down"),
)
COMPARE_ROWS = (
    ("compare_swipe", "&Swipe", "Original left of a line, designer image right of it; drag the line"),
    ("compare_blink", "&Blink", "Show the two in turn at the same place"),
    ("compare_onion", "&Onion skin", "Let the original shine through the designer image"),
    ("compare_difference", "&Difference", "Show what the designer changed, and not the recolouring"),
)
PLACEMENT_ROWS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "place",
        "Place by &hand",
        ("V",),
        _R,
        _MENU,
        "Lay the designer image over the original, and move, turn and scale it there",
        "place",
    ),
    ActionSpec("turn_tool", "&Rotate by dragging", ("R",), _H, _MENU, "Any drag turns; {place} is back to moving"),
    ActionSpec(
        "landmarks",
        "&Landmarks",
        ("L",),
        _H,
        _MENU,
        "Click the same spots in both pictures: left, right, left, right",
        checkable=True,
    ),
    ActionSpec(
        "take_landmarks",
        "&Take landmarks",
        ("Return", "Enter"),
        _L,
        _MENU,
        "Put the designer image where the points say",
    ),
    ActionSpec(
        "delete_landmark",
        "Delete landmark",
        ("Del", "Backspace"),
        _L,
        _MENU,
        "Take away the chosen point, else the last one",
    ),
    ActionSpec(
        "solve",
        "Solve &from here",
        ("Ctrl+Return", "Ctrl+Enter"),
        _R,
        _MENU,
        "Search close to this placement, or to what two pairs of landmarks say",
        "reconcile",
    ),
    ActionSpec(
        "derive_mask",
        "Derive the mask a&new",
        (),
        _R,
        _MENU,
        "Make the reconciliation's mask fit a placement that was moved by hand; what was painted stays",
        ends_group=True,
    ),
    ActionSpec("mode", "Next co&mpare mode", ("M",), _R, _MENU, "Swipe, blink, onion skin and difference in turn"),
    *(
        ActionSpec(id_, text, (), _R, _MENU, tip, checkable=True, ends_group=id_ == "compare_difference")
        for id_, text, tip in COMPARE_ROWS
    ),
    ActionSpec("mirror", "M&irror", ("Shift+M",), _H, _MENU, "Mirror the designer image left to right", "mirror"),
    *(
        ActionSpec(f"move_{way}", f"Move {way} 1 px", (key,), _H, _MENU, f"Move {words}", repeats=True)
        for way, key, words in _STEPS
    ),
    *(
        ActionSpec(f"move_{way}_10", f"Move {way} 10 px", (f"Shift+{key}",), _H, _MENU, f"Move {words}", repeats=True)
        for way, key, words in _STEPS
    ),
    ActionSpec("turn_left", "Turn left 0.1°", ("Alt+Left",), _H, _MENU, "Turn counter-clockwise", repeats=True),
    ActionSpec("turn_right", "Turn right 0.1°", ("Alt+Right",), _H, _MENU, "Turn clockwise", repeats=True),
    ActionSpec("scale_up", "Larger by 0.1 %", ("Ctrl+Up",), _H, _MENU, "Scale about the middle", repeats=True),
    ActionSpec(
        "scale_down",
        "Smaller by 0.1 %",
        ("Ctrl+Down",),
        _H,
        _MENU,
        "Scale about the middle",
        repeats=True,
        ends_group=True,
    ),
    ActionSpec("leave_placing", "Lea&ve", ("Esc",), _H, _MENU, "Back from landmarks, then back to the review"),
)
