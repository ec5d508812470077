"""The keys of programs that hands know already, as far as they have a sense here; all else keeps Pawtrait's keys."""

from __future__ import annotations

from collections.abc import Mapping

OURS = "Pawtrait"
_KEYS = tuple[str, ...]
PRESETS: Mapping[str, Mapping[str, _KEYS]] = {
    OURS: {},
    # P, X, U, 1 to 5, backslash, Tab, Caps Lock, B, E, [ and ] are theirs too
    "Lightroom and Photoshop": {
        "edit": ("K", "Ctrl+Alt+R"),
        "source": ("J",),
        "place": ("Ctrl+T", "V"),
        "train": ("Ctrl+Shift+T",),
        "overlay": ("O",),
        "outline": ("Shift+O",),
        "footprint": (),
        "previous": ("Left", "A"),
        "next": ("Right", "D"),
        "actual": ("Z", "Ctrl+1"),
        "layout": ("Y", "C"),
        "comment": ("Ctrl+Shift+N",),
        "export": ("Ctrl+Shift+E", "Ctrl+E"),
        "next_view": ("F",),
        "tool_fill": ("G",),
        "tool_refine": ("R",),
        "tool_edge_brush": ("A",),
    },
    "labelme": {
        "accept": ("Ctrl+S", "P", "Return", "Enter"),
        "previous": ("A", "Ctrl+Shift+A", "Left"),
        "next": ("D", "Ctrl+Shift+D", "Right"),
        "previous_undecided": ("Shift+A",),
        "next_undecided": ("Shift+D",),
        "fit": ("Ctrl+F",),
        "actual": ("Ctrl+0", "Ctrl+1"),
        "find": ("Ctrl+Shift+F",),
        "edit": ("Ctrl+J", "E"),
        "comment": ("Ctrl+E", "C"),
        "export": ("Ctrl+Shift+E",),
        "overlay": ("T", "H"),
        "learned": ("Shift+T",),
        "tool_polygon": ("Ctrl+N", "Shift+L"),
    },
    "CVAT": {
        "accept": ("Ctrl+S", "P", "Return", "Enter"),
        "previous": ("D",),
        "next": ("F",),
        "previous_undecided": ("Left", "Ctrl+Shift+A"),
        "next_undecided": ("Right", "Ctrl+Shift+D"),
        "second_review": ("Shift+F",),
        "edit": ("N", "E"),
        "painted": ("Shift+N",),
        "overlay": ("T", "H"),
        "learned": ("Shift+T",),
        "commit": ("N", "Return", "Enter"),
    },
    "Prodigy": {
        "accept": ("A", "Return", "Enter"),
        "skip": ("Space",),
        "take_back": ("Backspace", "Del"),
        "previous": ("Left",),
        "next": ("Right", "D"),
        "pan_held": ("Z",),
    },
}
"""By name: the keys of actions, by their ids."""
