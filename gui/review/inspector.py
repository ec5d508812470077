"""The right side of the desk: what is known of the pair on the screen, its quality, comment and history."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.domain import Decision, ImageRef, MaskRef, Pair, Prediction, Reconciliation
from core.edits import BY_HAND
from core.store.changes import ChangeSet
from gui.assets import Elided, Theme, decision_icon, on_theme_changed
from gui.current_keys import set_keyed, with_keys
from gui.review import words
from gui.review.comment_edit import CommentEdit
from gui.review.facts import Facts, PaintedSign, heading, muted, weighty

_HISTORY = 30
"""Newest changes shown; the journal has all."""


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
        self._name = Elided()
        self._decision_icon = QLabel()
        self._decision = QLabel(wordWrap=True)
        self._bar = QProgressBar(maximum=100, textVisible=False)
        self._bar.setFixedHeight(6)
        self._bar.setAccessibleName("Confidence")
        self._sure = weighty(QLabel(wordWrap=True))
        self._reason = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._painted = PaintedSign()
        self._share: float | None = None
        self._placement, self._made, self._files = Facts(), Facts(), Facts()
        self._predicted = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._prediction = Facts()
        self._quality = QButtonGroup(self)
        self._quality.setExclusive(False)
        self._history = QVBoxLayout()
        self._told: list[int] = []
        """Revisions that the history shows, oldest first."""
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
        layout.addWidget(heading("Quality, 1 poor to 5 excellent"))
        layout.addLayout(self._quality_row())
        layout.addWidget(heading("Comment"))
        layout.addWidget(self.comment)
        for title, *parts in (
            ("Prediction", self._predicted, self._prediction),
            ("Placement", self._placement),
            ("Reconciliation", self._made),
            ("Files", self._files),
        ):
            layout.addWidget(heading(title))
            for part in parts:
                layout.addWidget(part)
        layout.addWidget(heading("History"))
        layout.addLayout(self._history)
        layout.addStretch(1)

    def _quality_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        for number in range(1, 6):
            button = QToolButton()
            button.setText(str(number))
            button.setCheckable(True)
            set_keyed(button, f"Quality {number} of 5 ({{quality_{number}}})")
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
            self._show_history([])
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
        self._show_predicted(pair)
        self._files.show_facts(_file_facts("Original", pair.original) + _file_facts("Designer image", pair.designer))
        columns = (self._prediction, self._placement, self._made, self._files)
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
                # what could not be written still waits to be
                self.comment.document().setModified(text.strip() != self._pair.review.comment)

    def write_comment(self) -> None:
        """Let the user type a comment."""
        self.ensureWidgetVisible(self.comment)
        self.comment.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.comment.moveCursor(self.comment.textCursor().MoveOperation.End)

    def _show_found(self, pair: Pair) -> None:
        found = pair.reconciliation
        self._painted.setVisible(_painted_on(pair) is not None)
        self._painted.say(words.painted_words(self._share))
        by_hand = found is not None and found.placement is not None and found.method == BY_HAND
        self._bar.setVisible(found is not None and not by_hand)
        self._reason.setVisible(found is not None and bool(found.reason) and not by_hand)
        if found is None:
            waiting = "Not reconciled yet" if self._read_only else with_keys("Not reconciled yet ({reconcile})")
            self._sure.setText("No designer image" if pair.designer is None else waiting)
            if pair.designer is None and pair.prediction is not None:  # all that is known of a photo alone
                self._sure.setText(words.promise_words(pair.prediction))
                self._bar.setVisible(True)
                self._bar.setAccessibleName("Expected overlap")
                self._bar.setValue(round(pair.prediction.expected_iou * 100))
            self._placement.show_facts([])
            self._made.show_facts([])
            return
        self._bar.setAccessibleName("Confidence")
        self._bar.setValue(round(found.confidence * 100))
        self._sure.setText(words.confidence_words(found))
        self._reason.setText(found.reason)
        self._placement.show_facts(_placement_facts(found))
        self._made.show_facts(
            [("Method", found.method, "")]
            + ([] if by_hand else [("Took", words.seconds_words(found.seconds), "")])
            + ([("Run", str(found.run_id), "")] if found.run_id is not None else [])
        )

    def _show_predicted(self, pair: Pair) -> None:
        said = pair.prediction
        waiting = "Not predicted yet" if self._read_only else with_keys("Not predicted yet ({predict})")
        self._predicted.setText(waiting if said is None else words.said_words(said))
        self._prediction.setVisible(said is not None)
        self._prediction.show_facts([] if said is None else _prediction_facts(said))

    def show_cut(self, cut: float) -> None:
        """Show where the prediction is cut while that moves."""
        said = self._pair.prediction if self._pair is not None else None
        if said is not None:
            moved = said.cut != cut
            self._prediction.show_facts(_prediction_facts(replace(said, chosen=cut) if moved else said))

    def _show_history(self, history: list[ChangeSet]) -> None:
        history = history[-_HISTORY:]
        told, self._told = self._told, [change.revision for change in history]
        still = sum(revision in told for revision in self._told)
        while self._history.count() > still:
            _drop_last(self._history)
        for change in history[still:]:
            self._history.insertWidget(0, _entry(change))

    def _show_decision_icon(self, decision: Decision) -> None:
        self._decision_icon.setPixmap(decision_icon(decision).pixmap(16, 16))

    def _on_theme_changed(self, _theme: Theme) -> None:
        if self._pair is not None:
            self._show_decision_icon(self._pair.review.decision)


def _entry(change: ChangeSet) -> QWidget:
    """Return a change as the history shows it."""
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for label in (QLabel(words.change_title(change)), muted(QLabel(words.change_details(change)))):
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        column.addWidget(label)
    return box


def _drop_last(column: QVBoxLayout) -> None:
    item = column.takeAt(column.count() - 1)
    widget = item.widget() if item is not None else None
    if widget is not None:
        widget.hide()  # what was added a moment ago would come up as a window of its own
        widget.setParent(None)
        widget.deleteLater()


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


def _prediction_facts(said: Prediction) -> list[tuple[str, str, str]]:
    low, high = (f"{edge:.0%}" for edge in said.interval)
    learned = f"{said.threshold:.0%}"
    threshold, at = (
        (f"{learned}, learned", "") if said.chosen is None else (f"{said.chosen:.0%}, yours", f" at {learned}")
    )
    return [
        ("Overlap", f"{words.percent(said.expected_iou)} expected{at}", "Of the mask cut at the learned threshold"),
        ("Threshold", threshold, f"Learned: {learned}; the mask hardly changes between {low} and {high}"),
        ("Model", said.model, said.model),
        ("Version", said.version[:7] or "–", said.version),
        ("Took", words.seconds_words(said.seconds), ""),
    ]


def _file_facts(name: str, ref: ImageRef | None) -> list[tuple[str, str, str]]:
    if ref is None:
        return [(name, "none", "")]
    return [(name, Path(ref.path).name, ref.path), ("", f"{ref.width} × {ref.height} px", ref.path)]
