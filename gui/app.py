"""Starts the desk: application, theme, log, window; catches what nobody expected."""

from __future__ import annotations

import logging
import os
import re
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import FrameType, TracebackType

from PySide6.QtCore import QMessageLogContext, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from core.errors import FileProblem
from core.settings import Settings
from gui import window_state
from gui.assets import apply_theme
from gui.dialogs.bug import BugDialog
from gui.jobs.bridge import Bridge
from gui.jobs.runner import Runner
from gui.main_window import MainWindow

_LOG_BYTES = 1_000_000
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
_ANSWER_SECONDS = 2.0
log = logging.getLogger("gui.app")


def display_problem() -> str | None:
    """Return why no window can be shown here, as a sentence, or None if one can. Needs no application."""
    if sys.platform in ("win32", "darwin"):
        return None
    platform = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    if platform and platform not in ("xcb", "wayland", "wayland-egl"):
        return None
    display, wayland = (os.environ.get(name, "") for name in ("DISPLAY", "WAYLAND_DISPLAY"))
    if not display and not wayland:
        return "There is no display: neither DISPLAY nor WAYLAND_DISPLAY is set."
    by_x = display and (platform == "xcb" or (not platform and not wayland))
    # Qt aborts the program over a display that does not answer.
    return f"The display {display} cannot be reached." if by_x and not _x_answers(display) else None


def _x_answers(display: str) -> bool:
    """Return whether an X server listens at ``display`` (host:number.screen, see X(7)); True if its form is unknown."""
    form = re.fullmatch(r"(?P<host>[^/]*):(?P<number>\d+)(\.\d+)?", display)
    if form is None:
        return True
    host, number = form["host"].strip("[]"), int(form["number"])
    if host not in ("", "unix"):
        return _connects(lambda: socket.create_connection((host, 6000 + number), _ANSWER_SECONDS))
    path = f"/tmp/.X11-unix/X{number}"
    return _connects(lambda: _local(path)) or _connects(lambda: _local(f"\0{path}"))


def _connects(connect: Callable[[], socket.socket]) -> bool:
    try:
        connect().close()
    except (OSError, OverflowError):  # OverflowError: no such port
        return False
    return True


def _local(address: str) -> socket.socket:
    made = socket.socket(socket.AF_UNIX)
    try:
        made.settimeout(_ANSWER_SECONDS)
        made.connect(address)
    except OSError:
        made.close()
        raise
    return made


def run_desk(project: str | None) -> int:
    """Show the desk, with a project's folder opened in it, and return the exit code once it is closed."""
    problem = display_problem()
    if problem is not None:
        sys.stderr.write(f"{problem} Start Pawtrait from a desktop session.\n")
        return 1
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(sys.argv[:1])
    app.setApplicationName("Pawtrait")
    app.setDesktopFileName("pawtrait")
    with _logging() as log_file:
        settings, trouble = _settings()
        apply_theme(app, settings.text("view.theme"))
        runner = Runner(Bridge(app))
        window = MainWindow(settings, runner, str(log_file))
        with _watching(_BugReports(window, runner, log_file)):
            window.show()
            if trouble is not None:
                window.banner.tell(trouble.message, trouble.remedy, keep=True)
            if project is not None:
                QTimer.singleShot(0, window, lambda: window.open_project(project))
            code = app.exec()
        runner.shut_down()
        window.deleteLater()
    return code


def _settings() -> tuple[Settings, FileProblem | None]:
    """Read the settings; a damaged file is left alone, and the defaults serve until it is mended."""
    try:
        return Settings.load(), None
    except FileProblem as problem:
        return Settings(), problem


class _BugReports:
    """Writes every unexpected exception to the log, and shows each kind of it once."""

    def __init__(self, window: MainWindow, runner: Runner, log_file: Path) -> None:
        self._window = window
        self._log_file = log_file
        self._shown: set[str] = set()
        runner.on_bug = self.job_failed

    def job_failed(self, title: str, text: str) -> None:
        """A job met one; its worker has logged it."""
        self._show(f"Job: {title}\n\n{text}")

    def raised(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Something in the GUI thread did."""
        if issubclass(kind, KeyboardInterrupt):
            self._window.close()
            return
        text = "".join(traceback.format_exception(kind, error, trace))
        log.error("bug\n%s", text)
        self._show(text)

    def _show(self, text: str) -> None:
        if text not in self._shown and threading.current_thread() is threading.main_thread():
            self._shown.add(text)
            BugDialog(text, str(self._log_file), self._window).show()


@contextmanager
def _watching(reports: _BugReports) -> Iterator[None]:
    """Catch what is raised in slots, what Qt complains of, and Ctrl+C in the terminal."""

    def interrupted(_number: int, _frame: FrameType | None) -> None:
        QTimer.singleShot(0, reports._window, reports._window.close)

    hook, sys.excepthook = sys.excepthook, reports.raised
    handler = qInstallMessageHandler(_on_qt_message)
    before = signal.getsignal(signal.SIGINT)
    ticking = QTimer(interval=250)  # Python hears of signals only when it gets a turn
    ticking.timeout.connect(_give_python_a_turn)
    main = threading.current_thread() is threading.main_thread()
    if main:
        signal.signal(signal.SIGINT, interrupted)
        ticking.start()
    try:
        yield
    finally:
        ticking.stop()
        if main:
            signal.signal(signal.SIGINT, before)
        qInstallMessageHandler(handler)
        sys.excepthook = hook


def _give_python_a_turn() -> None:
    pass


def _on_qt_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    logging.getLogger(f"qt.{context.category or 'default'}").log(_LEVELS.get(kind, logging.INFO), "%s", message)


@contextmanager
def _logging() -> Iterator[Path]:
    """Write what is worth knowing to a file that cannot grow without end."""
    path = window_state.default_path().with_name("pawtrait.log")
    root = logging.getLogger()
    level = root.level
    handler: logging.Handler
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(path, maxBytes=_LOG_BYTES, backupCount=2, encoding="utf-8", delay=True)
    except OSError:  # nowhere to write: the desk works all the same
        handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"))
    root.addHandler(handler)
    root.setLevel(min(level, logging.INFO))
    try:
        yield path
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
        handler.close()
