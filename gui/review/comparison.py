"""Side by side: what another model or version says of the photo on the screen, in the designer image's place."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QActionGroup, QKeyEvent
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from core.domain import Pair
from core.errors import UserFacingError
from core.jobs.answers import ModelEntry, ModelList, Trial
from core.jobs.services import Services
from core.jobs.specs import ListModels, TryModel, predict_options
from gui.canvas.scene import MapLook, MapScene, PairScene
from gui.jobs.handle import Listener
from gui.jobs.runner import Runner
from gui.review.scene_loader import SceneLoader
from gui.review.words import percent

GROUP = "compare"
KEPT = 8
OWN_MAP = "\0map"
"""In place of a model's name: the probabilities of the prediction itself."""
_MODIFIERS = (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr)


class Comparison(QObject):
    """What is compared stays chosen from pair to pair, until the designer image is chosen again."""

    told = Signal(str)

    def __init__(self, runner: Runner, services: Services, loader: SceneLoader, view: QWidget) -> None:
        super().__init__(view)
        self._runner = runner
        self._services = services
        self._loader = loader
        self._view = view
        self._pair: Pair | None = None
        self._chosen = ""
        """Name of the model; empty: the designer image."""
        self._titles: dict[str, str] = {}
        """What models are called, by their names."""
        self._waiting = False
        """The menu comes once the models are known, unless a hand has gone on to something else by then."""
        self._trials: OrderedDict[tuple[str, str, int], MapScene] = OrderedDict()
        loader.scene_changed.connect(self._on_scene_changed)

    def ask(self) -> None:
        """Offer what can be compared."""
        self._waiting = True
        QTimer.singleShot(0, self, self._listen)  # the key that asked is not over yet
        self.told.emit("Looking up the models …")
        self._runner.submit(
            ListModels(), self._services, Listener(done=self._on_listed, failed=self._on_list_failed), group=GROUP
        )

    def choose(self, name: str) -> None:
        """Compare with a model, with :data:`OWN_MAP`, or (empty) show the designer image."""
        self._chosen = name
        self._show()

    def follow(self, pair: Pair | None) -> None:
        """Another pair is on the screen, or the same one changed."""
        before, self._pair = self._pair, pair
        if before is None or pair is None or before.id != pair.id or before.original != pair.original:
            self._wait_no_more()
            self._show()
        elif _portrait(before) != _portrait(pair):
            self._show()

    def forget(self) -> None:
        """Predict anew what is compared: the models have changed."""
        self._trials.clear()

    def _listen(self) -> None:
        if self._waiting:
            QApplication.instance().installEventFilter(self)  # type: ignore[union-attr]  # there is one

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """See whether a hand goes on to something else while the models are looked up."""
        pressed = event.type() in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride)
        if pressed and isinstance(event, QKeyEvent) and not event.isAutoRepeat() and event.key() not in _MODIFIERS:
            self._wait_no_more()
        return False

    def _wait_no_more(self) -> None:
        if self._waiting:
            self._waiting = False
            QApplication.instance().removeEventFilter(self)  # type: ignore[union-attr]  # there is one
            self.told.emit("")

    def _on_listed(self, answer: object) -> None:
        entries = answer.entries if isinstance(answer, ModelList) else ()
        self._titles = {entry.name: _title(entry) for entry in entries}
        if not self._waiting:
            return
        self._wait_no_more()
        self._menu(entries).popup(self._view.mapToGlobal(QPoint(24, 40)))

    def _on_list_failed(self, problem: UserFacingError) -> None:
        self._on_listed(ModelList(()))
        self.told.emit(str(problem))

    def _menu(self, entries: tuple[ModelEntry, ...]) -> QMenu:
        menu = QMenu(self._view)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.addSection("Beside the original")
        group = QActionGroup(menu)
        plain = [("The designer image", ""), ("The prediction's probability map", OWN_MAP)]
        used = predict_options(self._services.settings).model
        models = [(entry_words(entry, entry.predicts(used)), entry.name) for entry in entries]
        for at, (words, name) in enumerate([*plain, *models]):
            if at == len(plain):
                menu.addSection("Another model's prediction")
            action = group.addAction(words)
            action.setCheckable(True)
            action.setChecked(name == self._chosen)
            action.triggered.connect(partial(self._on_chosen, name))
            menu.addAction(action)
        return menu

    def _on_chosen(self, name: str, _checked: bool = True) -> None:
        self.choose(name)

    def _show(self) -> None:
        self._runner.supersede(GROUP)
        pair, name = self._pair, self._chosen
        if pair is None or not name:
            self._loader.compare(None)
            return
        if name == OWN_MAP:
            self._show_own_map(self._loader.scene)
            return
        portrait = _portrait(pair)
        key = (pair.original.sha256, name, portrait)
        if key in self._trials:
            self._loader.compare(self._trials[key])
            return
        waiting = f"{self._titles.get(name, name)} is looking at this photo …"
        self._loader.compare(None, waiting)

        def done(answer: object) -> None:
            assert isinstance(answer, Trial)
            words = f"{self._titles.get(name, answer.name)} · {percent(answer.expected_iou)} overlap expected"
            self._trials[key] = MapScene(answer.layer, answer.threshold, words, answer.portraits)
            while len(self._trials) > KEPT:
                self._trials.popitem(last=False)
            self._loader.compare(self._trials[key])

        def failed(problem: UserFacingError) -> None:
            self._loader.compare(None, str(problem))

        def progress(_done: int, _total: int, label: str) -> None:
            self._loader.compare(None, label or waiting)

        options = replace(predict_options(self._services.settings, name), portrait=portrait)
        listener = Listener(done=done, failed=failed, progress=progress)
        self._runner.submit(TryModel(pair.original, options), self._services, listener, group=GROUP, priority=5)

    def _show_own_map(self, scene: PairScene) -> None:
        if scene.prediction is None:
            known = self._pair is not None and self._pair.prediction is not None
            self._loader.compare(None, "Reading the map …" if known else "This photo has not been predicted yet.")
        else:
            name = f"Probability · {scene.prediction.name}"
            self._loader.compare(replace(scene.prediction, name=name, look=MapLook.HEAT))

    def _on_scene_changed(self, scene: PairScene) -> None:
        if self._chosen == OWN_MAP and self._pair is not None:
            self._show_own_map(scene)


def entry_words(entry: ModelEntry, used: bool) -> str:
    """Return a model or version as a menu says it; ``used``: it is what predicts in this project."""
    score = f" · {percent(entry.held_out_iou)} on held-out photos" if entry.held_out_iou is not None else ""
    return _title(entry) + (" (in use)" if used else "") + score


def _title(entry: ModelEntry) -> str:
    """Return what tells a version from all others."""
    which = f"version {entry.version[:7]}, {entry.made_at[:10]}" if entry.version else "as it ships"
    return entry.title if which in entry.title else f"{entry.title}, {which}"


def _portrait(pair: Pair) -> int:
    """Return which of a photo's portraits is on the screen."""
    return pair.prediction.portrait if pair.prediction is not None else 0
