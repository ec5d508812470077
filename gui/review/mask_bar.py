"""The bar beneath the pictures: whose mask is shown, where the prediction is cut, and what that cut is worth."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from core.domain import MaskSource, Pair, Prediction, Recipe
from core.jobs.answers import MapLayer
from gui.assets import current_theme, set_icon
from gui.canvas.colour_maps import cut_value
from gui.canvas.threshold_slider import STEPS, ThresholdScale, ThresholdSlider
from gui.current_keys import set_keyed, with_keys
from gui.review import words
from gui.review.mask_choice import masks_of

_SOURCES = (
    (MaskSource.RECONCILIATION, "Reconciliation", "Show the mask of the reconciliation, and decide on it ({source})"),
    (MaskSource.PREDICTION, "Prediction", "Show the mask of the prediction, and decide on it ({source})"),
    (MaskSource.RECIPE, "Edited", "Show the mask as it was edited by hand, and decide on it ({source})"),
)
_NARROW = 680
_ONE_ROW, _TWO_ROWS = 64, 96
"""Heights; the same whether there is a prediction or not, so that the pictures do not jump from pair to pair."""


class MaskBar(QWidget):
    """Shows; what is done about it is decided elsewhere."""

    source_chosen = Signal(object)
    """A ``MaskSource``."""
    moved = Signal(int)
    """The hand is at a place of the slider, 0 to 100."""
    let_go = Signal()
    stepped = Signal(int)
    """By per cents, with the keyboard on the slider."""
    reset_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pair: Pair | None = None
        self._map: MapLayer | None = None
        self._shown: MaskSource | None = None
        self._read_only = False
        self._editing = False
        self.slider = ThresholdSlider()
        self._sources = QButtonGroup(self)
        self._buttons: dict[MaskSource, QToolButton] = {}
        for number, (source, name, tip) in enumerate(_SOURCES):
            button = QToolButton()
            button.setText(name)
            button.setCheckable(True)
            set_keyed(button, tip)
            button.setAccessibleName("Edited mask" if source is MaskSource.RECIPE else f"Mask of the {name.lower()}")
            button.setProperty("role", "boxed")
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self._sources.addButton(button, number)
            self._buttons[source] = button
        self._head = QLabel("Accept takes this mask")
        self._head.setProperty("role", "muted")
        self._cut, self._worth, self._why = QLabel(), QLabel(), QLabel(wordWrap=True)
        self._why.setProperty("role", "muted")
        font = self._worth.font()
        font.setWeight(font.Weight.DemiBold)
        self._worth.setFont(font)
        self._worth.setToolTip("Expected overlap (intersection over union) of this cut with the portrait")
        self._reset = QToolButton()
        set_keyed(self._reset, "Back to the learned threshold ({learned})")
        self._reset.setAccessibleName("Back to the learned threshold")
        self._reset.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        set_icon(self._reset, "undo")
        self._figures = QWidget()
        self._lay_out()
        self._sources.idClicked.connect(self._on_source_clicked)
        self.slider.actionTriggered.connect(self._on_slider_action)
        self.slider.sliderMoved.connect(self.moved)
        self.slider.sliderReleased.connect(self.let_go)
        self._reset.clicked.connect(self.reset_requested)
        self.show_pair(None, None)

    def _lay_out(self) -> None:
        choice = QHBoxLayout()
        choice.setSpacing(0)
        for button in self._buttons.values():
            choice.addWidget(button)
        left = QVBoxLayout()
        left.setSpacing(2)
        left.addWidget(self._head)
        left.addLayout(choice)
        figures = QGridLayout(self._figures)
        figures.setContentsMargins(0, 0, 0, 0)
        figures.setHorizontalSpacing(4)
        figures.setVerticalSpacing(2)
        figures.addWidget(self._cut, 0, 0)
        figures.addWidget(self._worth, 1, 0)
        figures.addWidget(self._reset, 0, 1, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        # as wide as its widest words, else the slider would shrink under the hand that moves it
        figures.setColumnMinimumWidth(0, self.fontMetrics().horizontalAdvance("Cut at 99% (learned 99%)") + 4)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(12, 6, 8, 6)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self._grid.addLayout(left, 0, 0)
        self._grid.addWidget(self._why, 0, 1, 1, 2)
        self._grid.addWidget(self._figures, 0, 2)
        self._place_slider(narrow=False)

    def _place_slider(self, narrow: bool) -> None:
        """Let the slider stand between the others, or, where that would leave it no room, below them."""
        self._narrow = narrow
        self._grid.removeWidget(self.slider)
        if narrow:
            self._grid.addWidget(self.slider, 1, 0, 1, 3)
        else:
            self._grid.addWidget(self.slider, 0, 1, Qt.AlignmentFlag.AlignVCenter)
        self._head.setHidden(narrow)
        self.setFixedHeight(_TWO_ROWS if narrow else _ONE_ROW)

    def minimumSizeHint(self) -> QSize:
        """Return what the two rows need: the pictures' column may be as narrow as that."""
        return QSize(360, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the slider a row of its own in a narrow window."""
        super().resizeEvent(event)
        narrow = self.width() < _NARROW
        if narrow != self._narrow:
            self._place_slider(narrow)

    def set_read_only(self) -> None:
        """Let nothing be changed; looking at either mask changes nothing."""
        self._read_only = True

    def set_editing(self, on: bool) -> None:
        """Offer no other mask while one is edited."""
        self._editing = on
        self.show_pair(self._pair, self._shown)

    def show_pair(self, pair: Pair | None, shown: MaskSource | None) -> None:
        """Show a pair (None: nothing) and whose mask of it is shown."""
        masks = masks_of(pair)
        before = self._pair.prediction if self._pair is not None else None
        said = pair.prediction if pair is not None else None
        if said is None or before is None or said.map != before.map:
            self._map = None
        if pair is None or self._pair is None or pair.id != self._pair.id:
            self.slider.show_value(self.slider.value())  # a hand that still holds it was moving another pair's
        self._pair, self._shown = pair, shown
        for source, button in self._buttons.items():
            button.setEnabled(source in masks and not self._editing)
            button.setVisible(source is not MaskSource.RECIPE or source in masks)
            button.setChecked(source is shown)
        if shown is None:  # an exclusive group keeps its last button down otherwise
            self._sources.setExclusive(False)
            for button in self._buttons.values():
                button.setChecked(False)
            self._sources.setExclusive(True)
        self._refresh(said.cut if said is not None else 0.0)

    def show_map(self, layer: MapLayer | None) -> None:
        """Take the prediction's map: its histogram, and what each cut is worth."""
        if layer is not self._map:
            self._map = layer
            self._refresh(self._said.cut if self._said is not None else 0.0)

    def show_cut(self, cut: float) -> None:
        """Follow the threshold."""
        self._show_figures(cut)
        if self.slider.sliderPosition() != round(cut * STEPS):  # its value follows its position only later
            self.slider.show_value(round(cut * STEPS))

    @property
    def words(self) -> str:
        """All that the bar says, in one line."""
        said = [label.text() for label in (self._cut, self._worth, self._why) if label.isVisibleTo(self)]
        return " · ".join(filter(None, said))

    @property
    def _said(self) -> Prediction | None:
        return self._pair.prediction if self._pair is not None else None

    def _refresh(self, cut: float) -> None:
        said, layer = self._said, self._map
        cutting = said is not None and _cuts(self._pair, self._shown)
        for widget in (self.slider, self._figures):
            widget.setVisible(cutting)
        self._why.setVisible(not cutting)
        self._why.setText(self._why_not())
        self.slider.setEnabled(cutting and not self._read_only)
        if said is None or layer is None:
            self.slider.show_scale(None)
        else:
            self.slider.show_scale(ThresholdScale(layer.histogram, said.threshold, said.interval))
        self.show_cut(cut)

    def _why_not(self) -> str:
        pair = self._pair
        if pair is None:
            return ""
        if self._editing:
            return "" if pair.recipe is None else recipe_words(pair.recipe)
        if self._shown is MaskSource.RECIPE and pair.recipe is not None:
            return recipe_words(pair.recipe) + ("" if self._read_only else with_keys(" {edit} edits it on."))
        if pair.prediction is None:
            return "This photo has not been predicted yet." + (
                "" if self._read_only else with_keys(" {predict} predicts it.")
            )
        return with_keys("The prediction is not shown. {source} switches to it, and to its threshold.")

    def _show_figures(self, cut: float) -> None:
        said = self._said
        if said is None:
            return
        learned = abs(cut - said.threshold) < 0.005 and said.chosen is None
        self._cut.setText(f"Cut at {cut:.0%}" + (", learned" if learned else f" (learned {said.threshold:.0%})"))
        self._worth.setText(f"Expected overlap {words.percent(worth(said, self._map, cut))}")
        self._reset.setEnabled(not learned and not self._read_only)
        self.slider.setAccessibleDescription(f"{self._cut.text()}. {self._worth.text()}.")

    def _on_source_clicked(self, number: int) -> None:
        self.source_chosen.emit(_SOURCES[number][0])

    def _on_slider_action(self, _action: int) -> None:
        """Keys on the slider; the slider has not taken its new position yet."""
        if not self.slider.isSliderDown():
            self.stepped.emit(self.slider.sliderPosition() - self.slider.value())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground, with a line between it and the pictures."""
        theme, painter = current_theme(), QPainter(self)
        painter.fillRect(event.rect(), QColor(theme.window))
        painter.fillRect(0, 0, self.width(), 1, QColor(theme.line))
        painter.end()


def _cuts(pair: Pair | None, shown: MaskSource | None) -> bool:
    """Return whether the threshold has a part in the mask that is shown."""
    if shown is MaskSource.RECIPE and pair is not None and pair.recipe is not None:
        return pair.recipe.base is MaskSource.PREDICTION
    return shown is MaskSource.PREDICTION


def recipe_words(recipe: Recipe) -> str:
    """Return what an edited mask is made of, in a sentence."""
    base = "nothing" if recipe.base is None else f"the {recipe.base.value}'s mask"
    steps = len(recipe.steps)
    strokes = len(recipe.strokes)
    parts = [base]
    if steps:
        parts.append(f"{steps} clean-up {'step' if steps == 1 else 'steps'}")
    if strokes:
        parts.append(f"{strokes} {'stroke' if strokes == 1 else 'strokes'}")
    return f"Made of {' and '.join([', '.join(parts[:-1]), parts[-1]]) if len(parts) > 1 else base}."


def worth(said: Prediction, layer: MapLayer | None, cut: float) -> float:
    """Return the expected overlap of a prediction cut at ``cut``.

    The model has calibrated its own figure, at the learned threshold: the map's figures carry it to other ones.
    """
    if layer is None:
        return said.expected_iou
    here, there = (float(layer.expected_iou[cut_value(at)]) for at in (said.threshold, cut))
    return min(said.expected_iou * there / here, 1.0) if here > 0 else said.expected_iou
