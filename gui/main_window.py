"""The window: menus and tool bar, the desk or the empty state, the job strip; asks questions and passes on answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QByteArray, QEvent
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from core.domain import Pair
from core.errors import UserFacingError
from core.settings import Settings, Value
from gui.actions import Actions, Scope
from gui.assets import app_icon, apply_theme, set_icon
from gui.canvas.scene import OverlayStyle
from gui.desk_tools import DeskTools, UndoOffer
from gui.dialogs import questions
from gui.dialogs.folders import read_drop
from gui.dialogs.recent_menu import RecentMenu
from gui.dialogs.welcome import Welcome
from gui.jobs.desk import Desk
from gui.jobs.predictions import Predictions
from gui.jobs.runner import Runner
from gui.jobs.strip import JobStrip
from gui.jobs.training import Training
from gui.key_desk import KeyDesk
from gui.review.banner import Banner
from gui.review.foot import Foot
from gui.review.overlay_bar import style_from
from gui.review.take_over import TakeOver
from gui.review.tool_bar import ToolBar
from gui.review.workspace import Workspace
from gui.session import Session
from gui.tools.placing import Placing
from gui.window_state import WindowState

_SIZE = (1440, 900)


class MainWindow(QMainWindow):
    """Holds the parts together; what is done to a project is decided elsewhere."""

    def __init__(self, settings: Settings, runner: Runner, log_file: str = "") -> None:
        super().__init__()
        self._settings = settings
        self._runner = runner
        self._log_file = log_file
        self._state = WindowState.load()
        self.workspace: Workspace | None = None
        self.tools: DeskTools | None = None
        self.desk = Desk(settings, runner, self)
        self.predictions = Predictions(self.desk, self)
        self.training = Training(self.desk, self)
        self.commands = Actions(self, self._on_action)
        self.banner = Banner()
        self.desk.closing.connect(self.banner.clear)  # before all others: what they cannot write is told
        self.placing = Placing(self.desk, self.commands, self)
        self.keys = KeyDesk(self, self.commands, self.banner)
        self.strip = JobStrip()
        runner.observe(self.strip)
        self.foot = Foot(self.strip)
        self._welcome = Welcome(self.commands["new"], self.commands["open"])
        self._bar = ToolBar(self.commands, style_from(settings))
        self._overlay = self._bar.overlay
        self._stack = QStackedWidget()
        self._recent_menu = RecentMenu(lambda: self._state.recent, self)
        self._build()
        self._connect()
        self._show_welcome()
        self.resize(*_SIZE)
        self.restoreGeometry(QByteArray(self._state.geometry))
        self.keys.start()

    # --- building ---------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.setWindowIcon(app_icon())
        self.setAcceptDrops(True)
        self.commands.fill(self.menuBar())["&File"].insertMenu(self.commands["close"], self._recent_menu)
        self.addToolBar(self._bar)
        self._stack.addWidget(self._welcome)
        self.setCentralWidget(_column(self.banner, self._stack, self.foot))
        for spec, action in self.commands:
            if spec.icon:
                set_icon(action, spec.icon)
        for name in ("link", "panels"):
            self.commands[name].setChecked(True)
        self.commands["auto_advance"].setChecked(self._settings.flag("review.auto_advance"))

    def _connect(self) -> None:
        self._handlers = _handlers(self)
        self.desk.opened.connect(self._on_opened)
        self.placing.active_changed.connect(self._on_placing_changed)
        self.placing.hint_changed.connect(self.foot.show_hint)
        self.placing.moved_on.connect(self.foot.move_on)
        self._take_over = TakeOver(self.desk, self.banner, lambda: self.workspace, self)
        self.desk.closing.connect(self._on_closing)
        self.desk.refresh_wanted.connect(self._on_refresh_wanted)
        self.desk.problem_met.connect(self.banner.tell)
        self.desk.told.connect(self.foot.tell)
        self.desk.open_failed.connect(self._on_open_failed)
        self._overlay.style_changed.connect(self._on_style_changed)
        self._overlay.setting_chosen.connect(self.set_setting)
        self.predictions.settled_asked.connect(partial(questions.compare_masks, self, self.predictions, self.commands))
        self._welcome.project_chosen.connect(self.open_project)
        self._recent_menu.project_chosen.connect(self.open_project)

    def _on_action(self, name: str) -> None:
        of_workspace = self.workspace.handlers if self.workspace is not None else {}
        of_tools = self.tools.handlers if self.tools is not None else {}
        if name == "edit":
            self.placing.leave_all()  # the two want the same keys
        handler = self.placing.handlers.get(name) or self._handlers.get(name) or of_tools.get(name)
        handler = handler or of_workspace.get(name)
        if handler is not None:
            handler()

    # --- asking -----------------------------------------------------------------------------------------------------

    def ask_new(self, originals: str = "", designers: str = "", sure: bool = True) -> None:
        """Ask for a new project and make it."""
        wish = questions.new_project(self, originals, designers, sure)
        if wish is not None and self._may_stop_jobs():
            self.banner.dismiss()
            self.desk.new_project(wish)

    def ask_open(self) -> None:
        """Ask for a project's folder and open it."""
        folder = questions.project_folder(self, self._state.recent)
        if folder:
            self.open_project(folder)

    def open_project(self, folder: str) -> None:
        """Open a project in place of the one that is open."""
        if self._may_stop_jobs():
            self.banner.dismiss()
            self.desk.open_project(folder)

    def ask_close(self) -> None:
        """Close the project, unless a job is to run on."""
        if self._may_stop_jobs():
            self.desk.close_project()

    def ask_import(self, originals: str = "", designers: str = "") -> None:
        """Ask for pairs and add them."""
        wish = questions.import_pairs(self, originals, designers)
        if wish is not None and self.desk.session is not None:
            self.desk.import_pairs(wish)

    def ask_export(self) -> None:
        """Ask what to export and write it."""
        if self.desk.session is None:
            return
        wish = questions.export(self, self.desk.session.store.counts())
        if wish is not None and self.desk.session is not None:
            self.desk.export(wish.format, wish.folder, wish.decisions)

    def ask_settings(self) -> None:
        """Let the settings be changed."""
        self._overlay.save()
        for key, value in questions.settings(self, self._settings).items():
            self.set_setting(key, value)
        now = self._overlay.style_now
        style = replace(style_from(self._settings), visible=now.visible, look=now.look)
        self._overlay.show_style(style)
        self._on_style_changed(style)

    def ask_command(self) -> None:
        """Let an action be found by name, and do it."""
        action = questions.command(self, self.commands)
        if action is not None:
            action.trigger()

    def _may_stop_jobs(self) -> bool:
        return questions.may_stop(self, [job.title for job in self.desk.busy_jobs])

    def _show_about(self) -> None:
        project = self.desk.session.store.info.path if self.desk.session else ""
        questions.show_about(self, self._log_file, project)

    # --- doing ------------------------------------------------------------------------------------------------------

    def set_setting(self, key: str, value: Value) -> None:
        """Change a setting and put it into force."""
        try:
            self._settings.set(key, value)
        except UserFacingError as problem:
            self.banner.tell(problem.message, problem.remedy)
        app = QApplication.instance()
        if key == "view.theme" and isinstance(app, QApplication):
            apply_theme(app, self._settings.text("view.theme"))
        self.commands["auto_advance"].setChecked(self._settings.flag("review.auto_advance"))
        self.desk.settings_changed()

    def _on_auto_advance_chosen(self) -> None:
        on = self.commands["auto_advance"].isChecked()
        self.set_setting("review.auto_advance", on)
        self.foot.tell("Decisions go on to the next undecided pair." if on else "Decisions stay on their pair.")

    def _arrange_workspace(self) -> None:
        if self.workspace is not None:
            self.workspace.show_panels(self.commands["panels"].isChecked())
            self.workspace.view.set_linked(self.commands["link"].isChecked())
            self.workspace.view.show_navigator(self.commands["navigator"].isChecked())

    def _pair(self) -> Pair | None:
        return self.workspace.presenter.pair if self.workspace else None

    def _on_style_changed(self, style: OverlayStyle) -> None:
        if self.workspace is not None:
            self.workspace.loader.set_style(style)

    # --- projects come and go ---------------------------------------------------------------------------------------

    def _on_opened(self, session: Session) -> None:
        info = session.store.info
        if info.path:
            self._state = self._state.with_recent(info.path)
            self._state.save()
        self.commands.read_only = info.read_only
        workspace = Workspace(session, self._runner, self.desk.services, self._overlay.style_now, self)
        self.workspace = workspace
        _join(self, workspace)
        self.tools = DeskTools(workspace, self._runner, self.desk.services, self.commands)
        self.tools.told.connect(self.foot.tell)
        self.tools.hint_changed.connect(self.foot.show_hint)
        self.tools.masks.moved_on.connect(self.foot.move_on)
        self.foot.clear()
        self.setWindowTitle(f"{info.name}{' (read-only)' if info.read_only else ''} – Pawtrait")
        self._stack.addWidget(workspace)
        self._stack.setCurrentWidget(workspace)
        self._bar.show()
        self.foot.show()
        workspace.splitter.restoreState(QByteArray(self._state.splitter))
        self._arrange_workspace()
        self.commands.enable(Scope.PROJECT, True)
        workspace.start()
        self._undo_offer = UndoOffer(workspace, self.tools.masks, self.placing, self.commands)

    def _on_closing(self) -> None:
        workspace, self.workspace = self.workspace, None
        if self.tools is not None:
            self.tools.finish()
            self.tools = None
        if workspace is not None:
            workspace.finish()
            self._state = replace(self._state, splitter=bytes(workspace.splitter.saveState().data()))
            self._stack.removeWidget(workspace)
            workspace.setParent(None)
            workspace.deleteLater()
        self._show_welcome()

    def _show_welcome(self) -> None:
        self.foot.clear()
        self.strip.forget()
        self.foot.hide()
        self._bar.hide()
        for scope in (Scope.PROJECT, Scope.REVIEW, Scope.EDIT):
            self.commands.enable(scope, False)
        self._welcome.show_recent(self._state.recent)
        self._stack.setCurrentWidget(self._welcome)
        self.setWindowTitle("Pawtrait")

    def _on_open_failed(self, folder: str) -> None:
        if not Path(folder).is_dir():
            self._state = self._state.without_recent(folder)
            self._state.save()
            self._welcome.show_recent(self._state.recent)

    def _on_pair_shown(self, pair: Pair | None) -> None:
        self.foot.follow(pair.id if pair is not None else None)
        self.commands.enable(Scope.REVIEW, pair is not None)
        if self.tools is not None:
            self.tools.follow(pair)
        if pair is None or pair.placement is None:
            self.commands["reconcile_near"].setEnabled(False)
        if pair is None or pair.designer is None:
            self.commands["reconcile"].setEnabled(False)
        self.placing.follow(pair)

    def _on_placing_changed(self, on: bool) -> None:
        if on and self.tools is not None:
            self.tools.finish()  # the two want the same keys

    def _on_refresh_wanted(self) -> None:
        if self.workspace is not None:
            self.workspace.queue.reload()

    # --- Qt ---------------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the words out of the tool bar where they would not fit."""
        super().resizeEvent(event)
        self._bar.fit(self.width())

    def changeEvent(self, event: QEvent) -> None:
        """Count nobody's time while the window is not the one that is worked in."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.ActivationChange and self.workspace is not None:
            self.workspace.set_attended(self.isActiveWindow() or QApplication.activeWindow() is not None)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take folders."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open a project, or begin with two folders."""
        event.acceptProposedAction()
        dropped = read_drop([Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()])
        if dropped.problem:
            self.banner.tell(dropped.problem)
        elif dropped.project:
            self.open_project(dropped.project)
        elif self.desk.session is not None and not self.desk.session.store.info.read_only:
            self.ask_import(dropped.originals, dropped.designers)
        else:
            self.ask_new(dropped.originals, dropped.designers, dropped.sure)

    def closeEvent(self, event: QCloseEvent) -> None:
        """End, unless a job is to run on."""
        if not self._may_stop_jobs():
            event.ignore()
            return
        self._overlay.save()
        self.desk.close_project()
        self._runner.shut_down()
        self._state = replace(self._state, geometry=bytes(self.saveGeometry().data()))
        self._state.save()
        event.accept()


def _column(head: QWidget, middle: QWidget, foot: QWidget) -> QWidget:
    """Return the three one below another; the middle has all the room there is."""
    made = QWidget()
    layout = QVBoxLayout(made)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    layout.addWidget(head)
    layout.addWidget(middle, 1)
    layout.addWidget(foot)
    return made


def _join(window: MainWindow, workspace: Workspace) -> None:
    """Let a project's part of the window and the others hear of one another."""
    workspace.pair_shown.connect(window._on_pair_shown)
    workspace.problem_met.connect(window.banner.tell)
    workspace.told.connect(window.foot.tell)
    workspace.dwelt.connect(window.predictions.ahead)
    workspace.predicting.action_wanted.connect(window._on_action)
    window.training.changed_models.connect(workspace.predicting.comparison.forget)
    workspace.view.cursor_moved.connect(window.foot.show_cursor)
    workspace.view.zoom_changed.connect(window.foot.show_zoom)
    workspace.presenter.settling.connect(window.placing.settle)
    window.placing.begin(workspace.view, workspace.lend, workspace.presenter.gesture)
    window.placing.active_changed.connect(workspace.show_lent)


def _handlers(window: MainWindow) -> dict[str, Callable[[], object]]:
    """Return what the actions do that are the window's own, by id."""
    return {
        "new": window.ask_new,
        "open": window.ask_open,
        "close": window.ask_close,
        "import": window.ask_import,
        "export": window.ask_export,
        "settings": window.ask_settings,
        "quit": window.close,
        "reconcile": lambda: window.desk.reconcile_by_hand(window._pair()),
        "reconcile_near": lambda: window.desk.reconcile_by_hand(window._pair(), near_placement=True),
        "reconcile_all": window.desk.reconcile_waiting,
        "predict": lambda: window.predictions.by_hand(window._pair()),
        "portrait": lambda: window.predictions.other_portrait(window._pair()),
        "predict_all": window.predictions.waiting,
        "predict_again": window.predictions.again,
        "compare_masks": window.predictions.compare_all,
        "train": lambda: questions.show_training(window, window.training),
        "look": window._overlay.look.choose_next,
        "auto_advance": window._on_auto_advance_chosen,
        "link": window._arrange_workspace,
        "panels": window._arrange_workspace,
        "navigator": window._arrange_workspace,
        **window.keys.handlers,
        "palette": window.ask_command,
        "about": window._show_about,
    }
