"""Brings the pictures of the pair on the screen: a preview at once, the whole picture after, nothing stale."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from core.domain import ImageRef, MaskSource, Pair, Prediction
from core.errors import UserFacingError
from core.jobs.answers import DisplayPicture, MapLayer, MaskLayer
from core.jobs.hands import LoadMaskOf
from core.jobs.services import Services
from core.jobs.specs import LoadMap, LoadMask, LoadPicture
from gui.canvas.scene import MapScene, OverlayStyle, PairScene
from gui.current_keys import with_keys
from gui.jobs.handle import Listener
from gui.jobs.runner import Runner
from gui.review.words import model_words

PREVIEW = 1600
"""Long side of a preview in pixels."""
DWELL_MS = 150
"""Whole pictures are worth decoding only for a pair that is looked at, not for one flipped past."""
KEPT = 10
NO_PAIRS = "No pairs yet. Import two folders with {import}, or drop them here."
NONE_MATCHES = "No pair matches the search."
GROUP = "scene"
AHEAD = "prefetch"

_Side = tuple[ImageRef, Callable[[DisplayPicture], None], Callable[[UserFacingError], None]]
"""A picture, and who takes it or the news that it cannot be had."""


class SceneLoader(QObject):
    """Turns a pair into scenes for the pair view, one better than the other."""

    scene_changed = Signal(object)
    """A ``PairScene``."""

    def __init__(self, runner: Runner, services: Services, style: OverlayStyle, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._services = services
        self._pair: Pair | None = None
        self._ahead: Pair | None = None
        self._read_only = False
        self._telling = False
        self._scene = PairScene(style=style)
        self._previews: OrderedDict[str, DisplayPicture] = OrderedDict()
        self._dwell = QTimer(self, singleShot=True, interval=DWELL_MS)
        self._dwell.timeout.connect(self._on_dwelt)

    @property
    def scene(self) -> PairScene:
        """What is shown now."""
        return self._scene

    def set_style(self, style: OverlayStyle) -> None:
        """Draw the overlay in another way."""
        self._put(replace(self._scene, style=style))

    def set_read_only(self) -> None:
        """Offer nothing that would change the project."""
        self._read_only = True

    def set_cut(self, cut: float) -> None:
        """Cut the prediction elsewhere: what follows a finger."""
        if self._scene.prediction is not None:
            self._put(replace(self._scene, prediction=replace(self._scene.prediction, cut=cut)))

    def show_source(self, *, prediction: bool, edited: bool) -> None:
        """Lay the prediction's mask over the original, or the edited one, or the reconciliation's."""
        self._put(replace(self._scene, shows_prediction=prediction, shows_edited=edited))

    def set_editing(self, on: bool) -> None:
        """Leave the original bare while its mask is edited elsewhere; the edited mask is read again after."""
        if on == self._scene.editing:
            return
        self._put(replace(self._scene, editing=on))
        if not on and self._pair is not None:
            self._put(replace(self._scene, edited=None))
            self._load_edited(self._pair)

    def compare(self, other: MapScene | None, message: str = "") -> None:
        """Show another prediction, or word of it, in the designer image's place; neither: the designer image."""
        self._put(replace(self._scene, compared=other, message_compared=message))

    def show_nothing(self, why: str) -> None:
        """Show no pair, and say why there is none."""
        self._pair = self._ahead = None
        self._leave()
        self._put(PairScene(style=self._scene.style, message_original=why))

    def show(self, pair: Pair, ahead: Pair | None = None) -> None:
        """Show a pair and make ready for the one that most likely follows.

        The same pair again, changed, keeps its pictures; only new masks are read.
        """
        before, self._pair, self._ahead = self._pair, pair, ahead
        if before is not None and _same_pictures(before, pair):
            self._show_again(before, pair)
        else:
            self._show_new(pair)

    def _leave(self) -> None:
        self._dwell.stop()
        self._runner.supersede(GROUP)
        self._runner.supersede(AHEAD)

    def _show_new(self, pair: Pair) -> None:
        self._leave()
        self._put(
            PairScene(
                original=self._previews.get(pair.original.sha256),
                designer=self._previews.get(pair.designer.sha256) if pair.designer else None,
                placement=pair.placement,
                original_size=(pair.original.width, pair.original.height),
                designer_size=(pair.designer.width, pair.designer.height) if pair.designer else None,
                style=self._scene.style,
                message_designer=self._finding(pair),
                pair_id=pair.id,
                frame_is_footprint=_frame_is_footprint(pair),
                shows_prediction=self._scene.shows_prediction,
                shows_edited=self._scene.shows_edited,
            )
        )
        for ref, arrived, failed in self._sides(pair):
            if ref.sha256 not in self._previews:
                self._load(LoadPicture(ref, PREVIEW), arrived, failed, priority=10)
        self._load_masks(pair)
        self._load_map(pair)
        self._load_edited(pair)
        self._dwell.start()

    def _show_again(self, before: Pair, pair: Pair) -> None:
        scene = replace(self._scene, placement=pair.placement, frame_is_footprint=_frame_is_footprint(pair))
        if before.reconciliation != pair.reconciliation:
            scene = replace(scene, message_designer=self._finding(pair))
        others = _masks(before) != _masks(pair)
        if others:
            scene = replace(scene, mask=None, footprint=None, painted=None)
        old, new = before.prediction, pair.prediction
        other_map = (old.map if old else None) != (new.map if new else None)
        if other_map:
            scene = replace(scene, prediction=None)
        elif scene.prediction is not None and new is not None:
            scene = replace(scene, prediction=_map_scene(new, scene.prediction.layer))
        edited = _made_of(before) != _made_of(pair)
        if scene.original is not None and (others or other_map or edited):
            scene = replace(scene, message_original="")  # it was of a file that is not shown any more
        if edited:
            scene = replace(scene, edited=None if pair.recipe is None else scene.edited)
        self._put(scene)
        if edited:
            self._load_edited(pair)
        if others:
            self._load_masks(pair)
        if other_map:
            self._load_map(pair)

    def _load_map(self, pair: Pair) -> None:
        said = pair.prediction
        if said is None:
            return

        def arrived(layer: MapLayer) -> None:
            now = self._pair.prediction if self._pair is not None else None
            if now is not None and now.map == said.map:  # the same one, which may have another threshold by now
                self._put(replace(self._scene, prediction=_map_scene(now, layer)))

        self._load(LoadMap(said.map), arrived, self._on_original_failed, priority=9)

    def _load_edited(self, pair: Pair) -> None:
        if pair.recipe is None or self._scene.editing:
            return
        made_of = _made_of(pair)

        def arrived(mask: MaskLayer | None) -> None:
            if self._pair is not None and _made_of(self._pair) == made_of:
                self._put(replace(self._scene, edited=mask))

        spec = LoadMaskOf(replace(pair, review=replace(pair.review, source=MaskSource.RECIPE)))
        self._load(spec, arrived, self._on_original_failed, priority=8)

    def _load_masks(self, pair: Pair) -> None:
        for at, spec in enumerate(_masks(pair)):
            if spec is not None:
                self._load(spec, partial(self._on_mask, at, spec), self._on_original_failed, priority=8)

    def _on_dwelt(self) -> None:
        if self._pair is None:
            return
        for ref, arrived, failed in self._sides(self._pair):
            if max(ref.width, ref.height) > PREVIEW:
                self._load(LoadPicture(ref), arrived, failed, priority=5)
        if self._ahead is not None:
            for ref, _, _ in self._sides(self._ahead):
                if ref.sha256 not in self._previews:
                    self._prefetch(ref)

    def _sides(self, pair: Pair) -> list[_Side]:
        sides: list[_Side] = [(pair.original, self._on_original, self._on_original_failed)]
        if pair.designer is not None:
            sides.append((pair.designer, self._on_designer, self._on_designer_failed))
        return sides

    def _load(
        self,
        spec: LoadPicture | LoadMask | LoadMap | LoadMaskOf,
        arrived: Callable[..., None],
        failed: Callable[[UserFacingError], None],
        priority: int,
    ) -> None:
        def done(answer: object) -> None:
            if isinstance(spec, LoadPicture) and spec.long_side is not None and isinstance(answer, DisplayPicture):
                self._keep(spec.ref, answer)
            arrived(answer)

        self._runner.submit(spec, self._services, Listener(done=done, failed=failed), group=GROUP, priority=priority)

    def _prefetch(self, ref: ImageRef) -> None:
        def done(answer: object) -> None:
            assert isinstance(answer, DisplayPicture)
            self._keep(ref, answer)

        self._runner.submit(LoadPicture(ref, PREVIEW), self._services, Listener(done=done), group=AHEAD, priority=-20)

    def _keep(self, ref: ImageRef, preview: DisplayPicture) -> None:
        self._previews[ref.sha256] = preview
        self._previews.move_to_end(ref.sha256)
        while len(self._previews) > KEPT:
            self._previews.popitem(last=False)

    def _finding(self, pair: Pair) -> str:
        """Return what the designer image's pane has to say about where it lies in the original."""
        if pair.designer is None:
            return ""
        if pair.reconciliation is None:
            offer = "" if self._read_only else with_keys(" Press {reconcile} to search its place in the original.")
            return f"Not reconciled yet.{offer}"
        if pair.placement is not None:
            return ""
        # the numbers behind it stand in the inspector: this lies over the picture
        return f"No match. {pair.reconciliation.reason.partition(':')[0].removesuffix('.')}."

    def _on_original(self, picture: DisplayPicture) -> None:
        if _better(picture, self._scene.original):
            self._put(replace(self._scene, original=picture))

    def _on_designer(self, picture: DisplayPicture) -> None:
        if _better(picture, self._scene.designer):
            self._put(replace(self._scene, designer=picture))

    def _on_mask(self, at: int, spec: LoadMask, layer: MaskLayer) -> None:
        if self._pair is None or _masks(self._pair)[at] != spec:
            return  # several threads read: an older mask may come last
        scenes = (
            replace(self._scene, mask=layer),
            replace(self._scene, footprint=layer),
            replace(self._scene, painted=layer),
        )
        self._put(scenes[at])

    def _on_original_failed(self, problem: UserFacingError) -> None:
        self._put(replace(self._scene, message_original=str(problem)))

    def _on_designer_failed(self, problem: UserFacingError) -> None:
        self._put(replace(self._scene, message_designer=str(problem)))

    def _put(self, scene: PairScene) -> None:
        if scene == self._scene:
            return
        self._scene = scene
        if self._telling:
            return  # who is told puts another one: those after them are to be told of that, and last
        self._telling = True
        told = None
        try:
            while told is not self._scene:
                told = self._scene
                self.scene_changed.emit(told)
        finally:
            self._telling = False


def _better(new: DisplayPicture, old: DisplayPicture | None) -> bool:
    """A preview that arrives after the whole picture is of no use any more."""
    return old is None or new.levels[0].shape[0] >= old.levels[0].shape[0]


def _same_pictures(before: Pair, after: Pair) -> bool:
    return (before.id, before.original, before.designer) == (after.id, after.original, after.designer)


def _masks(pair: Pair) -> tuple[LoadMask | None, LoadMask | None, LoadMask | None]:
    """Return what is to be read of mask, footprint and what was painted on."""
    found = pair.reconciliation
    if found is None:
        return None, None, None
    return (
        None if found.mask is None else LoadMask(found.mask),
        None if found.footprint is None else LoadMask(found.footprint, outline_only=True),
        None if found.painted is None else LoadMask(found.painted),
    )


def _made_of(pair: Pair) -> tuple[object, ...]:
    """Return what the edited mask of a pair depends on."""
    recipe, found, said = pair.recipe, pair.reconciliation, pair.prediction
    if recipe is None:
        return ()
    if recipe.base is MaskSource.PREDICTION:
        return recipe, None if said is None else (said.map, said.cut)
    return recipe, None if found is None or recipe.base is None else found.mask


def _map_scene(said: Prediction, layer: MapLayer) -> MapScene:
    return MapScene(layer, said.cut, model_words(said.model, said.version), said.portraits, said.portrait)


def _frame_is_footprint(pair: Pair) -> bool:
    return pair.reconciliation is None or pair.reconciliation.footprint is None
