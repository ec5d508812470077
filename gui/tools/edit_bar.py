"""The bar above the pictures while a mask is edited: the tools, how the one in the hand is set, views, clean-up."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QWidget,
)

from core.domain import CleanUpKind, Recipe
from gui.assets import ElidingCombo, current_theme
from gui.canvas.edit_layer import EditView
from gui.current_keys import set_keyed
from gui.mask_actions import CLEAN_UPS
from gui.tools.base import Options, ToolName
from gui.tools.field_keys import FieldKeys

BACKDROPS = (
    ("#3fa34d", "Green"),
    ("#1f66c1", "Blue"),
    ("#c8553d", "Terracotta"),
    ("#e9c46a", "Sand"),
    ("#808080", "Grey"),
)
_BRUSHES = (ToolName.BRUSH, ToolName.ERASER, ToolName.EDGE_BRUSH, ToolName.REFINE)
_WIDE = 720
_AREA = (CleanUpKind.FILL_HOLES, CleanUpKind.DROP_SPECKS)


class EditBar(QWidget):
    """Shows and asks; what is done about it is decided elsewhere."""

    options_chosen = Signal(object)
    """``Options``."""
    view_chosen = Signal(object)
    """An ``EditView``."""
    backdrop_chosen = Signal(str)
    clean_up_asked = Signal(object, float)
    """A ``CleanUpKind`` and its amount."""
    left = Signal()
    """The keyboard is done with a field."""

    def __init__(self, actions: dict[str, QAction], parent: QWidget | None = None) -> None:
        """``actions`` are those of the table, by id."""
        super().__init__(parent)
        self._options = Options()
        self._silent = False
        self._amounts: dict[CleanUpKind, float] = {}
        self._chosen: set[CleanUpKind | None] = set()
        """Of which clean-ups (None: of fur) a person has set the amount: it stays, whatever photo comes."""
        self.words = QLabel()
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.words.setProperty("role", "muted")
        self._size = self._number("Size of the brush, pixels of the photo", 1, 2000, " px")
        self._hardness = self._number("Hardness of the brush", 0, 100, " %")
        self._smoothing = self._number("How much strokes are smoothed", 0, 95, " %")
        self._tolerance = self._number("Tolerance of the wand: how different a colour may be", 0, 100, "")
        self._contiguous = QCheckBox("Connected only")
        self._contiguous.setToolTip("Only what hangs together with the point")
        self._snaps = QCheckBox("Snap to edges")
        self._snaps.setToolTip("Lay the line onto the picture's edges before it is filled")
        self._reach = self._number("How far the line may be moved to an edge", 2, 100, " px")
        self._fur_radius = self._number("Half the width of the band in which fur is looked for", 2, 400, " px")
        self._kind, self._amount = QComboBox(), QDoubleSpinBox()
        self._view, self._backdrop = ElidingCombo(), QToolButton()
        self._view_label = QLabel("View")
        self._groups: dict[str, tuple[QWidget, ...]] = {}
        self._lay_out(actions)
        self._connect()
        self.show_options(self._options)
        self.show_tool(ToolName.BRUSH)

    # --- building ---------------------------------------------------------------------------------------------------

    def _number(self, name: str, low: int, high: int, unit: str) -> QSpinBox:
        box = QSpinBox()
        box.setRange(low, high)
        box.setSuffix(unit)
        box.setAccessibleName(name)
        box.setToolTip(name)
        box.setKeyboardTracking(False)
        box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return box

    def _lay_out(self, actions: dict[str, QAction]) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(8, 5, 8, 5)
        grid.setVerticalSpacing(5)
        grid.addLayout(self._tool_row(actions), 0, 0)
        grid.addLayout(self._option_row(), 1, 0)
        for box in (self._kind, self._view, self._contiguous, self._snaps):
            box.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keyboard with the pictures
        self.show_backdrop(BACKDROPS[0][0])

    def _tool_row(self, actions: dict[str, QAction]) -> QHBoxLayout:
        tools = QHBoxLayout()
        tools.setSpacing(2)
        for tool in ToolName:
            tools.addWidget(_button(actions[f"tool_{tool.value.replace(' ', '_')}"]))
        tools.addSpacing(8)
        tools.addWidget(_button(actions["fur"]))
        tools.addWidget(self._fur_radius)
        tools.addSpacing(8)
        for kind, name, _ in CLEAN_UPS:
            self._kind.addItem(name, CleanUpKind(kind))
        self._kind.setAccessibleName("Clean-up of the mask")
        self._amount.setAccessibleName("Amount of the clean-up")
        self._amount.setMaximumWidth(120)
        self._amount.setKeyboardTracking(False)
        self._amount.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._apply = QPushButton("Apply")
        self._apply.setAutoDefault(False)
        self._apply.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._apply.setToolTip("Clean the mask up beneath what you painted")
        for widget in (self._kind, self._amount, self._apply):
            tools.addWidget(widget)
        tools.addStretch(1)
        more = QToolButton()
        more.setText("More")
        more.setAccessibleName("More about this mask")
        more.setProperty("role", "boxed")
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(more)
        for entry in ("start_over", "leave_edit"):
            menu.addAction(actions[entry])
        more.setMenu(menu)
        tools.addWidget(more)
        done = QPushButton("Done")
        done.setProperty("role", "primary")
        done.setAutoDefault(False)
        done.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        set_keyed(done, "Accept the mask as you made it ({commit})")
        done.clicked.connect(actions["commit"].trigger)
        tools.addWidget(done)
        return tools

    def _option_row(self) -> QHBoxLayout:
        options = QHBoxLayout()
        options.setSpacing(6)
        self._add(options, "size", "Size", self._size)
        self._add(options, "hardness", "Hardness", self._hardness)
        self._add(options, "smoothing", "Smoothing", self._smoothing)
        self._add(options, "tolerance", "Tolerance", self._tolerance)
        self._add(options, "contiguous", "", self._contiguous)
        self._add(options, "snaps", "", self._snaps)
        self._add(options, "reach", "by up to", self._reach)
        options.addWidget(self.words, 1)
        for view in EditView:
            self._view.addItem(view.value.capitalize(), view)
        self._view.setMinimumContentsLength(13)
        self._view.setAccessibleName("How the mask is shown")
        set_keyed(self._view, "How the mask is shown; the next way ({next_view}), mask only ({mask_only})")
        self._backdrop.setAccessibleName("Colour of the backdrop")
        self._backdrop.setToolTip("Colour of the backdrop")
        self._backdrop.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._backdrop.setStyleSheet("QToolButton { padding: 4px; } QToolButton::menu-indicator { image: none; }")
        colours = QMenu(self._backdrop)
        for colour, name in BACKDROPS:
            colours.addAction(_swatch(colour), name).setData(colour)
        colours.triggered.connect(self._on_backdrop)
        self._backdrop.setMenu(colours)
        self._view_label.setBuddy(self._view)
        options.addWidget(self._view_label)
        options.addWidget(self._view)
        options.addWidget(self._backdrop)
        return options

    def _add(self, row: QHBoxLayout, name: str, words: str, widget: QWidget) -> None:
        label = QLabel(words)
        label.setBuddy(widget)
        if words:
            row.addWidget(label)
        row.addWidget(widget)
        self._groups[name] = (label, widget) if words else (widget,)

    def _connect(self) -> None:
        for box in (self._size, self._hardness, self._smoothing, self._tolerance, self._reach):
            box.valueChanged.connect(self._on_option)
        for tick in (self._contiguous, self._snaps):
            tick.toggled.connect(self._on_option)
        self._kind.currentIndexChanged.connect(self._on_kind)
        self._amount.valueChanged.connect(self._on_amount)
        self._fur_radius.valueChanged.connect(lambda: self._chosen.add(None))
        self._apply.clicked.connect(self._on_apply)
        self._view.activated.connect(self._on_view)
        brush = (self._size, self._hardness, self._smoothing)
        fields = (*brush, self._tolerance, self._reach, self._fur_radius, self._amount)
        FieldKeys(fields, self).left.connect(self.left)

    # --- showing ----------------------------------------------------------------------------------------------------

    def show_tool(self, name: ToolName) -> None:
        """Show what can be set of a tool."""
        self._shown = {
            "size": name in _BRUSHES,
            "hardness": name in (ToolName.BRUSH, ToolName.ERASER),
            "smoothing": name in (ToolName.BRUSH, ToolName.ERASER),
            "tolerance": name is ToolName.WAND,
            "contiguous": name is ToolName.WAND,
            "snaps": name in (ToolName.LASSO, ToolName.POLYGON),
            "reach": name in (ToolName.LASSO, ToolName.POLYGON),
        }
        for group, on in self._shown.items():
            for widget in self._groups[group]:
                widget.setVisible(on)

    def show_options(self, options: Options) -> None:
        """Show how the tools are set, without saying so."""
        self._options, self._silent = options, True
        brush = options.brush
        self._size.setValue(round(brush.size))
        self._hardness.setValue(round(brush.hardness * 100))
        self._smoothing.setValue(round(brush.smoothing * 100))
        self._tolerance.setValue(round(options.tolerance))
        self._reach.setValue(round(options.reach))
        self._contiguous.setChecked(options.contiguous)
        self._snaps.setChecked(options.snaps)
        self._silent = False

    def show_size(self, long_side: int) -> None:
        """Offer amounts that suit a photo's size, where a person has set none."""
        area, radius = max((long_side / 100) ** 2, 16.0), max(long_side / 1500, 1.0)
        for kind in set(CleanUpKind) - self._chosen:
            self._amounts[kind] = float(round(area)) if kind in _AREA else round(radius, 1)
        if None not in self._chosen:
            with QSignalBlocker(self._fur_radius):
                self._fur_radius.setValue(round(max(long_side / 100, 4)))
        self._on_kind()

    def show_view(self, view: EditView) -> None:
        """Show which view is in force."""
        self._view.setCurrentIndex(list(EditView).index(view))
        self._backdrop.setVisible(view is EditView.BACKDROP)

    def show_backdrop(self, colour: str) -> None:
        """Show the backdrop's colour."""
        self._backdrop.setIcon(_swatch(colour))
        self._backdrop.setIconSize(QSize(16, 16))

    def show_recipe(self, recipe: Recipe) -> None:
        """Say what the mask is made of."""
        steps = [f"{step.kind.value.replace('_', ' ')} {step.amount:g}" for step in recipe.steps]
        base = "nothing" if recipe.base is None else f"the {recipe.base.value}'s mask"
        count = len(recipe.strokes)
        parts = [base, *steps, *([f"{count} {'stroke' if count == 1 else 'strokes'}"] if count else [])]
        self.setAccessibleDescription("Made of " + " · ".join(parts))

    def show_proposal(self, words: str) -> None:
        """Say what is to be taken or left; empty: nothing is."""
        self.words.setText(words)
        self.words.setToolTip(words)
        for group, widgets in self._groups.items():
            for widget in widgets:
                widget.setVisible(not words and self._shown[group])

    def amount_of(self, kind: CleanUpKind) -> float:
        """Return how much of a clean-up the bar stands at."""
        return self._amounts.get(kind, 1.0)

    @property
    def fur_radius(self) -> float:
        """Half the width of the band of fur."""
        return float(self._fur_radius.value())

    # --- asking -----------------------------------------------------------------------------------------------------

    def _on_option(self, _value: object = None) -> None:
        if self._silent:
            return
        old = self._options
        brush = replace(
            old.brush,
            size=old.brush.size if round(old.brush.size) == self._size.value() else float(self._size.value()),
            hardness=self._hardness.value() / 100,
            smoothing=self._smoothing.value() / 100,
        )
        self._options = replace(
            old,
            brush=brush,
            tolerance=float(self._tolerance.value()),
            contiguous=self._contiguous.isChecked(),
            snaps=self._snaps.isChecked(),
            reach=float(self._reach.value()),
        )
        self.options_chosen.emit(self._options)

    def _on_kind(self, _index: int = 0) -> None:
        kind = CleanUpKind(self._kind.currentData())
        area = kind in _AREA
        with QSignalBlocker(self._amount):
            self._amount.setDecimals(0 if area else 1)
            self._amount.setRange(1 if area else 0.1, 10_000_000 if area else 500)
            self._amount.setSuffix(" px²" if area else " px")
            self._amount.setValue(self.amount_of(kind))

    def _on_amount(self, amount: float) -> None:
        kind = CleanUpKind(self._kind.currentData())
        self._amounts[kind] = amount
        self._chosen.add(kind)

    def _on_apply(self) -> None:
        kind = CleanUpKind(self._kind.currentData())
        self.clean_up_asked.emit(kind, self.amount_of(kind))

    def _on_view(self, index: int) -> None:
        self.view_chosen.emit(EditView(self._view.itemData(index)))

    def _on_backdrop(self, action: QAction) -> None:
        self.show_backdrop(str(action.data()))
        self.backdrop_chosen.emit(str(action.data()))

    def minimumSizeHint(self) -> QSize:
        """Return what the tools alone need."""
        return QSize(360, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave fur's width and clean-up to the menu in a narrow window."""
        super().resizeEvent(event)
        for widget in (self._fur_radius, self._kind, self._amount, self._apply):
            widget.setVisible(self.width() >= _WIDE)
        self._view_label.setVisible(self.width() >= _WIDE)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground, with a line between it and the pictures."""
        theme, painter = current_theme(), QPainter(self)
        painter.fillRect(event.rect(), QColor(theme.window))
        painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(theme.line))
        painter.end()


def _button(action: QAction) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(action)
    button.setIconSize(QSize(20, 20))
    button.setAccessibleName(action.text().replace("&", ""))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def _swatch(colour: str) -> QPixmap:
    made = QPixmap(16, 16)
    made.fill(QColor(colour))
    return made
