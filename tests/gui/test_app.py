"""The start: quick, with a display or a sentence; bugs are logged and shown once."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QPlainTextEdit
from pytestqt.qtbot import QtBot

import main
from gui import app
from gui.dialogs.bug import BugDialog
from gui.main_window import MainWindow

ROOT = Path(__file__).parents[2]
SERVED = 10_000 + os.getpid() % 40_000
"""A display of this process alone: another worker runs the same test at the same time."""
HEAVY = ("torch", "cv2", "sqlalchemy", "scipy", "skimage")


def _window() -> MainWindow:
    found = [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, MainWindow)]
    return next(window for window in found if window.isVisible())


@pytest.fixture
def listening() -> Iterator[None]:
    """Something that listens where the X server of a display would."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"\0/tmp/.X11-unix/X{SERVED}")
        server.listen()
        yield


@pytest.mark.parametrize(
    ("environment", "can"),
    [
        ({}, False),
        ({"DISPLAY": f":{SERVED}"}, True),
        ({"DISPLAY": f":{SERVED}.0"}, True),
        ({"DISPLAY": f"unix:{SERVED}", "QT_QPA_PLATFORM": "xcb"}, True),
        ({"DISPLAY": ":4243"}, False),
        ({"DISPLAY": ":4243", "WAYLAND_DISPLAY": "wayland-0"}, True),
        ({"DISPLAY": ":4243", "WAYLAND_DISPLAY": "wayland-0", "QT_QPA_PLATFORM": "xcb"}, False),
        ({"DISPLAY": ":4243", "QT_QPA_PLATFORM": "offscreen"}, True),
        ({"DISPLAY": "localhost:99999"}, False),
        ({"DISPLAY": "/a/form/of/its/own:0"}, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, True),
        ({"QT_QPA_PLATFORM": "offscreen"}, True),
        ({"QT_QPA_PLATFORM": "vnc:size=800x600"}, True),
        ({"QT_QPA_PLATFORM": "xcb"}, False),
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="its X servers listen in the abstract namespace")
def test_whether_a_window_can_be_shown(
    environment: dict[str, str], can: bool, listening: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    problem = app.display_problem()
    assert (problem is None) is can
    assert problem is None or problem.endswith(".")


def test_a_display_without_a_server_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DISPLAY", ":4243")
    assert app.display_problem() == "The display :4243 cannot be reached."


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_other_systems_always_have_one(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.delenv("QT_QPA_PLATFORM")
    monkeypatch.delenv("DISPLAY", raising=False)
    assert app.display_problem() is None


def test_without_a_display_the_desk_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(app, "display_problem", lambda: "There is no display.")
    assert app.run_desk(None) == 1
    assert "There is no display." in capsys.readouterr().err


def test_the_window_is_shown_before_anything_heavy_is_imported() -> None:
    script = f"""
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
import main

app = QApplication([])

def look():
    window = next(widget for widget in app.topLevelWidgets() if widget.isVisible())
    print(type(window).__name__, [name for name in {HEAVY} if name in sys.modules])
    window.close()

QTimer.singleShot(0, look)
sys.exit(main.main([]))
"""
    answer = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.strip() == "MainWindow []"


def test_it_starts_through_main_and_ends_with_the_window(qtbot: QtBot, own_home: Path) -> None:
    QTimer.singleShot(50, lambda: _window().close())
    hook = sys.excepthook
    assert main.main([]) == 0
    assert sys.excepthook is hook
    assert logging.getLogger().level == logging.WARNING


def test_a_project_named_at_the_start_is_opened(qtbot: QtBot, tmp_path: Path) -> None:
    from core.store.opening import create_project

    create_project(tmp_path / "ours", "anna").close()
    titles: list[str] = []

    def look() -> None:
        window = _window()
        if window.workspace is None:
            QTimer.singleShot(20, look)
            return
        titles.append(window.windowTitle())
        window.close()

    QTimer.singleShot(20, look)
    assert app.run_desk(str(tmp_path / "ours")) == 0
    assert titles == ["ours – Pawtrait"]


def test_a_damaged_settings_file_is_a_sentence_and_stays_as_it_is(qtbot: QtBot, own_home: Path) -> None:
    file = own_home / "settings" / "settings.json"
    file.parent.mkdir()
    file.write_text("{ not json")
    messages: list[str] = []

    def look() -> None:
        window = _window()
        messages.append(window.banner.message)
        window.commands["auto_advance"].trigger()
        window.close()

    QTimer.singleShot(50, look)
    assert app.run_desk(None) == 0
    assert "damaged" in messages[0]
    assert file.read_text() == "{ not json"


def test_a_bug_is_logged_and_shown_once(qtbot: QtBot, own_home: Path, caplog: pytest.LogCaptureFixture) -> None:
    texts: list[str] = []

    def bug() -> None:
        raise ZeroDivisionError("a slot with a bug")

    def look() -> None:
        dialogs = [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, BugDialog)]
        for dialog in dialogs:
            edit = dialog.findChild(QPlainTextEdit)
            assert edit is not None
            texts.append(edit.toPlainText())
            dialog.close()
        _window().close()

    for delay in (10, 20, 30):
        QTimer.singleShot(delay, bug)
    QTimer.singleShot(150, look)
    with qtbot.captureExceptions():
        assert app.run_desk(None) == 0
    assert len(texts) == 1
    assert "ZeroDivisionError: a slot with a bug" in texts[0]
    assert (own_home / "state" / "pawtrait.log").read_text("utf-8").count("ZeroDivisionError: a slot") == 3
    caplog.clear()
