"""Lets every action have other keys: search it, press the key, see at once whose it is; presets of other programs."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QKeyCombination, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gui.action_spec import ActionSpec
from gui.action_table import BY_ID
from gui.current_keys import current_keys, on_keys_changed, with_keys
from gui.key_presets import PRESETS
from gui.keymap import MODIFIERS, Keymap, Keys, normal, shown

_HEADS = ("Action", "When", "Keys", "In the preset")
_ID = Qt.ItemDataRole.UserRole


class KeyEditor(QDialog):
    """Each change is given out at once, as a whole map; putting it into force is somebody else's."""

    chosen = Signal(object)
    """A ``Keymap``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Change keys")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.preset = QComboBox()
        self.search = QLineEdit(placeholderText="Search by name or key", clearButtonEnabled=True)
        self.table = QTableWidget(0, len(_HEADS))
        self.recorder = Recorder()
        self.words = QLabel(wordWrap=True)
        self.press = QPushButton("Press a key…")
        self.add = QPushButton("Add a key…")
        self.remove = QPushButton("No key")
        self.reset = QPushButton("Reset")
        self.reset_all = QPushButton("Reset all")
        self.take, self.leave = QPushButton("Take it from there"), QPushButton("Cancel")
        self._adding = False
        self._wished: Keys = ()
        self._build()
        self._connect()
        self._fill()
        self._say("")
        self.resize(760, 620)

    # --- building ---------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        for name in PRESETS:
            self.preset.addItem(name)
        self.preset.setAccessibleName("Keys as in")
        self.search.setAccessibleName("Search actions")
        self.search.setMinimumWidth(220)
        self.table.setHorizontalHeaderLabels(list(_HEADS))
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setTabKeyNavigation(False)
        self.table.setShowGrid(False)
        self.table.setAccessibleName("Actions and their keys")
        self.words.setMinimumHeight(2 * self.words.fontMetrics().lineSpacing())
        self.press.setToolTip("Give the marked action one key in place of those it has")
        self.add.setToolTip("Give the marked action one key more")
        self.remove.setToolTip("Leave the marked action to menu and command palette")
        self.reset.setToolTip("Give the marked action the preset's keys again")
        self.reset_all.setToolTip("Give every action the preset's keys again")
        close = QPushButton("Close")
        close.clicked.connect(self.close)
        for button in (self.press, self.add, self.remove, self.reset, self.reset_all, self.take, self.leave, close):
            button.setAutoDefault(False)
        label = QLabel("&Keys as in")
        label.setBuddy(self.preset)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(10)
        layout.addLayout(_row(label, self.preset, None, self.search))
        layout.addWidget(self.table, 1)
        layout.addLayout(_row(self.press, self.add, self.remove, self.reset, None, self.reset_all))
        layout.addWidget(self.recorder)
        layout.addWidget(self.words)
        layout.addLayout(_row(self.take, self.leave, None, close))

    def _connect(self) -> None:
        self.preset.textActivated.connect(self._on_preset_chosen)
        self.search.textChanged.connect(self._on_search_changed)
        self.table.itemDoubleClicked.connect(self._on_press_asked)
        self.table.itemSelectionChanged.connect(self._on_selection_changed)
        self.press.clicked.connect(self._on_press_asked)
        self.add.clicked.connect(self._on_add_asked)
        self.remove.clicked.connect(self._on_remove_asked)
        self.reset.clicked.connect(self._on_reset_asked)
        self.reset_all.clicked.connect(self._on_reset_all_asked)
        self.take.clicked.connect(self._on_take_asked)
        self.leave.clicked.connect(self._on_left)
        self.recorder.heard.connect(self._on_heard)
        self.recorder.left.connect(self._on_recorder_left)
        on_keys_changed(self._fill)

    def _fill(self) -> None:
        """Show the keys in force; the marked action stays marked."""
        marked, keys = self._marked, current_keys()
        self.preset.setCurrentText(keys.preset)
        if self.table.rowCount() != len(BY_ID):
            self.table.setRowCount(len(BY_ID))
        for row, spec in enumerate(BY_ID.values()):
            changed = spec.id in keys.own
            for column, text in enumerate(
                (
                    spec.name,
                    spec.scope.value,
                    _listed(keys.keys(spec.id)),
                    (_listed(keys.given(spec.id)) or "none") if changed else "",
                )
            ):
                item = QTableWidgetItem(text)
                item.setData(_ID, spec.id)
                item.setToolTip(with_keys(spec.tip))
                font = item.font()
                font.setBold(changed and column == 2)
                item.setFont(font)
                self.table.setItem(row, column, item)
        self._on_search_changed()
        self.mark(marked.id if marked else next(iter(BY_ID)))
        self._on_selection_changed()

    # --- the marked action --------------------------------------------------------------------------------------------

    def mark(self, action_id: str) -> None:
        """Mark an action's row."""
        row = list(BY_ID).index(action_id)
        self.table.setCurrentCell(row, 0)

    @property
    def _marked(self) -> ActionSpec | None:
        item = self.table.item(self.table.currentRow(), 0)
        return BY_ID[item.data(_ID)] if item is not None and not self.table.isRowHidden(item.row()) else None

    def _on_selection_changed(self) -> None:
        spec, keys = self._marked, current_keys()
        for button in (self.press, self.add):
            button.setEnabled(spec is not None)
        self.remove.setEnabled(spec is not None and bool(keys.keys(spec.id)))
        self.reset.setEnabled(spec is not None and spec.id in keys.own)
        self.reset_all.setEnabled(bool(keys.own))
        self._say("")

    def _on_search_changed(self, _text: str = "") -> None:
        sought = self.search.text().casefold().strip()
        for row, spec in enumerate(BY_ID.values()):
            keys = [shown(key).casefold() for key in current_keys().keys(spec.id)]
            self.table.setRowHidden(row, not (sought in spec.name.casefold() or sought in keys))
        if self._marked is None:
            first = next((row for row in range(len(BY_ID)) if not self.table.isRowHidden(row)), -1)
            self.table.setCurrentCell(first, 0)
            self._on_selection_changed()

    # --- changing -----------------------------------------------------------------------------------------------------

    def _on_preset_chosen(self, name: str) -> None:
        keys, lost = current_keys().over(name)
        self.chosen.emit(keys)
        said = [f"The keys are those of {name}" + (", your own over them." if keys.own else ".")]
        if lost:
            gone = [f"“{BY_ID[loser].name}” ({shown(key)} is “{BY_ID[other].name}”)" for key, loser, other in lost]
            said.append(f"Your own could not stay for {', '.join(gone)}.")
        self._say(" ".join(said))

    def _on_reset_all_asked(self) -> None:
        name = current_keys().preset
        self.chosen.emit(Keymap(name))
        self._say(f"The keys are those of {name}.")

    def _on_reset_asked(self) -> None:
        if self._marked is not None:
            self._wish(current_keys().given(self._marked.id))

    def _on_remove_asked(self) -> None:
        self._wish(())

    def _on_press_asked(self) -> None:
        self._record(adding=False)

    def _on_add_asked(self) -> None:
        self._record(adding=True)

    def _record(self, adding: bool) -> None:
        spec = self._marked
        if spec is None:
            return
        self._adding = adding
        self._say("")
        self.recorder.begin(spec)

    def _on_recorder_left(self) -> None:
        self.table.setFocus()

    def _on_heard(self, keys: Keys) -> None:
        self.table.setFocus()
        if self._marked is not None:
            before = current_keys().keys(self._marked.id) if self._adding else ()
            self._wish(tuple(dict.fromkeys((*before, *keys))))

    def _wish(self, keys: Keys) -> None:
        """Give the marked action keys, unless another action has one of them: then ask."""
        spec = self._marked
        assert spec is not None
        held = [(key, other) for key in keys for other in current_keys().holders(spec.id, key)]
        if not held:
            self._give(keys)
            return
        key, other = held[0]
        self._wished = keys
        self._say(f"{shown(key)} belongs to “{other.name}” ({other.scope.value.lower()}).", asking=True)
        self.take.setFocus()

    def _give(self, keys: Keys, take: bool = False) -> None:
        spec = self._marked
        assert spec is not None
        self.chosen.emit(current_keys().with_keys(spec.id, keys, take))
        hidden = [f"“{other.name}”" for key in keys for other in current_keys().hidden(spec.id, key)]
        scope = spec.scope.value.lower()
        self._say(f"{scope.capitalize()}, the key is taken from {', '.join(hidden)}." if hidden else "")

    def _on_take_asked(self) -> None:
        self.table.setFocus()
        self._give(self._wished, take=True)

    def _on_left(self) -> None:
        self.table.setFocus()
        self._say("")

    def _say(self, words: str, asking: bool = False) -> None:
        self.words.setText(words)
        self.words.setProperty("role", "warning" if asking else "muted")
        self.words.style().polish(self.words)
        self.take.setVisible(asking)
        self.leave.setVisible(asking)


class Recorder(QLabel):
    """Hears one key, whatever it is; Esc leaves, for that nobody is caught in here."""

    heard = Signal(object)
    """The portable names of the key: both of Enter's are one to the hand."""
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spec: ActionSpec | None = None
        self.setAccessibleName("Press the key")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setFrameShape(QLabel.Shape.StyledPanel)
        self.setMargin(8)
        self.hide()

    def begin(self, spec: ActionSpec) -> None:
        """Listen for the key of an action."""
        self._spec = spec
        held = " (it will work while the key is held)" if spec.held else ""
        self.setText(f"Press the key for “{spec.name}”{held}. Esc leaves it.")
        self.setAccessibleDescription(self.text())
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.show()
        self.setFocus()

    def event(self, event: QEvent) -> bool:
        """Take every key, Tab and what would be a shortcut too."""
        if isinstance(event, QKeyEvent) and self._spec is not None:
            if event.type() is QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() is QEvent.Type.KeyPress:
                self._hear(event, self._spec)
                return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Stop listening."""
        super().focusOutEvent(event)
        self._end()

    def _hear(self, event: QKeyEvent, spec: ActionSpec) -> None:
        bare = spec.held and not spec.menu
        name = _name_of(event, bare)
        if event.key() == Qt.Key.Key_Escape:
            self._end()
            self.left.emit()
        elif name:
            self._end()
            enter = {"Return": "Enter", "Enter": "Return"}
            base = name.rpartition("+")[2]
            twin = (name.removesuffix(base) + enter[base],) if base in enter else ()
            self.heard.emit((name, *twin))
        elif event.key() not in MODIFIERS.values():
            self.setText("This key cannot be used here. Press another one; Esc leaves it.")

    def _end(self) -> None:
        self._spec = None
        self.hide()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)


def _name_of(event: QKeyEvent, bare: bool) -> str:
    """Return the portable name of the key that is pressed; empty for one that cannot be used."""
    key = Qt.Key(event.key()) if event.key() else Qt.Key.Key_unknown
    for name, code in MODIFIERS.items():
        if key is code:
            return normal(name, bare)
    modifiers = event.modifiers() & ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.GroupSwitchModifier)
    if bare:
        modifiers = Qt.KeyboardModifier.NoModifier
    elif event.text().isprintable() and event.text().strip() and not event.text().isalpha():
        modifiers &= ~Qt.KeyboardModifier.ShiftModifier  # it is in the character already: "<", "{"
    return normal(QKeySequence(QKeyCombination(modifiers, key)).toString(), bare)


def _listed(keys: Keys) -> str:
    return " or ".join(dict.fromkeys(shown(key) for key in keys))


def _row(*widgets: QWidget | None) -> QHBoxLayout:
    """Lay widgets out in a row; None is room between them."""
    row = QHBoxLayout()
    for widget in widgets:
        row.addStretch(1) if widget is None else row.addWidget(widget)
    return row
