"""Every action of the desk in one table; menus, tool bar, key sheet and command palette are made from it."""

from __future__ import annotations

from gui.action_spec import ActionSpec, Scope
from gui.mask_actions import MASK_ROWS
from gui.placement_actions import PLACEMENT_ROWS

_E, _P, _R = Scope.EVERYWHERE, Scope.PROJECT, Scope.REVIEW
TABLE: tuple[ActionSpec, ...] = (
    ActionSpec("new", "&New project…", ("Ctrl+N",), _E, "&File", "Make a project from two folders", "new"),
    ActionSpec("open", "&Open project…", ("Ctrl+O",), _E, "&File", "Open a project's folder", "open"),
    ActionSpec("close", "&Close project", ("Ctrl+W",), _P, "&File", "Close the project", "close", ends_group=True),
    ActionSpec("import", "&Import pairs…", ("Ctrl+I",), _P, "&File", "Add pairs from two folders", "import"),
    ActionSpec(
        "export", "&Export…", ("Ctrl+E",), _P, "&File", "Write masks or cut-outs to a folder", "export", ends_group=True
    ),
    ActionSpec("settings", "&Settings…", ("Ctrl+,",), _E, "&File", "Change the settings", "settings", ends_group=True),
    ActionSpec("quit", "&Quit", ("Ctrl+Q",), _E, "&File", "End the program; everything is saved already"),
    ActionSpec("undo", "&Undo", ("Ctrl+Z",), _P, "&Edit", "Take back your last change", "undo", repeats=True),
    ActionSpec(
        "redo",
        "&Redo",
        ("Ctrl+Shift+Z", "Ctrl+Y"),
        _P,
        "&Edit",
        "Do again what you took back",
        "redo",
        repeats=True,
        ends_group=True,
    ),
    ActionSpec("find", "&Find a pair…", ("Ctrl+F",), _P, "&Edit", "Search the queue by name", "search"),
    ActionSpec("accept", "&Accept", ("P", "Return", "Enter"), _R, "&Review", "Placement and mask are right", "accept"),
    ActionSpec("reject", "Re&ject…", ("X",), _R, "&Review", "Not usable; the next key gives the reason", "reject"),
    ActionSpec("skip", "&Skip", ("S",), _R, "&Review", "Leave it for later", "skip"),
    ActionSpec(
        "second_review", "Second re&view", ("F",), _R, "&Review", "Ask for another person's eyes", "second-review"
    ),
    ActionSpec(
        "clear", "&Undecide", ("U",), _R, "&Review", "Clear the decision of this pair", "undecided", ends_group=True
    ),
    ActionSpec("comment", "&Comment", ("C",), _R, "&Review", "Write a comment on this pair", "comment"),
    *(
        ActionSpec(
            f"quality_{stars}",
            f"Quality &{stars}",
            (str(stars),),
            _R,
            "&Review",
            f"Give quality {stars} of 5" + {1: ": poor", 5: ": excellent"}.get(stars, ""),
            ends_group=stars == 5,
        )
        for stars in range(1, 6)
    ),
    ActionSpec(
        "take_back",
        "&Take back the last decision",
        ("Backspace",),
        _P,
        "&Review",
        "Take back your last decision and return to its pair",
        "undo",
        ends_group=True,
    ),
    ActionSpec("previous", "&Previous pair", ("A", "Left"), _R, "&Review", "Go up the queue", "previous", repeats=True),
    ActionSpec("next", "&Next pair", ("D", "Right"), _R, "&Review", "Go down the queue", "next", repeats=True),
    ActionSpec(
        "previous_undecided",
        "Previous undecided",
        ("Ctrl+Shift+A",),
        _P,
        "&Review",
        "Go to the undecided pair above",
        repeats=True,
    ),
    ActionSpec(
        "next_undecided",
        "Next undecided",
        ("Ctrl+Shift+D",),
        _P,
        "&Review",
        "Go to the undecided pair below",
        repeats=True,
    ),
    ActionSpec(
        "auto_advance",
        "Go on after a decision",
        ("CapsLock",),
        _E,
        "&Review",
        "Show the next undecided pair after each decision",
        checkable=True,
        ends_group=True,
    ),
    ActionSpec(
        "reconcile", "&Reconcile this pair", ("R",), _R, "&Review", "Search the placement of this pair", "reconcile"
    ),
    ActionSpec(
        "reconcile_near",
        "Reconcile near this placement",
        ("Shift+R",),
        _R,
        "&Review",
        "Search again in the neighbourhood of the placement that is shown",
        "reconcile",
    ),
    ActionSpec(
        "reconcile_all",
        "Reconcile all that wait",
        ("Ctrl+R",),
        _P,
        "&Review",
        "Reconcile every pair that has not been yet",
        "reconcile",
    ),
    ActionSpec("predict", "Predict t&his photo", ("Shift+P",), _R, "&Model", "Let the model cut this photo", "predict"),
    ActionSpec(
        "predict_all",
        "Predict &all unpredicted",
        ("Ctrl+P",),
        _P,
        "&Model",
        "Let the model cut every photo that none has seen yet",
        "predict",
    ),
    ActionSpec(
        "predict_again",
        "Predict undecided a&new",
        (),
        _P,
        "&Model",
        "Let the version that is in use now cut every undecided photo that it has not seen yet",
        "predict",
    ),
    ActionSpec(
        "compare_masks",
        "&What the new version would change…",
        (),
        _P,
        "&Model",
        "Compare every mask that somebody accepted, corrected or edited with the version in use; take or keep each",
        "predict",
        ends_group=True,
    ),
    ActionSpec(
        "source",
        "Switch the &mask",
        ("K",),
        _R,
        "&Model",
        "Show the prediction's mask or the reconciliation's; what you see is what you accept",
        "switch",
    ),
    ActionSpec(
        "portrait", "&Other portrait", ("Shift+K",), _R, "&Model", "Take the mask of the other pet in the photo"
    ),
    ActionSpec("lower", "&Lower threshold", (",",), _R, "&Model", "Let more into the mask, by 1 %", repeats=True),
    ActionSpec("higher", "&Higher threshold", (".",), _R, "&Model", "Leave more out of the mask, by 1 %", repeats=True),
    ActionSpec("lower_5", "Lower by 5 %", ("Shift+,", "<"), _R, "&Model", "Let much more into the mask", repeats=True),
    ActionSpec(
        "higher_5", "Higher by 5 %", ("Shift+.", ">"), _R, "&Model", "Leave much more out of the mask", repeats=True
    ),
    ActionSpec(
        "learned",
        "Learned &threshold",
        ("T",),
        _R,
        "&Model",
        "Cut the prediction where the model would",
        "undo",
        ends_group=True,
    ),
    ActionSpec(
        "look", "Next &look", ("Shift+H",), _P, "&Model", "Show the prediction as mask, as heat map, as outline in turn"
    ),
    *(
        ActionSpec(
            f"look_{name.replace(' ', '_')}",
            f"Prediction as {name}",
            (),
            _P,
            "&Model",
            tip,
            checkable=True,
            ends_group=name == "outline",
        )
        for name, tip in (
            ("mask", "Show what the threshold cuts out, in the mask's colour"),
            ("heat map", "Show the probability of each pixel, in colours that everybody can tell apart"),
            ("outline", "Show the line of the cut alone"),
        )
    ),
    ActionSpec(
        "compare",
        "&Compare models…",
        ("Shift+Y",),
        _R,
        "&Model",
        "Show what another model or version says, side by side",
        "side-by-side",
    ),
    ActionSpec(
        "train",
        "T&rain a better model…",
        ("Ctrl+T",),
        _P,
        "&Model",
        "Train on what has been accepted and corrected, and see whether it helps",
        "train",
    ),
    *MASK_ROWS,
    *PLACEMENT_ROWS,
    ActionSpec("fit", "&Fit", ("Ctrl+0",), _R, "&View", "Show the whole original", "fit"),
    ActionSpec("actual", "&Actual size", ("Ctrl+1",), _R, "&View", "Show pixels one to one", "actual-size"),
    ActionSpec("zoom_in", "Zoom &in", ("Ctrl++", "Ctrl+="), _R, "&View", "Magnify", repeats=True),
    ActionSpec("zoom_out", "Zoom &out", ("Ctrl+-",), _R, "&View", "Show more", repeats=True, ends_group=True),
    ActionSpec("overlay", "&Overlay", ("H",), _P, "&View", "Show all that lies over the original", "overlay", True),
    ActionSpec("outline", "Ou&tline", ("O",), _P, "&View", "Draw the mask's edge as a line", checkable=True),
    ActionSpec(
        "footprint",
        "Foot&print",
        ("Shift+O",),
        _P,
        "&View",
        "Draw as a dashed line what the designer image covers of the original",
        checkable=True,
    ),
    ActionSpec(
        "painted",
        "Pai&nted on",
        ("N",),
        _P,
        "&View",
        "Hatch what shows nothing of the original: hats, names, frames",
        checkable=True,
    ),
    ActionSpec(
        "original_only",
        "Original only, while held",
        ("\\",),
        _R,
        "&View",
        "Show the bare original in both panes as long as the key is down",
        held=True,
        ends_group=True,
    ),
    ActionSpec("link", "&Link the views", ("L",), _P, "&View", "Zoom and pan both through the placement", "link", True),
    ActionSpec(
        "navigator",
        "Na&vigator",
        ("Shift+V",),
        _P,
        "&View",
        "Show the whole original in a corner, and drag there what is seen of it",
        checkable=True,
    ),
    ActionSpec("layout", "Compare la&yout", ("Y",), _R, "&View", "Side by side or one over the other", "side-by-side"),
    ActionSpec(
        "panels", "Pa&nels", ("Tab",), _P, "&View", "Show or hide queue and inspector", checkable=True, ends_group=True
    ),
    ActionSpec("next_part", "Next part of the window", ("F6",), _P, "&View", "Move the keyboard to the next part"),
    ActionSpec("keys", "&Keys", ("F1",), _E, "&Help", "Show all keys", "keys"),
    ActionSpec("change_keys", "C&hange keys…", (), _E, "&Help", "Give actions other keys, or take a preset"),
    ActionSpec("palette", "&Commands…", ("Ctrl+K",), _E, "&Help", "Find an action by name", "search", ends_group=True),
    ActionSpec("about", "&About Pawtrait", (), _E, "&Help", "Version, licence and where things lie", "info"),
)
HELD: tuple[ActionSpec, ...] = (
    ActionSpec(
        "pan_held", "Pan by dragging, while held", ("Space",), _R, "", "Drag the picture, not the tool", held=True
    ),
    ActionSpec(
        "flip_held", "Take away instead of add, while held", ("Alt",), Scope.EDIT, "", "The tool's opposite", held=True
    ),
)
"""What the mouse does while a key is down: no entry of a menu could do that."""
BY_ID = {spec.id: spec for spec in (*TABLE, *HELD)}
WRITING = frozenset(
    (
        *("import", "undo", "redo", "accept", "reject", "skip", "second_review", "clear", "comment", "take_back"),
        *(f"quality_{number}" for number in range(1, 6)),
        *("reconcile", "reconcile_near", "reconcile_all", "predict", "predict_all", "predict_again"),
        *("portrait", "train", "compare_masks"),
        *("lower", "higher", "lower_5", "higher_5", "learned", "solve", "derive_mask"),
    )
)
"""Actions that a read-only project cannot have."""
TOOL_BAR: tuple[tuple[str, ...], ...] = (
    ("undo", "redo"),
    ("previous", "next"),
    ("accept", "reject", "skip", "second_review", "clear"),
    ("fit", "actual", "link", "layout"),
    ("overlay",),
)
"""Groups of the tool bar; the overlay's controls follow."""
