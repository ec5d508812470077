"""Paints one row of the queue: thumbnail, name, decision by icon and word, confidence by number and bar."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from core.domain import Decision, PairSummary
from gui.assets import DECISION_ICONS, current_theme, decision_icon, elided_name, icon
from gui.review import words
from gui.review.queue_model import SUMMARY_ROLE
from gui.review.thumbnails import Thumbnails

ROW_HEIGHT = 64
_THUMBNAIL = 52
_GAP = 8
_NUMBER_WIDTH = 44
_BAR_HEIGHT = 4
_ICON = 16
_SIGN = 14

Index = QModelIndex | QPersistentModelIndex


class QueueDelegate(QStyledItemDelegate):
    """Rows of one height, so that Qt need not ask for each of forty thousand."""

    def __init__(self, thumbnails: Thumbnails, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height that all rows have."""
        return QSize(200, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint a row; the first time it is seen, this is what asks for its data and thumbnail."""
        summary = index.data(SUMMARY_ROLE)
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        font: QFont = option.font
        theme = current_theme()
        selected = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setClipRect(rect)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if selected:
            painter.fillRect(rect, QColor(theme.accent))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(theme.raised))
        if isinstance(summary, PairSummary):
            _Row(painter, rect, font, selected).paint(summary, self._thumbnails)
        painter.setPen(QColor(theme.line))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        painter.restore()


class _Row:
    """One row while it is painted."""

    def __init__(self, painter: QPainter, rect: QRect, font: QFont, selected: bool) -> None:
        theme = current_theme()
        self._painter = painter
        self._rect = rect
        self._font = font
        self._selected = selected
        self._text = QColor(theme.on_accent if selected else theme.text)
        self._muted = QColor(theme.on_accent if selected else theme.muted)

    def paint(self, summary: PairSummary, thumbnails: Thumbnails) -> None:
        rect = self._rect
        box = QRect(rect.left() + _GAP, rect.top() + (rect.height() - _THUMBNAIL) // 2, _THUMBNAIL, _THUMBNAIL)
        self._thumbnail(box, thumbnails.get(summary.original), thumbnails.is_missing(summary.original))
        left = box.right() + 1 + _GAP
        right = rect.right() - _GAP
        sure = words.sureness(summary)
        if sure is not None:
            self._confidence(QRect(right - _NUMBER_WIDTH + 1, rect.top() + 11, _NUMBER_WIDTH, 18), sure)
            name_right = right - _NUMBER_WIDTH - _GAP
        else:
            name_right = right
        name_font = QFont(self._font)
        name_font.setWeight(QFont.Weight.DemiBold)
        name_box = QRect(left, rect.top() + 10, name_right - left, 20)
        name = elided_name(summary.name, QFontMetrics(name_font), name_box.width())
        self._line(name_box, name, name_font, self._text)
        self._decision(QRect(left, rect.top() + 37, right - left, 20), summary)

    def _thumbnail(self, box: QRect, pixmap: QPixmap | None, missing: bool) -> None:
        theme = current_theme()
        if pixmap is None:
            self._painter.fillRect(box, QColor(theme.surround))
            name = "warning" if missing else "photo"
            icon(name, theme.on_surround).paint(self._painter, box.adjusted(14, 14, -14, -14))
            return
        # Filled and cut to a square: rows of equal weight are found faster than whole pictures.
        side = min(pixmap.width(), pixmap.height())
        part = QRect((pixmap.width() - side) // 2, (pixmap.height() - side) // 2, side, side)
        self._painter.fillRect(box, QColor(theme.checker[0]))
        self._painter.drawPixmap(box, pixmap, part)

    def _confidence(self, box: QRect, sure: float) -> None:
        theme = current_theme()
        number = words.percent(sure)
        self._line(box, number, self._font, self._text, Qt.AlignmentFlag.AlignRight)
        bar = QRect(box.left(), box.bottom() + 4, box.width(), _BAR_HEIGHT)
        track = QColor(self._muted)
        track.setAlphaF(0.35)
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(track)
        self._painter.drawRoundedRect(bar, 2, 2)
        self._painter.setBrush(QColor(theme.on_accent) if self._selected else self._muted)
        bar.setWidth(max(_BAR_HEIGHT, round(box.width() * sure)))
        self._painter.drawRoundedRect(bar, 2, 2)

    def _decision(self, box: QRect, summary: PairSummary) -> None:
        theme = current_theme()
        place = QRect(box.left(), box.top() + (box.height() - _ICON) // 2, _ICON, _ICON)
        if self._selected:
            icon(DECISION_ICONS[summary.decision], theme.on_accent).paint(self._painter, place)
        else:
            decision_icon(summary.decision).paint(self._painter, place)
        parts = [words.decision_words(summary.decision, summary.reason)]
        if summary.decision is Decision.UNDECIDED:  # the icon says that much, and there may be little room
            parts.insert(0, words.finding_words(summary))
        elif summary.decision is not Decision.REJECTED:  # the reason has said why, and there is room for one of them
            parts.append(words.finding_words(summary))
        box.setLeft(place.right() + 1 + 6)
        if summary.has_comment:
            note = QRect(box.right() - _ICON + 1, place.top(), _ICON, _ICON)
            icon("comment", self._muted.name()).paint(self._painter, note)
            box.setRight(note.left() - 6)
        if summary.expected_iou is not None:
            box.setRight(self._prediction(box, summary) - 6)
        self._line(box, " · ".join(filter(None, parts)), self._font, self._muted)

    def _prediction(self, box: QRect, summary: PairSummary) -> int:
        """Paint the model's sign with the overlap it expects, at the right; return where they begin."""
        shown = words.prediction_figure(summary)
        width = QFontMetrics(self._font).horizontalAdvance(shown)
        number = QRect(box.right() - width, box.top(), width + 1, box.height())
        sign = QRect(number.left() - _SIGN - 3, box.top() + (box.height() - _SIGN) // 2, _SIGN, _SIGN)
        icon("predict", self._muted.name()).paint(self._painter, sign)
        self._line(number, shown, self._font, self._text)
        return sign.left()

    def _line(
        self,
        box: QRect,
        text: str,
        font: QFont,
        colour: QColor,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    ) -> None:
        self._painter.setFont(font)
        self._painter.setPen(colour)
        shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        self._painter.drawText(box, align | Qt.AlignmentFlag.AlignVCenter, shown)
