"""Keys as a value: presets are sound, own keys lie over them, files are read with care."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.errors import FileProblem
from gui.action_table import BY_ID
from gui.key_presets import OURS, PRESETS
from gui.keymap import Keymap, default_path, normal, shown


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_knows_its_actions_and_keys_and_has_no_conflict(preset: str) -> None:
    assert [name for name in PRESETS[preset] if name not in BY_ID] == []
    keys = Keymap(preset)
    unknown = [
        (spec.id, key)
        for spec in BY_ID.values()
        for key in keys.keys(spec.id)
        if normal(key, spec.held and not spec.menu) != key
    ]
    assert unknown == []
    assert list(keys.clashes()) == []
    own = PRESETS[preset].items()
    assert [name for name, held in own if held == BY_ID[name].keys] == [], "a preset holds differences only"


def test_every_preset_accepts_and_rejects_by_a_single_key() -> None:
    for preset in PRESETS:
        for action in ("accept", "reject", "next", "previous", "edit"):
            assert Keymap(preset).keys(action)


def test_scopes_that_meet_cannot_share_a_key() -> None:
    keys = Keymap()
    assert [spec.id for spec in keys.holders("skip", "P")] == ["accept"]
    assert [spec.id for spec in keys.holders("quit", "P")] == ["accept"]
    assert keys.holders("tool_brush", "P") == [], "while a mask is edited, P is to be had"
    assert [spec.id for spec in keys.holders("tool_brush", "W")] == ["tool_wand"]
    assert keys.holders("accept", "P") == [], "nobody is in their own way"


def test_a_borrowing_scope_says_what_it_hides() -> None:
    assert [spec.id for spec in Keymap().hidden("tool_brush", "P")] == ["accept"]
    assert [spec.id for spec in Keymap().hidden("delete_landmark", "R")] == ["reconcile", "turn_tool"]
    assert Keymap().hidden("skip", "B") == []


def test_only_what_differs_is_kept() -> None:
    keys = Keymap().with_keys("skip", ("J",))
    assert keys.own == {"skip": ("J",)}
    assert keys.with_keys("skip", ("S",)).own == {}


def test_a_key_can_be_taken_from_whoever_had_it() -> None:
    keys = Keymap().with_keys("skip", ("P",), take=True)
    assert keys.keys("skip") == ("P",)
    assert keys.keys("accept") == ("Return", "Enter")
    assert list(keys.clashes()) == []


def test_keys_survive_a_restart() -> None:
    keys = Keymap("CVAT").with_keys("skip", ("J", "Ctrl+J")).with_keys("flip_held", ("Shift",))
    keys.save()
    assert Keymap.load() == (keys, [])
    data = json.loads(default_path().read_text("utf-8"))
    assert data == {"preset": "CVAT", "keys": {"skip": ["J", "Ctrl+J"], "flip_held": ["Shift"]}}


def test_no_file_is_our_own_keys() -> None:
    assert Keymap.load() == (Keymap(OURS), [])


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"fly": ["J"]}, "There is no action “fly” to give keys to."),
        ({"skip": ["Blub"]}, "“Blub” is no key for “Skip”; it keeps the keys it had before."),
        ({"skip": ["Alt"]}, "“Alt” is no key for “Skip”; it keeps the keys it had before."),
        ({"skip": ["Ctrl+K, Ctrl+S"]}, "“Ctrl+K, Ctrl+S” is no key for “Skip”; it keeps the keys it had before."),
        ({"skip": "J"}, "The keys of “Skip” are no list; it keeps the keys it had before."),
        ({"skip": [3]}, "“3” is no key for “Skip”; it keeps the keys it had before."),
        ({"skip": ["P"]}, "P belongs to “Accept”: “Skip” keeps the keys it had before."),
        ({"pan_held": ["Ctrl+J"]}, "“Ctrl+J” is no key for “Pan by dragging, while held”; it keeps the keys"),
    ],
)
def test_what_is_wrong_in_a_file_costs_that_alone(tmp_path: Path, wanted: dict[str, object], said: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"keys": {**wanted, "comment": ["J"]}}))
    keys, problems = Keymap.load(path)
    assert keys == Keymap(own={"comment": ("J",)})
    assert len(problems) == 1
    assert problems[0].startswith(said)


def test_two_actions_can_change_places_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"keys": {"skip": ["X"], "reject": ["S"]}}))
    assert Keymap.load(path) == (Keymap(own={"skip": ("X",), "reject": ("S",)}), [])


def test_of_two_own_keys_in_each_others_way_one_stays(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"keys": {"skip": ["J"], "reject": ["J"]}}))
    keys, problems = Keymap.load(path)
    assert keys == Keymap(own={"reject": ("J",)})
    assert problems == ["J belongs to “Reject”: “Skip” keeps the keys it had before."]


def test_a_preset_that_nobody_knows_is_ours(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"preset": "GIMP", "keys": {"comment": ["J"]}}))
    keys, problems = Keymap.load(path)
    assert keys == Keymap(own={"comment": ("J",)})
    assert problems == ["There is no preset of keys “GIMP”; Pawtrait's own hold."]


@pytest.mark.parametrize("text", ["{", "[]", '{"preset": 3}', '{"keys": []}', "[" * 100_000], ids=range(5))
def test_a_damaged_file_is_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(text)
    with pytest.raises(FileProblem, match="damaged"):
        Keymap.load(path)
    assert path.read_text() == text


def test_both_enters_are_one_to_the_eye() -> None:
    assert [shown(key) for key in ("Return", "Enter", "Ctrl+Return", "Alt", "\\")] == [
        "Enter",
        "Enter",
        "Ctrl+Enter",
        "Alt",
        "\\",
    ]
