"""The keys of the window: read when it starts, shown and changed by dialogs, kept at each change."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from core.errors import FileProblem
from gui.actions import Actions
from gui.current_keys import use_keys
from gui.dialogs import questions
from gui.keymap import Keymap
from gui.review.banner import Banner


class KeyDesk(QObject):
    """Lives as long as its window."""

    def __init__(self, window: QWidget, commands: Actions, banner: Banner) -> None:
        super().__init__(window)
        self._banner = banner
        self._damaged: FileProblem | None = None
        self.handlers: dict[str, Callable[[], object]] = {
            "keys": lambda: questions.show_keys(window, commands["change_keys"]),
            "change_keys": lambda: questions.change_keys(window, self.change),
        }
        """What the actions do, by id."""

    def start(self) -> None:
        """Put the kept keys into force; a damaged file is left alone until it is mended."""
        try:
            keys, problems = Keymap.load()
        except FileProblem as problem:
            self._damaged = problem
            keys, problems = Keymap(), [problem.message]
        use_keys(keys)
        if problems:
            self._banner.tell(" ".join(problems), self._damaged.remedy if self._damaged else "", keep=True)

    def change(self, keys: Keymap) -> None:
        """Put keys into force and keep them."""
        use_keys(keys)
        try:
            if self._damaged is not None:
                raise self._damaged
            keys.save()
        except FileProblem as problem:
            self._banner.tell(f"{problem.message} The keys hold until the program ends.", problem.remedy)
