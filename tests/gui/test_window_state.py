"""The window's memory survives damage and never stops anybody."""

from __future__ import annotations

from pathlib import Path

import pytest

from gui.window_state import MAX_RECENT, WindowState, default_path


def test_it_comes_back_as_it_was() -> None:
    state = WindowState(b"\x01geometry", b"\xffsplitter", ("/a", "/Ä b"))
    state.save()
    assert WindowState.load() == state


def test_nothing_saved_means_the_defaults() -> None:
    assert WindowState.load() == WindowState()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"geometry": "!", "splitter": "", "recent": []}',
        '{"geometry":"","splitter":"","recent":[1]}',
    ],
)
def test_a_damaged_file_means_the_defaults_and_is_kept_aside(text: str) -> None:
    path = default_path()
    path.parent.mkdir(parents=True)
    path.write_text(text)
    assert WindowState.load() == WindowState()
    assert path.with_suffix(".damaged").read_text() == text
    WindowState(recent=("/a",)).save()
    assert WindowState.load().recent == ("/a",)


def test_where_nothing_can_be_written_the_window_is_merely_forgotten(own_home: Path) -> None:
    (own_home / "state").write_text("a file where a folder should be")
    WindowState(recent=("/a",)).save()
    assert WindowState.load() == WindowState()


def test_the_latest_project_comes_first_and_once() -> None:
    state = WindowState()
    for number in range(MAX_RECENT + 3):
        state = state.with_recent(f"/{number}")
    state = state.with_recent("/5")
    assert state.recent[0] == "/5"
    assert len(state.recent) == len(set(state.recent)) == MAX_RECENT
    assert "/5" not in state.without_recent("/5").recent
