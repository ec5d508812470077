"""Every test has a home of its own and leaves nothing behind: no log, no Qt warning, no widget, no thread."""

from __future__ import annotations

import gc
import logging
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# A busy machine makes any example slow: that is no failure. Tests that need more examples, or fewer, say so.
settings.register_profile("busy", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")
_PLACES = {
    "HOME": "home",
    "PAWTRAIT_SETTINGS": "settings/settings.json",
    "PAWTRAIT_CACHE": "cache",
    "PAWTRAIT_STATE": "state",
}
_GUI = {"gui", "e2e"}
_LACKS = "This plugin does not support"
"""Begins what Qt's offscreen platform says of itself."""
_XDG = ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME")


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings, cache and window state of this test alone; the user's own are out of reach."""
    folder = tmp_path_factory.mktemp("own")
    for name, place in _PLACES.items():
        monkeypatch.setenv(name, str(folder / place))
    for name in _XDG:
        monkeypatch.delenv(name, raising=False)
    (folder / "home").mkdir()
    return folder


@pytest.fixture(autouse=True)
def no_unexpected_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail on what is logged as a warning or worse; a test that expects it calls ``caplog.clear()``."""
    yield
    loud = [
        record.getMessage()
        for when in ("setup", "call")
        for record in caplog.get_records(when)
        if record.levelno >= logging.WARNING and not record.getMessage().startswith(_LACKS)
    ]
    assert loud == []


@pytest.fixture(autouse=True)
def no_leftover_threads() -> Iterator[None]:
    """Fail if a test leaves a thread running."""
    before = set(threading.enumerate())
    yield
    left = [thread for thread in threading.enumerate() if thread not in before]
    for thread in left:
        thread.join(20.0)  # on a busy machine a thread may need a while to see that it has to end
    assert [thread.name for thread in left if thread.is_alive()] == []


@pytest.fixture(autouse=True)
def no_leftover_widgets(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail if a test leaves a window behind."""
    yield
    if "PySide6.QtWidgets" not in sys.modules:
        return
    from PySide6.QtCore import QCoreApplication, QEvent
    from PySide6.QtWidgets import QApplication

    app = QApplication.instance()
    if not isinstance(app, QApplication):
        return
    if not _GUI & set(request.path.parts) and not app.topLevelWidgets():
        return  # collecting costs more than most tests, and these have no widgets
    gc.collect()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    app.processEvents()
    left = [type(widget).__name__ for widget in app.topLevelWidgets() if widget.isVisible()]
    assert left == []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A warning of Qt's fails the test in which it was given."""
    for item in items:
        item.add_marker(pytest.mark.qt_log_level_fail("WARNING"))
        item.add_marker(pytest.mark.qt_log_ignore(_LACKS))
