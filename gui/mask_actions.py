"""Rows of the action table: editing masks."""

from __future__ import annotations

from gui.action_spec import ActionSpec, Scope

_R, _E, _MENU = Scope.REVIEW, Scope.EDIT, "M&ask"
VIEWS = (
    ("overlay", "Overlay", "Show the mask in its colour over the photo"),
    ("onion skin", "Onion skin", "Let what lies outside of the mask fade"),
    ("on black", "On black", "Show the portrait on black"),
    ("on white", "On white", "Show the portrait on white"),
    ("on a backdrop", "On a backdrop", "Show the portrait on a colour of your choice"),
    ("black and white", "Black and white", "Show the mask alone"),
    ("outline", "Outline", "Show the mask's edge alone"),
)
"""Value of the view, its name, its tip; ids are ``view_`` and the value with underscores."""
CLEAN_UPS = (
    ("fill_holes", "Fill holes", "Fill holes of the mask up to the size in the bar; what you painted stays"),
    ("drop_specks", "Drop specks", "Remove loose parts up to the size in the bar; what you painted stays"),
    ("grow", "Grow", "Make the mask wider all around; what you painted stays"),
    ("shrink", "Shrink", "Make the mask narrower all around; what you painted stays"),
    ("feather", "Feather", "Make the mask's edge softer; what you painted stays"),
    ("smooth", "Smooth", "Even out bumps of the mask's edge; what you painted stays"),
)
"""Value of ``CleanUpKind``, name and tip."""
_TOOLS = (
    ("brush", "&Brush", ("B",), "Paint on the mask", "brush"),
    ("eraser", "&Eraser", ("E",), "Paint off the mask", "eraser"),
    ("edge_brush", "Edge br&ush", ("Shift+B",), "Paint roughly: the stroke ends at the picture's edges", "edge-brush"),
    ("lasso", "&Lasso", ("L",), "Draw around an area to add it, with Alt to take it away", "lasso"),
    ("polygon", "&Polygon", ("Shift+L",), "Click around an area, corner by corner", "polygon"),
    ("wand", "Magic &wand", ("W",), "Click to add what has the colour of a point", "wand"),
    ("fill", "Fill a &hole", ("F",), "Click into a hole of the mask to fill it", "fill"),
    ("refine", "&Refine the edge", ("G",), "Paint over the edge: it is set anew where the colours change", "refine"),
)
MASK_ROWS: tuple[ActionSpec, ...] = (
    ActionSpec("edit", "Edit the &mask", ("E",), _R, _MENU, "Paint on the mask that is shown", "edit", ends_group=True),
    *(
        ActionSpec(f"tool_{name}", text, keys, _E, _MENU, tip, icon, checkable=True, ends_group=name == "refine")
        for name, text, keys, tip, icon in _TOOLS
    ),
    ActionSpec(
        "corner_back", "Take a &corner back", ("Backspace",), _E, _MENU, "Take the last corner of the polygon away"
    ),
    ActionSpec("swap", "Swap brush and eraser", ("X",), _E, _MENU, "Brush instead of eraser, or the other way round"),
    ActionSpec("brush_smaller", "Smaller brush", ("[",), _E, _MENU, "Make the brush smaller", repeats=True),
    ActionSpec("brush_larger", "Larger brush", ("]",), _E, _MENU, "Make the brush larger", repeats=True),
    ActionSpec(
        "brush_softer", "Softer brush", ("Shift+[", "{"), _E, _MENU, "Make the brush's edge softer", repeats=True
    ),
    ActionSpec(
        "brush_harder",
        "Harder brush",
        ("Shift+]", "}"),
        _E,
        _MENU,
        "Make the brush's edge harder",
        repeats=True,
        ends_group=True,
    ),
    ActionSpec("fur", "&Fur…", ("Shift+G",), _E, _MENU, "Estimate how fur covers the edge, look at it, take it", "fur"),
    *(
        ActionSpec(f"clean_{kind}", name, (), _E, _MENU, tip, ends_group=kind == "smooth")
        for kind, name, tip in CLEAN_UPS
    ),
    ActionSpec("next_view", "Next &view", ("Shift+Q",), _E, _MENU, "Show the mask in the next way"),
    ActionSpec("mask_only", "Mask &only", ("Q",), _E, _MENU, "Show the mask in black and white, and back"),
    *(
        ActionSpec(
            f"view_{view.replace(' ', '_')}", f"View: {name.lower()}", (), _E, _MENU, tip, ends_group=view == "outline"
        )
        for view, name, tip in VIEWS
    ),
    ActionSpec(
        "commit", "&Done: accept the mask", ("Return", "Enter"), _E, _MENU, "Accept it as you made it", "accept"
    ),
    ActionSpec("start_over", "&Start over", (), _E, _MENU, "Take all strokes and clean-up away; undo brings them back"),
    ActionSpec("leave_edit", "Leave", ("Esc",), _E, _MENU, "Give up the line under way, else go back to reviewing"),
)
