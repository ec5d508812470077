"""A line above the pictures that says what is special about the pair's mask, and offers what can be done about it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from core.domain import Decision, MaskSource, Pair
from gui.assets import Theme, current_theme, icon, on_theme_changed
from gui.current_keys import with_keys
from gui.review.mask_choice import NAMES, decided_on
from gui.review.words import FOUND, percent


@dataclass(frozen=True, slots=True)
class Note:
    """What is to be said."""

    text: str
    button: str = ""
    """What can be done; empty: nothing."""
    action: str = ""
    """Id of the action behind the button."""


def note_of(pair: Pair | None, shown: MaskSource | None, read_only: bool = False) -> Note | None:
    """Return what is special about the mask that is shown, or None if nothing is."""
    said = pair.prediction if pair is not None else None
    if pair is not None and _waits_for_word(pair):
        text = "The placement was moved after you had painted on its mask."
        return Note(text) if read_only else Note(f"{text} Your strokes stay.", "Derive the mask anew", "derive_mask")
    if pair is None or said is None:
        return None
    decided = decided_on(pair)
    judged = (Decision.ACCEPTED, Decision.CORRECTED)
    if pair.review.decision in judged and decided is not None and decided is not shown and shown is not None:
        verb = "was accepted with" if pair.review.decision is Decision.ACCEPTED else "was corrected from"
        return Note(f"This pair {verb} {NAMES[decided]} mask; {NAMES[shown]} is shown.{_instead()}")
    if shown is not MaskSource.PREDICTION:
        return None
    if said.found < FOUND:
        return Note(f"Nothing found: most likely this photo shows no pet ({percent(said.found)} that it does).")
    if len(said.portraits) > 1:
        pets = "Two pets" if len(said.portraits) == 2 else f"{len(said.portraits)} pets"
        text = f"{pets} found. The mask is of number {said.portrait + 1}; the other is framed by dots."
        return Note(text) if read_only else Note(text, with_keys("Take the other ({portrait})"), "portrait")
    return None


def _instead() -> str:
    return with_keys(" {accept} accepts that instead.")


def _waits_for_word(pair: Pair) -> bool:
    """Return whether a mask has not followed its placement, as it was painted on."""
    found, recipe = pair.reconciliation, pair.recipe
    painted = recipe is not None and recipe.base is MaskSource.RECONCILIATION and bool(recipe.strokes)
    return painted and found is not None and found.mask_placement is not None


class PairNote(QWidget):
    """Is hidden while there is nothing to say."""

    action_wanted = Signal(str)
    """The id of an action."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._note: Note | None = None
        self._sign = QLabel()
        self._text = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._button = QPushButton()
        self._button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 8, 6)
        layout.setSpacing(8)
        layout.addWidget(self._sign)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._button)
        self._button.clicked.connect(self._on_clicked)
        on_theme_changed(self._on_theme_changed)
        self._on_theme_changed(current_theme())
        self.hide()

    @property
    def message(self) -> str:
        """What is said; empty while nothing is."""
        return self._note.text if self._note is not None else ""

    def say(self, note: Note | None) -> None:
        """Say something, or nothing."""
        self._note = note
        self._text.setText(self.message)
        self._text.setAccessibleName(self.message)
        self._button.setText(note.button if note is not None else "")
        self._button.setVisible(note is not None and bool(note.button))
        self.setVisible(note is not None)

    def _on_clicked(self) -> None:
        if self._note is not None:
            self.action_wanted.emit(self._note.action)

    def _on_theme_changed(self, theme: Theme) -> None:
        self._sign.setPixmap(icon("info", theme.text).pixmap(16, 16))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground with a stripe in the accent's colour."""
        theme, painter = current_theme(), QPainter(self)
        painter.fillRect(event.rect(), QColor(theme.raised))
        painter.fillRect(0, 0, 4, self.height(), QColor(theme.accent))
        painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(theme.line))
        painter.end()
