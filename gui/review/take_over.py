"""Waits for a project that somebody else has open, and takes it over for writing once it is free."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from PySide6.QtCore import QObject, QTimer

from core.errors import UserFacingError
from core.jobs.specs import OpenProject
from core.settings import reviewer
from core.store.base import Store
from gui.jobs.desk import Desk
from gui.jobs.handle import Listener
from gui.review.banner import Banner
from gui.review.workspace import Workspace
from gui.session import Session

_EVERY_MS = 10_000


class TakeOver(QObject):
    """Lives as long as the window."""

    def __init__(self, desk: Desk, banner: Banner, workspace: Callable[[], Workspace | None], parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._banner = banner
        self._workspace = workspace
        self._asking = False
        self._timer = QTimer(self, interval=_EVERY_MS)
        self._timer.timeout.connect(self._ask)
        banner.retry_wanted.connect(self.try_again)
        desk.opened.connect(self._on_opened)
        desk.closing.connect(self._on_closing)

    def try_again(self) -> None:
        """A person wants to know now."""
        self._ask(by_hand=True)

    def _on_opened(self, session: Session) -> None:
        info = session.store.info
        if info.read_only:
            self._banner.tell_lasting(
                info.read_only_reason, "You can look at it, but not decide.", retry=bool(info.path)
            )
            if info.path:
                self._timer.start()

    def _on_closing(self) -> None:
        self._timer.stop()
        self._asking = False

    def _ask(self, by_hand: bool = False) -> None:
        session = self._desk.session
        if session is None or self._asking:
            return
        self._asking = True

        def done(answer: object) -> None:
            store = cast(Store, answer)
            self._asking = False
            if store.info.read_only:
                if by_hand:
                    self._desk.told.emit(f"Not yet: {store.info.read_only_reason}")
                store.close()
                return
            before = self._workspace()
            pair = before.presenter.pair if before is not None else None
            self._desk.use(store)
            after = self._workspace()
            if after is not None and pair is not None:
                after.presenter.show(pair.id)
            self._desk.told.emit("The project is free again: you can decide now.")

        def failed(problem: UserFacingError) -> None:
            self._asking = False
            if by_hand:
                self._desk.problem_met.emit(problem.message, problem.remedy)

        def unwanted(answer: object) -> None:
            cast(Store, answer).close()

        spec = OpenProject(session.store.info.path, reviewer(self._desk.settings))
        self._desk.submit(spec, Listener(done=done, failed=failed, unwanted=unwanted))
