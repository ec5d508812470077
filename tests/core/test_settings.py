"""The table of settings: checks, overrides, and a file that is never lost."""

from __future__ import annotations

import getpass
import json
from pathlib import Path

import pytest

from core import settings as settings_module
from core.errors import FileProblem, UsageProblem
from core.settings import BY_KEY, TABLE, Settings, reviewer


def test_every_default_passes_its_own_check_and_every_key_is_unique() -> None:
    assert len(BY_KEY) == len(TABLE)
    for row in TABLE:
        assert row.check(row.default) == row.default
        assert row.label and row.help


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("reconcile.method", "sift"),
        ("reconcile.max_rotation_deg", 181),
        ("reconcile.max_rotation_deg", float("nan")),
        ("reconcile.workers", 2.0),
        ("reconcile.workers", True),
        ("reconcile.mirror", 1),
        ("view.overlay_opacity", "half"),
        ("view.overlay_opacity", None),
    ],
)
def test_wrong_values_are_refused_with_the_settings_name(key: str, value: object) -> None:
    with pytest.raises(UsageProblem, match=key):
        BY_KEY[key].check(value)


def test_a_whole_number_serves_where_a_float_is_wanted() -> None:
    value = BY_KEY["reconcile.max_rotation_deg"].check(90)
    assert value == 90.0
    assert isinstance(value, float)


def test_only_overrides_are_saved_and_a_default_is_none(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "settings.json"
    settings = Settings.load(path)
    settings.set("view.theme", "dark")
    settings.set("reconcile.workers", 2)
    assert json.loads(path.read_text()) == {"view.theme": "dark", "reconcile.workers": 2}
    settings.set("view.theme", "system")
    assert json.loads(path.read_text()) == {"reconcile.workers": 2}
    again = Settings.load(path)
    assert dict(again) == dict(settings)
    assert again.number("reconcile.workers") == 2


def test_unknown_keys_of_a_newer_program_are_ignored_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"view.hologram": true, "view.theme": "light"}')
    settings = Settings.load(path)
    assert settings.text("view.theme") == "light"
    settings.set("view.theme", "dark")
    assert json.loads(path.read_text()) == {"view.hologram": True, "view.theme": "dark"}


def test_two_desks_do_not_undo_each_others_changes(tmp_path: Path) -> None:
    one, other = (Settings.load(tmp_path / "settings.json") for _ in range(2))
    one.set("view.theme", "dark")
    other.set("reconcile.workers", 2)
    again = Settings.load(tmp_path / "settings.json")
    assert (again.text("view.theme"), again.number("reconcile.workers")) == ("dark", 2)


def test_a_file_that_was_damaged_meanwhile_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    settings = Settings.load(path)
    path.write_text("{")
    with pytest.raises(FileProblem, match="is damaged"):
        settings.set("view.theme", "dark")
    assert path.read_text() == "{"
    assert settings.text("view.theme") == "system"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[1]",
        b'{"view.theme": "pink"}',
        b'{"reconcile.workers": "many"}',
        b'{"view.theme": "\xe4"}',
        b"\xff\xfe{\0}\0",
        b'{"reconcile.max_rotation_deg": 1' + 400 * b"0" + b"}",
        100_000 * b"[",
    ],
)
def test_a_damaged_file_blocks_and_stays_as_it_is(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(data)
    with pytest.raises(FileProblem) as caught:
        Settings.load(path)
    assert str(path) in caught.value.message
    assert caught.value.remedy
    assert path.read_bytes() == data


def test_a_file_that_cannot_be_read_has_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(FileProblem) as caught:
        Settings.load(tmp_path)
    assert caught.value.remedy


def test_what_cannot_be_saved_is_not_in_force(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings.load(tmp_path / "settings.json")

    def full(path: Path, data: bytes) -> None:
        raise FileProblem("full", "free some")

    monkeypatch.setattr(settings_module, "write_atomically", full)
    with pytest.raises(FileProblem):
        settings.set("view.theme", "dark")
    assert settings.text("view.theme") == "system"


def test_the_environment_can_name_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAWTRAIT_SETTINGS", str(tmp_path / "mine.json"))
    Settings.load().set("view.theme", "light")
    assert (tmp_path / "mine.json").exists()


def test_the_reviewer_is_told_or_logged_in(monkeypatch: pytest.MonkeyPatch) -> None:
    assert reviewer(Settings({"review.reviewer": "  Carla "})) == "Carla"
    monkeypatch.setattr(getpass, "getuser", lambda: "dora")
    assert reviewer(Settings()) == "dora"

    def nobody() -> str:
        raise OSError("no such user")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert reviewer(Settings()) == "unknown"
