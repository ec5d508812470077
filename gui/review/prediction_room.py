"""The prediction's part of the desk: its bar and note, its threshold, the comparison; tied to the presenter."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from core.domain import MaskSource, Pair
from gui.canvas.scene import PairScene
from gui.review.comparison import Comparison
from gui.review.mask_bar import MaskBar
from gui.review.pair_note import PairNote, note_of
from gui.review.presenter import Presenter
from gui.review.scene_loader import SceneLoader
from gui.review.thresholds import Thresholds


class PredictionRoom(QObject):
    """Lives as long as its workspace."""

    action_wanted = Signal(str)
    """The id of an action that is not ours to do."""

    def __init__(self, presenter: Presenter, loader: SceneLoader, comparison: Comparison, parent: QObject) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._loader = loader
        self.comparison = comparison
        self.bar = MaskBar()
        self.note = PairNote()
        self.thresholds = Thresholds(presenter, self)
        self._read_only = False
        thresholds, bar = self.thresholds, self.bar
        thresholds.cut_changed.connect(bar.show_cut)
        thresholds.cut_changed.connect(loader.set_cut)
        bar.moved.connect(thresholds.move)
        bar.let_go.connect(thresholds.settle)
        bar.stepped.connect(thresholds.step)
        bar.reset_requested.connect(thresholds.reset)
        bar.source_chosen.connect(presenter.switch_source)
        loader.scene_changed.connect(self._on_scene_changed)
        self.note.action_wanted.connect(self.action_wanted)
        self.handlers: dict[str, Callable[[], object]] = {
            "source": presenter.switch_source,
            "lower": lambda: thresholds.step(-1),
            "higher": lambda: thresholds.step(1),
            "lower_5": lambda: thresholds.step(-5),
            "higher_5": lambda: thresholds.step(5),
            "learned": thresholds.reset,
            "compare": comparison.ask,
        }

    def set_read_only(self) -> None:
        """Let nothing be changed."""
        self._read_only = True
        self.bar.set_read_only()
        self.thresholds.set_read_only()

    def show_source(self) -> None:
        """Say which mask the next scene shows; call it before the scene is made."""
        source = self._presenter.source
        self._loader.show_source(prediction=source is MaskSource.PREDICTION, edited=source is MaskSource.RECIPE)

    def follow(self, pair: Pair | None) -> None:
        """Another pair is on the screen, or the same one changed."""
        source = self._presenter.source
        self.bar.show_pair(pair, source)
        self.note.say(note_of(pair, source, self._read_only))
        self.thresholds.follow(pair)
        self.comparison.follow(pair)
        self._on_scene_changed(self._loader.scene)

    def _on_scene_changed(self, scene: PairScene) -> None:
        if scene.prediction is None:
            return
        self.bar.show_map(scene.prediction.layer)
        cut = self.thresholds.cut
        if cut is not None and scene.prediction.cut != cut:  # it was on the move while its map came
            self._loader.set_cut(cut)
            self.bar.show_cut(cut)
