"""The desk with a project on it: queue, pair view and inspector, tied together by the presenter."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from core.domain import Decision, Pair, RejectReason
from core.jobs.services import Services
from gui.assets import first_by_tab
from gui.canvas.painted import painted_colour
from gui.canvas.pair_view import PairView, PaneLayout
from gui.canvas.scene import OverlayStyle, PairScene
from gui.current_keys import on_keys_changed, with_keys
from gui.jobs.runner import Runner
from gui.review.comparison import Comparison
from gui.review.hold_key import HoldKey
from gui.review.inspector import Inspector
from gui.review.prediction_room import PredictionRoom
from gui.review.presenter import Presenter
from gui.review.queue_model import QueueModel
from gui.review.queue_panel import QueuePanel
from gui.review.reasons import ReasonPopup
from gui.review.scene_loader import NO_PAIRS, NONE_MATCHES, SceneLoader
from gui.review.thumbnails import Thumbnails
from gui.session import Session

_HISTORY = 60
_WIDTHS = (300, 860, 300)
_NARROWEST = 220
_DWELL_MS = 500
"""Nothing is predicted ahead for a pair that is only flipped past."""
_SIDES = 0.5
"""Share of the width that the two panels may take before the window takes some of theirs for the pictures."""


class Workspace(QWidget):
    """Lives as long as its session."""

    pair_shown = Signal(object)
    """A ``Pair``, or None."""
    problem_met = Signal(str, str)
    told = Signal(str)
    dwelt = Signal(object)
    """The reviewer stays on a pair: a list of the ``Pair`` on the screen and those that most likely follow."""

    def __init__(
        self, session: Session, runner: Runner, services: Services, style: OverlayStyle, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.session = session
        self.queue = QueueModel(session.store, self)
        thumbnails = Thumbnails(runner, services, self)
        self.panel = QueuePanel(self.queue, thumbnails, self)
        self.view = PairView(self)
        self.inspector = Inspector(self)
        self.presenter = Presenter(session, self.queue, parent=self)
        self.loader = SceneLoader(runner, services, style, self)
        self.predicting = PredictionRoom(
            self.presenter, self.loader, Comparison(runner, services, self.loader, self.view), self
        )
        self.middle = QWidget(self)
        """The pictures, with what is to be said above them and the mask's bar beneath."""
        self.splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self._reasons = ReasonPopup(self)
        self._hold = HoldKey("original_only", self.view.set_original_only, self)
        self._layout = PaneLayout.SIDE_BY_SIDE
        self._lent = False
        self._widths: tuple[int, int] | None = None
        self._dwell = QTimer(self, singleShot=True, interval=_DWELL_MS)
        self.handlers = self._make_handlers()
        """What the actions do that need a project, by the action's id."""
        self._lay_out()
        self._connect()
        if session.store.info.read_only:
            self.inspector.set_read_only()
            self.loader.set_read_only()
            self.predicting.set_read_only()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self.middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.predicting.note)
        column.addWidget(self.view, 1)
        column.addWidget(self.predicting.bar)
        for widget in (self.panel, self.middle, self.inspector):
            self.splitter.addWidget(widget)
        for panel in (self.panel, self.inspector):
            panel.setMinimumWidth(_NARROWEST)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setSizes(list(_WIDTHS))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.splitter)

    def _connect(self) -> None:
        presenter = self.presenter
        self.panel.pair_chosen.connect(presenter.show)
        self.panel.query_chosen.connect(presenter.settle)
        presenter.pair_shown.connect(self._on_pair_shown)
        presenter.problem_met.connect(self.problem_met)
        presenter.told.connect(self.told)
        self.predicting.comparison.told.connect(self.told)
        self.queue.modelReset.connect(self._on_rows_moved)
        self.queue.moved.connect(self._on_rows_moved)
        self.queue.counts_changed.connect(self._on_counts_changed)
        self._dwell.timeout.connect(self._on_dwelt)
        self.splitter.splitterMoved.connect(self._on_splitter_moved)
        self.loader.scene_changed.connect(self.view.show_scene)
        self.loader.scene_changed.connect(self._on_scene_changed)
        self.inspector.comment_given.connect(presenter.set_comment)
        self.inspector.quality_given.connect(presenter.set_quality)
        self.inspector.comment_left.connect(self.panel.list.setFocus)
        self._reasons.chosen.connect(self._on_reason_chosen)
        self.predicting.thresholds.cut_changed.connect(self.inspector.show_cut)
        on_keys_changed(self._on_keys_changed)

    def add_bar(self, bar: QWidget) -> None:
        """Put a bar above the pictures."""
        layout = self.middle.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.insertWidget(layout.indexOf(self.view), bar)

    def set_editing(self, on: bool) -> None:
        """Let no other mask be chosen while one is edited; the overlay stays until that one is on the table."""
        if not on:
            self.loader.set_editing(False)
        self.predicting.bar.set_editing(on)

    def start(self) -> None:
        """Show the first pair that waits for a decision, with the panels as wide as they were left."""
        self._widths = None
        self._give_room()
        self.presenter.start()
        if self.presenter.pair is None:
            self._on_pair_shown(None)
        self.panel.list.setFocus()

    def _make_handlers(self) -> dict[str, Callable[[], object]]:
        presenter, view = self.presenter, self.view
        decide = presenter.decide
        return {
            "undo": presenter.undo,
            "redo": presenter.redo,
            "find": self.panel.focus_search,
            "accept": lambda: decide(Decision.ACCEPTED),
            "reject": self.ask_reason,
            "skip": lambda: decide(Decision.SKIPPED),
            "second_review": lambda: decide(Decision.SECOND_REVIEW),
            "clear": lambda: decide(Decision.UNDECIDED),
            "comment": self.inspector.write_comment,
            "quality_1": lambda: presenter.set_quality(1),
            "quality_2": lambda: presenter.set_quality(2),
            "quality_3": lambda: presenter.set_quality(3),
            "quality_4": lambda: presenter.set_quality(4),
            "quality_5": lambda: presenter.set_quality(5),
            "take_back": presenter.take_back,
            "previous": lambda: presenter.step(-1),
            "next": lambda: presenter.step(1),
            "previous_undecided": lambda: presenter.step_undecided(-1),
            "next_undecided": lambda: presenter.step_undecided(1),
            "fit": view.fit,
            "actual": view.actual_size,
            "zoom_in": lambda: view.zoom_by(1.25),
            "zoom_out": lambda: view.zoom_by(0.8),
            "original_only": self._hold.press,
            "layout": self.switch_layout,
            "next_part": self.focus_next_part,
            **self.predicting.handlers,
        }

    def lend(self, bar: QWidget) -> None:
        """Give a bar its place beneath the pictures."""
        layout = self.middle.layout()
        assert layout is not None
        layout.addWidget(bar)

    def show_lent(self, on: bool) -> None:
        """Make room for the bar that has been given its place, or for our own again."""
        self._lent = on
        self._show_bar()

    def _show_bar(self) -> None:
        """Show our own bar where there is a mask to choose and no other bar has its place."""
        self.predicting.bar.setHidden(self._lent or self.presenter.pair is None)

    def ask_reason(self) -> None:
        """Ask why the pair is rejected; the answer rejects it."""
        pair = self.presenter.pair
        if pair is None:
            return
        found = pair.reconciliation
        guess = RejectReason.WRONG_PHOTO if found and found.placement is None else RejectReason.BAD_PLACEMENT
        if pair.review.reason is not None:
            guess = pair.review.reason
        self._reasons.ask(self.view.mapToGlobal(QPoint(24, 48)), guess)

    def switch_layout(self) -> None:
        """Lay the two panes the other way."""
        beside = self._layout is PaneLayout.SIDE_BY_SIDE
        self._layout = PaneLayout.STACKED if beside else PaneLayout.SIDE_BY_SIDE
        self.view.set_layout_mode(self._layout)

    def show_panels(self, on: bool) -> None:
        """Show or hide what stands beside the pair view."""
        self.panel.setVisible(on)
        self.inspector.setVisible(on)
        self._give_room()

    def focus_next_part(self) -> None:
        """Move the keyboard from queue to pictures and their bars to inspector and back."""
        layout, focus = self.middle.layout(), self.focusWidget()
        assert layout is not None
        middle = [item.widget() for at in range(layout.count()) if (item := layout.itemAt(at)) is not None]
        parts = [self.panel, *(part for part in middle if part is not None), self.inspector]
        on = next((at for at, part in enumerate(parts) if part is focus or part.isAncestorOf(focus)), -1)
        entries = [self._entry(part) for part in (*parts[on + 1 :], *parts[: on + 1])]
        first = next((entry for entry in entries if entry is not None), None)
        if first is not None:
            first.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _entry(self, part: QWidget) -> QWidget | None:
        """Return what has the keyboard first in a part; None where nothing has."""
        chosen: tuple[QWidget, ...] = (self.panel.list, self.predicting.bar.slider, self.inspector.comment)
        own = next((widget for widget in chosen if part.isAncestorOf(widget)), None)
        if own is not None:
            return own if own.isVisible() else None
        return first_by_tab(part)

    def set_attended(self, on: bool) -> None:
        """Say whether a person is before the desk: only then does their time count."""
        watch = self.presenter.stopwatch
        (watch.resume if on else watch.pause)()

    def finish(self) -> None:
        """Give out what is half typed; nothing of it shall be lost."""
        self._hold.release()
        self._dwell.stop()
        self.queue.finish()
        self.predicting.thresholds.settle()
        self.inspector.finish_comment()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the pictures their share of a small window."""
        super().resizeEvent(event)
        self._give_room()

    def showEvent(self, event: QShowEvent) -> None:
        """Leave the pictures their share: only now do the panels have the widths they were given."""
        super().showEvent(event)
        self._give_room()

    def _give_room(self) -> None:
        """Narrow the panels if the window is too small for the widths they were given; widen them again if not."""
        if not (self.panel.isVisible() and self.inspector.isVisible()):
            return
        left, middle, right = self.splitter.sizes()
        if self._widths is None:
            self._widths = left, right
        whole = left + middle + right
        shrunk = min(1.0, _SIDES * whole / sum(self._widths))
        left, right = (max(_NARROWEST, round(width * shrunk)) for width in self._widths)
        self.splitter.setSizes([left, whole - left - right, right])

    def _on_splitter_moved(self) -> None:
        left, _, right = self.splitter.sizes()
        self._widths = left, right

    def _on_reason_chosen(self, reason: RejectReason) -> None:
        self.presenter.decide(Decision.REJECTED, reason)

    def _on_pair_shown(self, pair: Pair | None) -> None:
        history = self.session.store.journal(pair_id=pair.id, newest=_HISTORY) if pair else []
        self.inspector.show_pair(pair, history)
        self.panel.follow(pair.id if pair else None)
        self.predicting.show_source()
        if pair is None:
            self._show_no_pair()
        else:
            self.loader.show(pair, self.presenter.likely_next())
        self.predicting.follow(pair)
        self._show_bar()
        self._dwell.start()
        self.pair_shown.emit(pair)

    def _on_keys_changed(self) -> None:
        self._on_pair_shown(self.presenter.pair)

    def _on_dwelt(self) -> None:
        pair, ahead = self.presenter.pair, int(self.session.settings.number("review.predict_ahead"))
        if pair is not None and ahead:
            self.dwelt.emit([pair, *self.presenter.upcoming(ahead)])

    def _on_scene_changed(self, scene: PairScene) -> None:
        self.inspector.show_painted(scene.painted_share, painted_colour(scene.style.colour))

    def _show_no_pair(self) -> None:
        self.loader.show_nothing(NONE_MATCHES if any(self.queue.counts.values()) else with_keys(NO_PAIRS))

    def _on_counts_changed(self) -> None:
        if self.presenter.pair is None:  # the first pairs may have come, with a search that hides them
            self._show_no_pair()

    def _on_rows_moved(self) -> None:
        self.panel.follow(self.presenter.pair.id if self.presenter.pair else None)
