"""Edit mode: opens the mask on the screen, writes each gesture as one edit at once, and follows undo and new bases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from core.domain import CleanUp, CleanUpKind, MaskSource, Pair, Recipe, Stroke
from core.edits import Edit, SetRecipe, cleaned_up, painted, started_over
from core.errors import UserFacingError
from core.jobs.answers import OpenedMask, PackedStroke
from core.jobs.hands import MaskProposal, OpenMask, Painting
from core.jobs.services import Services
from core.maths.brush import Way
from core.maths.patches import PaintedLayer, Plane8
from gui.current_keys import with_keys
from gui.jobs.handle import Listener
from gui.jobs.runner import Runner
from gui.session import Session
from gui.tools.base import Wish
from gui.tools.editor import Editor
from gui.tools.errands import Errands
from gui.tools.fur import Fur
from gui.tools.packing import Packing, Recent
from gui.tools.sheet import Sheet

GROUP = "mask-open"
FUR = "fur"
FOLLOW_MS = 60
"""A threshold on the move is followed when it rests so long."""


class Reviewer(Protocol):
    """Who knows the pair on the screen and writes gestures."""

    pair: Pair | None

    @property
    def source(self) -> MaskSource | None:
        """Whose mask is shown."""
        ...

    def gesture(self, edits: tuple[Edit, ...], label: str) -> bool:
        """Write edits as one step of undo; False if it could not be."""
        ...


class MaskRoom(QObject):
    """Edit mode of one session."""

    opened = Signal()
    """Edit mode begins; its mask is on the way."""
    left = Signal()
    ready = Signal()
    """The mask is on the table."""
    told = Signal(str)
    recipe_changed = Signal(object)
    """The ``Recipe`` under edit."""
    writing_changed = Signal()
    """More gestures, or fewer, are on their way into the project."""

    def __init__(
        self,
        session: Session,
        runner: Runner,
        services: Services,
        *,
        reviewer: Reviewer,
        editor: Editor,
        errands: Errands,
    ) -> None:
        super().__init__(editor)
        self._session = session
        self._runner = runner
        self._services = services
        self._reviewer = reviewer
        self.editor = editor
        self.errands = errands
        self._pair: Pair | None = None
        """As it was read when the mask was opened or changed last."""
        self._base: MaskSource | None = None
        """What lies beneath as long as the pair has no recipe of its own."""
        self._cut: float | None = None
        self._wanted_cut: float | None = None
        self.fur = Fur(runner, services, editor)
        self._packing = Packing(runner, services, self._ground, self._on_packed, self.writing_changed.emit)
        self._recent = Recent()
        self._waiting = False
        self._arrived: tuple[OpenedMask, tuple[Stroke, ...]] | None = None
        """A mask that waits for the end of a gesture, and the strokes that it has."""
        self._rest = QTimer(self, singleShot=True, interval=FOLLOW_MS)
        self._rest.timeout.connect(self._on_cut_rested)
        editor.painted.connect(self._paint)
        editor.wished.connect(self._on_wished)
        editor.rested.connect(self._lay_open)
        editor.rested.connect(self._on_cut_rested)
        editor.told.connect(self.told)
        self.fur.told.connect(self.told)
        errands.painted.connect(self._paint)
        errands.told.connect(self.told)
        errands.ended.connect(editor.clear_trail)

    @property
    def on(self) -> bool:
        """Whether a mask is being edited."""
        return self._pair is not None

    @property
    def writing(self) -> bool:
        """Whether a gesture is on its way into the project."""
        return self._packing.waiting

    # --- coming and going -------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Edit the mask that is shown; a pair without one starts from nothing."""
        pair = self._reviewer.pair
        if pair is None or self.on:
            return
        if self._session.store.info.read_only:
            self.told.emit("This project is open read-only: masks can be looked at, not edited.")
            return
        self._base = self._reviewer.source
        self._pair = pair
        self.opened.emit()
        self._open(pair)

    def leave(self) -> None:
        """Back to reviewing; all that was done is written already."""
        if not self.on:
            return
        self.settle()
        self.fur.drop()
        self._stop()
        self.editor.cancel()
        self._pair = None
        self.editor.close()
        self.left.emit()

    def _stop(self) -> None:
        self._rest.stop()
        self._waiting = False
        self._arrived = self._wanted_cut = None
        self.errands.drop()
        self._runner.supersede(GROUP)

    def _recipe(self, pair: Pair) -> Recipe:
        return pair.recipe or Recipe(self._base)

    def _seen(self, pair: Pair) -> Pair:
        """Return the pair with the recipe that is edited, even if it is not written yet."""
        return replace(pair, recipe=self._recipe(pair), review=replace(pair.review, source=MaskSource.RECIPE))

    def _open(self, pair: Pair) -> None:
        self.settle()
        self._stop()
        self._waiting = True
        said = pair.prediction
        self._cut = None if said is None else said.cut
        strokes = self._recipe(pair).strokes

        def done(answer: object) -> None:
            assert isinstance(answer, OpenedMask)
            self._arrived = answer, strokes
            self._lay_open()

        def failed(problem: UserFacingError) -> None:
            self.told.emit(str(problem))
            self.leave()

        self._runner.submit(
            OpenMask(self._seen(pair)), self._services, Listener(done=done, failed=failed), group=GROUP, priority=15
        )
        self.recipe_changed.emit(self._recipe(pair))

    def _lay_open(self) -> None:
        """Put the mask that has come on the table, unless a stroke is under the hand."""
        arrived = self._arrived
        if arrived is None or self.editor.busy:
            return
        self.settle()
        if self._arrived is not arrived:
            return  # what was written has asked for another one
        opened, strokes = arrived
        self._arrived, self._waiting = None, False
        self.editor.open(Sheet(opened.base, opened.layer), opened.levels)
        self.ready.emit()
        if self._pair is not None:
            self._follow_strokes(strokes, self._recipe(self._pair).strokes)

    def follow(self, pair: Pair | None) -> None:
        """Another pair is on the screen, or the same one changed: by ourselves, by undo, by somebody else."""
        before = self._pair
        if before is None:
            return
        if pair is None or pair.id != before.id:
            self.leave()
            return
        if pair.recipe is None and before.recipe is not None:
            self._base = self._reviewer.source if self._reviewer.source is not MaskSource.RECIPE else pair.base_source
        self._pair = pair
        if _beneath(before, self._recipe(before)) != _beneath(pair, self._recipe(pair)):
            self.fur.outdate()
            self._open(pair)
            return
        old, new = self._recipe(before).strokes, self._recipe(pair).strokes
        if old != new:
            self.fur.outdate()
            self._follow_strokes(old, new)
            self.recipe_changed.emit(self._recipe(pair))

    def _follow_strokes(self, old: Sequence[Stroke], new: Sequence[Stroke]) -> None:
        """Undo or redo one stroke by its patch; read the whole mask again where more than one has changed."""
        longer, shorter = (old, new) if len(old) > len(new) else (new, old)
        if self._waiting or old == new:
            return  # what comes is compared when it is here
        if len(longer) != len(shorter) + 1 or tuple(longer[:-1]) != tuple(shorter) or self.editor.sheet is None:
            assert self._pair is not None
            self._open(self._pair)
            return
        self.editor.cancel()
        stroke = longer[-1]
        try:
            self.editor.apply(self._recent.parts_of(stroke, self._session.store))
        except UserFacingError as problem:
            self.told.emit(str(problem))

    # --- what a gesture comes to ------------------------------------------------------------------------------------

    def _paint(self, painting: Painting, tool: str | None = None) -> None:
        """Have a gesture written; what it shows stays until its patch is here."""
        if tool != FUR:
            self.fur.outdate()
        if self.editor.sheet is not None:
            self._packing.put(painting, tool or self.editor.name.value)

    def _ground(self) -> tuple[PaintedLayer, Plane8]:
        sheet = self.editor.sheet
        assert sheet is not None
        return sheet.layer, sheet.base

    def settle(self) -> None:
        """Write what waits: something else is about to be done."""
        self._packing.settle()

    def _on_packed(self, painting: Painting, tool: str, packed: PackedStroke | UserFacingError | None) -> None:
        """Write a stroke: when this returns, it is on the disk."""
        before, last = self._pair, not self._packing.waiting
        if before is None:
            return
        if not isinstance(packed, PackedStroke):
            if isinstance(painting, MaskProposal):
                self.editor.show_box(painting.box)
            if packed is not None or not isinstance(painting, Way):
                self.told.emit("Nothing of the mask changes there." if packed is None else str(packed))
            if last:
                self.editor.catch_up()
            return
        stroke = Stroke(packed.left, packed.top, packed.file, tool)
        self._recent.keep(packed.file, packed.parts)
        self.editor.apply(packed.parts, show=last)
        recipe = self._recipe(before)
        # known already: what comes back is not to be done twice
        self._pair = replace(before, recipe=replace(recipe, strokes=(*recipe.strokes, stroke)))
        written = self._write(before, lambda pair: painted(pair, stroke), tool.capitalize())
        if not written and self._recipe(self._pair).strokes[-1:] == (stroke,):
            self._pair = before
            self.editor.apply(packed.parts, show=last)

    def _write(self, before: Pair, make: Callable[[Pair], tuple[Edit, ...]], label: str) -> bool:
        """Write a gesture; a pair that has no recipe yet is given one on the base that was shown."""
        begun: tuple[Edit, ...] = ()
        pair = before
        if before.recipe is None:
            pair = replace(before, recipe=Recipe(self._base))
            begun = (SetRecipe(before.id, None, pair.recipe),)
        return self._reviewer.gesture((*begun, *make(pair)), label)

    def _on_wished(self, wish: Wish) -> None:
        self.settle()
        layer = self.editor.layer
        if layer is not None:
            self.errands.run(wish, layer.mask, self.editor.name.value)

    def clean(self, kind: CleanUpKind, amount: float) -> None:
        """Clean the mask up beneath the strokes, by one step more."""
        self.settle()
        pair = self._pair
        if pair is not None:
            steps = (*self._recipe(pair).steps, CleanUp(kind, amount))
            self._write(pair, lambda now: cleaned_up(now, steps), kind.value.replace("_", " ").capitalize())

    def start_over(self) -> None:
        """Take all strokes and steps away."""
        self.settle()
        pair = self._pair
        edits = () if pair is None else started_over(pair)
        if edits:
            self._reviewer.gesture(edits, "Start over")
        else:
            self.told.emit("Nothing was painted on this mask.")

    def ask_fur(self, radius: float) -> None:
        """Estimate the alpha of fur around the edge and show it, to be taken or left."""
        self.settle()
        if self._pair is not None and self.editor.sheet is not None:
            self.fur.ask(self._seen(self._pair), radius)

    # --- the threshold beneath --------------------------------------------------------------------------------------

    def follow_cut(self, cut: float) -> None:
        """The threshold is on the move: show the mask as it would be; strokes win."""
        if self.on and cut != self._cut:
            self._wanted_cut = cut
            self._rest.start()

    def _on_cut_rested(self) -> None:
        cut = self._wanted_cut
        if cut is None or cut == self._cut or self.editor.busy:
            return
        self.settle()
        pair = self._pair
        if pair is None or pair.prediction is None:
            return
        if self._recipe(pair).base is MaskSource.PREDICTION:
            self._open(replace(pair, prediction=replace(pair.prediction, chosen=cut)))

    # --- keys -------------------------------------------------------------------------------------------------------

    def enter_key(self) -> bool:
        """End a polygon, or take a proposal; False if there is neither, and the mask is to be accepted."""
        if self.fur.looking:
            self.told.emit(with_keys("The fur is still being looked at; {leave_edit} gives it up."))
        elif self.fur.shown:
            proposal = self.fur.take()
            if proposal is not None:
                self._paint(proposal, FUR)
        else:
            return self.editor.finish()
        return True

    def escape_key(self) -> None:
        """Give up the gesture, else the proposal, else leave."""
        if not self.editor.cancel() and not self.fur.drop():
            self.leave()


def _beneath(pair: Pair, recipe: Recipe) -> tuple[object, ...]:
    """Return what a recipe's base depends on."""
    found, said = pair.reconciliation, pair.prediction
    below: object = None
    if recipe.base is MaskSource.RECONCILIATION:
        below = None if found is None else found.mask
    elif recipe.base is MaskSource.PREDICTION:
        below = None if said is None else (said.map, said.cut)
    return recipe.base, below, recipe.steps
