"""The right side of the desk: what is known of the pair on the screen, its quality, comment and history."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.domain import Decision, ImageRef, MaskRef, Pair, Reconciliation
from core.store.changes import ChangeSet
from gui.assets import Theme, decision_icon, on_theme_changed
from gui.canvas.swatches import painted_swatch
from gui.review import words

_HISTORY = 30
"""Newest changes shown; the journal has all."""


class CommentEdit(QPlainTextEdit):
    """Says that the comment is finished when the keyboard leaves it: nothing typed is lost."""

    finished = Signal()
    left = Signal()
    """Escape or Ctrl+Enter: the keyboard wants to go back to the queue."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText("Comment (C)")
        self.setAccessibleName("Comment on this pair")
        self.setTabChangesFocus(True)
        self.setFixedHeight(72)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Finish."""
        super().focusOutEvent(event)
        if event.reason() is not Qt.FocusReason.PopupFocusReason:
            self.finished.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave on Escape or Ctrl+Enter."""
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.key() == Qt.Key.Key_Escape or (enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier):
            self.left.emit()
        else:
            super().keyPressEvent(event)


class Inspector(QScrollArea):
    """Shows a pair. Knows nothing of what a change does: it says what the user wants."""

    comment_given = Signal(int, str)
    """Id of the pair, and the text."""
    quality_given = Signal(int)
    comment_left = Signal()
    """The keyboard should go back to the queue."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pair: Pair | None = None
        self._read_only = False
        self.comment = CommentEdit()
        self._body = QWidget()
        self._name = _Elided()
        self._decision_icon = QLabel()
        self._decision = QLabel(wordWrap=True)
        self._bar = QProgressBar(maximum=100, textVisible=False)
        self._bar.setFixedHeight(6)
        self._bar.setAccessibleName("Confidence")
        self._sure = _weighty(QLabel(wordWrap=True))
        self._reason = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._painted = _Painted()
        self._share: float | None = None
        self._placement, self._made, self._files = _Facts(), _Facts(), _Facts()
        self._quality = QButtonGroup(self)
        self._quality.setExclusive(False)
        self._history = QVBoxLayout()
        self._history.setSpacing(8)
        self._lay_out()
        self.setWidget(self._body)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Inspector")
        self._quality.idClicked.connect(self.quality_given)
        self.comment.finished.connect(self.finish_comment)
        self.comment.left.connect(self.comment_left)
        on_theme_changed(self._on_theme_changed)
        self.show_pair(None, [])

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self._body)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(6)
        font = self._name.font()
        font.setPointSizeF(font.pointSizeF() * 1.25)
        font.setWeight(font.Weight.DemiBold)
        self._name.setFont(font)
        state = QHBoxLayout()
        state.setSpacing(6)
        state.addWidget(self._decision_icon)
        state.addWidget(self._decision, 1)
        layout.addWidget(self._name)
        layout.addLayout(state)
        layout.addSpacing(6)
        for widget in (self._sure, self._bar, self._reason, self._painted):
            layout.addWidget(widget)
        layout.addWidget(_heading("Quality, 1 poor to 5 excellent"))
        layout.addLayout(self._quality_row())
        layout.addWidget(_heading("Comment"))
        layout.addWidget(self.comment)
        for title, facts in (("Placement", self._placement), ("Reconciliation", self._made), ("Files", self._files)):
            layout.addWidget(_heading(title))
            layout.addWidget(facts)
        layout.addWidget(_heading("History"))
        layout.addLayout(self._history)
        layout.addStretch(1)

    def _quality_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        for number in range(1, 6):
            button = QToolButton()
            button.setText(str(number))
            button.setCheckable(True)
            button.setToolTip(f"Quality {number} of 5 ({number})")
            button.setAccessibleName(f"Quality {number} of 5")
            button.setMinimumSize(32, 28)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setProperty("role", "boxed")
            self._quality.addButton(button, number)
            row.addWidget(button)
        row.addStretch(1)
        return row

    def show_pair(self, pair: Pair | None, history: list[ChangeSet]) -> None:
        """Show a pair (None: nothing), with the changes that touch it, oldest first."""
        another = pair is None or self._pair is None or pair.id != self._pair.id
        if another:
            self.finish_comment()
        if another or _painted_on(self._pair) != _painted_on(pair):
            self._share = None
        keep_typing = not another and self.comment.hasFocus() and self.comment.document().isModified()
        self._pair = pair
        self._body.setVisible(pair is not None)
        if pair is None:
            return
        review = pair.review
        self._name.show_text(pair.name)
        self._decision.setText(words.decision_words(review.decision, review.reason))
        self._show_decision_icon(review.decision)
        for number in range(1, 6):
            self._quality.button(number).setChecked(review.quality == number)
        if not keep_typing:
            self.comment.setPlainText(review.comment)
            self.comment.document().setModified(False)
        self._show_found(pair)
        self._files.show_facts(_file_facts("Original", pair.original) + _file_facts("Designer image", pair.designer))
        columns = (self._placement, self._made, self._files)
        widest = max(facts.names_width() for facts in columns)
        for facts in columns:
            facts.set_names_width(widest)
        self._show_history(history)

    def show_painted(self, share: float | None, colour: str) -> None:
        """Say how much of the footprint was painted on (None: not known yet), hatched in ``colour`` (#rrggbb)."""
        self._share = share
        self._painted.say(words.painted_words(share), colour)

    def set_read_only(self) -> None:
        """Let nothing be changed."""
        self._read_only = True
        self.comment.setReadOnly(True)
        for button in self._quality.buttons():
            button.setEnabled(False)

    def finish_comment(self) -> None:
        """Give out what has been typed, if it is something new."""
        if self._pair is not None and self.comment.document().isModified():
            self.comment.document().setModified(False)
            text = self.comment.toPlainText()
            if text.strip() != self._pair.review.comment:
                self.comment_given.emit(self._pair.id, text)

    def write_comment(self) -> None:
        """Let the user type a comment."""
        self.ensureWidgetVisible(self.comment)
        self.comment.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.comment.moveCursor(self.comment.textCursor().MoveOperation.End)

    def _show_found(self, pair: Pair) -> None:
        found = pair.reconciliation
        self._painted.setVisible(_painted_on(pair) is not None)
        self._painted.say(words.painted_words(self._share))
        self._bar.setVisible(found is not None)
        self._reason.setVisible(found is not None and bool(found.reason))
        if found is None:
            waiting = "Not reconciled yet" if self._read_only else "Not reconciled yet (R)"
            self._sure.setText("No designer image" if pair.designer is None else waiting)
            self._placement.show_facts([])
            self._made.show_facts([])
            return
        self._bar.setValue(round(found.confidence * 100))
        self._sure.setText(words.confidence_words(found))
        self._reason.setText(found.reason)
        self._placement.show_facts(_placement_facts(found))
        self._made.show_facts(
            [("Method", found.method, ""), ("Took", words.seconds_words(found.seconds), "")]
            + ([("Run", str(found.run_id), "")] if found.run_id is not None else [])
        )

    def _show_history(self, history: list[ChangeSet]) -> None:
        while (item := self._history.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()
        for change in reversed(history[-_HISTORY:]):
            entry = QLabel(f"{words.change_title(change)}", wordWrap=True)
            details = _muted(QLabel(words.change_details(change), wordWrap=True))
            box = QWidget()
            column = QVBoxLayout(box)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(0)
            for label in (entry, details):
                label.setTextFormat(Qt.TextFormat.PlainText)
                column.addWidget(label)
            self._history.addWidget(box)

    def _show_decision_icon(self, decision: Decision) -> None:
        self._decision_icon.setPixmap(decision_icon(decision).pixmap(16, 16))

    def _on_theme_changed(self, _theme: Theme) -> None:
        if self._pair is not None:
            self._show_decision_icon(self._pair.review.decision)


class _Painted(QWidget):
    """Says that something was painted on, beside the sign that it has over the original."""

    def __init__(self) -> None:
        super().__init__()
        self._colour = ""
        self._sign, self._text = QLabel(), QLabel(wordWrap=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._text, 1)
        self.setToolTip("Hats, names, frames: what shows nothing of the original")

    def say(self, text: str, colour: str = "") -> None:
        """Show a text; a colour (#rrggbb) stays until another one comes."""
        self._text.setText(text)
        if colour and colour != self._colour:
            self._colour = colour
            self._sign.setPixmap(painted_swatch(colour).pixmap(16, 16))


class _Elided(QLabel):
    """One line that is elided in the middle where it is too long: file names differ at their ends."""

    def __init__(self) -> None:
        super().__init__(textFormat=Qt.TextFormat.PlainText)
        self._whole = ""
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def show_text(self, text: str, tip: str = "") -> None:
        """Show a text; the tool tip is ``tip``, else the whole text."""
        self._whole = text
        self.setToolTip(tip or text)
        self.setAccessibleName(text)
        self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as much as there is room for now."""
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        room = self.contentsRect().width()
        shown = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideMiddle, room)
        if shown != self.text():
            self.setText(shown)


class _Facts(QWidget):
    """Rows of a name and a value; "—" where there are none."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(1, 1)
        self._rows: list[tuple[QLabel, _Elided]] = []

    def show_facts(self, facts: list[tuple[str, str, str]]) -> None:
        """Show name, value and tool tip of each fact."""
        facts = facts or [("None", "", "")]
        while len(self._rows) < len(facts):
            name, value = _muted(QLabel()), _Elided()
            self._grid.addWidget(name, len(self._rows), 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(value, len(self._rows), 1)
            self._rows.append((name, value))
        for at, (name, value) in enumerate(self._rows):
            name.setVisible(at < len(facts))
            value.setVisible(at < len(facts))
            if at < len(facts):
                name.setText(facts[at][0])
                value.show_text(facts[at][1], facts[at][2])

    def names_width(self) -> int:
        """Return the width of the longest name."""
        return max((name.sizeHint().width() for name, _ in self._rows if not name.isHidden()), default=0)

    def set_names_width(self, width: int) -> None:
        """Let the values begin after ``width`` pixels for the names."""
        self._grid.setColumnMinimumWidth(0, width)


def _painted_on(pair: Pair | None) -> MaskRef | None:
    return pair.reconciliation.painted if pair is not None and pair.reconciliation is not None else None


def _placement_facts(found: Reconciliation) -> list[tuple[str, str, str]]:
    placement = found.placement
    if placement is None:
        return []
    return [
        ("Rotation", f"{placement.rotation_deg:+.2f}°", "Clockwise, designer image to original"),
        ("Scale", f"{placement.scale:.4f}", "Original pixels for each designer pixel"),
        ("Mirrored", "yes" if placement.mirrored else "no", "Left to right"),
        ("Position", f"{placement.tx:.1f}, {placement.ty:.1f} px", "Where the designer image's first pixel lies"),
    ]


def _file_facts(name: str, ref: ImageRef | None) -> list[tuple[str, str, str]]:
    if ref is None:
        return [(name, "none", "")]
    return [(name, Path(ref.path).name, ref.path), ("", f"{ref.width} × {ref.height} px", ref.path)]


def _heading(text: str) -> QLabel:
    label = _weighty(QLabel(text))
    label.setContentsMargins(0, 10, 0, 0)
    return label


def _weighty(label: QLabel) -> QLabel:
    font = label.font()
    font.setWeight(font.Weight.DemiBold)
    label.setFont(font)
    return label


def _muted(label: QLabel) -> QLabel:
    label.setProperty("role", "muted")
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label
