"""A key that does something as long as it is down."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtGui import QKeyEvent

from gui.current_keys import is_key_of


class HoldKey(QObject):
    """Says when the key goes up again; also when the window loses the keyboard meanwhile."""

    def __init__(self, action_id: str, held: Callable[[bool], None], parent: QObject) -> None:
        super().__init__(parent)
        self._action_id = action_id
        self._held = held
        self._down = False

    def press(self) -> None:
        """The key has gone down; or the action was chosen in a menu, which no release will follow: again ends it."""
        app = QCoreApplication.instance()
        if self._down:
            self.release()
        elif app is not None:
            self._down = True
            app.installEventFilter(self)  # the release goes to whoever has the focus then
            self._held(True)

    def release(self) -> None:
        """The key is up again, or will not be heard of any more."""
        app = QCoreApplication.instance()
        if self._down and app is not None:
            self._down = False
            app.removeEventFilter(self)
            self._held(False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Watch for the release."""
        kind = event.type()
        if kind is QEvent.Type.KeyRelease and isinstance(event, QKeyEvent):
            if is_key_of(self._action_id, event) and not event.isAutoRepeat():
                self.release()
        elif kind in (QEvent.Type.WindowDeactivate, QEvent.Type.ApplicationDeactivate):
            self.release()
        return False
