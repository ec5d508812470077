"""The desk is killed in mid-stroke: that stroke is lost, all others are there, and so is their undo."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from core.domain import ImageRef, Pair
from core.edits import AddPair, Initiator, Origin
from core.images.source import hash_file
from core.store.opening import create_project, open_project
from tests.e2e.conftest import press_undo_until_all_is_taken_back

ROOT = Path(__file__).parents[2]
_PAINT = """
import sys, time
from PySide6.QtCore import QEvent, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication
from gui.canvas.pane import Pane
from gui.main_window import MainWindow
from main import main

app = QApplication([])
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton

def send(window, kind, x, y):
    pane = next(found for found in window.findChildren(Pane) if found.accessibleName() == "Original")
    at = QPointF(*window.workspace.view.surface.view.to_view((x, y)))
    keys = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(pane, QMouseEvent(kind, at, pane.mapToGlobal(at), LEFT, LEFT, keys))

def strokes(window):
    recipe = window.workspace.presenter.pair.recipe
    return 0 if recipe is None else len(recipe.strokes)

def look():
    global sent
    window = next((w for w in app.topLevelWidgets() if isinstance(w, MainWindow)), None)
    if window is None or window.tools is None or window.workspace.presenter.pair is None:
        return
    masks = window.tools.masks
    if not masks.room.on:
        window.commands["edit"].trigger()
    elif masks.editor.sheet is not None and strokes(window) == sent:
        row = 10 * sent + 10
        send(window, QEvent.Type.MouseButtonPress, 10, row)
        send(window, QEvent.Type.MouseMove, 50, row)
        if sent == 2:
            timer.stop()
            print("painting", flush=True)
        else:
            send(window, QEvent.Type.MouseButtonRelease, 50, row)
            sent += 1

sent = 0
timer = QTimer(interval=20)
timer.timeout.connect(look)
timer.start()
main(["open", sys.argv[1]])
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_kill_in_mid_stroke_loses_that_stroke_only(tmp_path: Path, qtbot: QtBot) -> None:
    photo, folder = tmp_path / "photo.png", tmp_path / "project"
    Image.fromarray(np.full((40, 60, 3), 90, np.uint8)).save(photo)
    store = create_project(folder, "anna")
    pair = Pair(0, "photo", ImageRef(str(photo), hash_file(photo), 60, 40), None)
    (pair_id,) = store.apply([AddPair(pair)], Initiator("anna", Origin.JOB)).pair_ids
    store.close()
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", _PAINT, str(folder)]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as desk:
        assert desk.stdout is not None
        assert desk.stdout.readline() == "painting\n"
        desk.send_signal(signal.SIGKILL)
    store = open_project(folder, "anna")
    (found,) = store.pairs([pair_id])
    store.close()
    assert found.recipe is not None
    assert [stroke.tool for stroke in found.recipe.strokes] == ["brush", "brush"], "two of three"
    press_undo_until_all_is_taken_back(folder)
    store = open_project(folder, "anna")
    (found,) = store.pairs([pair_id])
    store.close()
    assert found.recipe is None
