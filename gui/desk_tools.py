"""Ties the tools to the desk: which keys they borrow, what is left alone meanwhile, what there is to undo."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from core.domain import Decision, Pair
from core.jobs.services import Services
from gui.actions import Actions, Scope
from gui.jobs.runner import Runner
from gui.review.workspace import Workspace
from gui.tools.placing import Placing
from gui.tools.wiring import MaskTools


class DeskTools(QObject):
    """The tools of one workspace; lives as long as that."""

    told = Signal(str)
    hint_changed = Signal(str)
    """What a drag will do; empty: nothing special."""

    def __init__(self, workspace: Workspace, runner: Runner, services: Services, commands: Actions) -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._commands = commands
        self.masks = MaskTools(
            workspace.session,
            runner,
            services,
            reviewer=workspace.presenter,
            view=workspace.view,
            actions={spec.id: action for spec, action in commands},
        )
        masks = self.masks
        workspace.add_bar(masks.bar)
        workspace.loader.scene_changed.connect(masks.show_scene)
        workspace.predicting.thresholds.cut_changed.connect(masks.room.follow_cut)
        workspace.presenter.settling.connect(masks.room.settle)
        masks.told.connect(self.told)
        masks.hint_changed.connect(self.hint_changed)
        masks.accept_wanted.connect(self._on_accept_wanted)
        masks.editing_changed.connect(self._on_editing_changed)
        masks.mask_laid_open.connect(lambda: workspace.loader.set_editing(True))
        commands.enable(Scope.EDIT, False)

    @property
    def handlers(self) -> dict[str, Callable[[], object]]:
        """What the actions do, by id; before what the workspace would do."""
        masks = self.masks
        return {**masks.handlers, "undo": masks.editor.take_corner_back} if masks.editor.has_corners else masks.handlers

    def follow(self, pair: Pair | None) -> None:
        """Another pair is on the screen, or the same one changed."""
        self.masks.follow(pair)
        self._offer()

    def finish(self) -> None:
        """The workspace is about to go; all that was done is written already."""
        self.masks.room.leave()

    def _offer(self) -> None:
        idle = self._workspace.presenter.pair is not None and not self.masks.room.on
        writable = not self._workspace.session.store.info.read_only
        self._commands["edit"].setEnabled(idle and writable)
        self._commands["source"].setEnabled(idle)

    def _on_accept_wanted(self) -> None:
        self._workspace.presenter.decide(Decision.ACCEPTED)

    def _on_editing_changed(self, on: bool) -> None:
        self._workspace.set_editing(on)
        self._commands.give_keys(*([Scope.EDIT] if on else []))
        self._commands.enable(Scope.EDIT, on)
        self._offer()


class UndoOffer(QObject):
    """Lets undo and redo be used while there is something to undo or redo; lives as long as its workspace."""

    def __init__(self, workspace: Workspace, masks: MaskTools, placing: Placing, commands: Actions) -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._masks = masks
        self._placing = placing
        self._commands = commands
        workspace.presenter.steps_changed.connect(self.follow)
        workspace.predicting.thresholds.cut_changed.connect(self.follow)
        placing.draft.changed.connect(self.follow)
        placing.points_changed.connect(self.follow)
        for happened in (masks.editing_changed, masks.room.writing_changed, masks.editor.began, masks.editor.rested):
            happened.connect(self.follow)
        self.follow()

    def follow(self, _what: object = None) -> None:
        """Something was done, is under way, or was taken back."""
        steps, points = self._workspace.presenter.steps, self._placing.points
        writable = not self._workspace.session.store.info.read_only
        # what is on its way into the project is a step already, and leaves nothing to be done again
        moving = self._workspace.predicting.thresholds.moving or self._placing.draft.moving or self._masks.room.writing
        undo = moving or steps.next_undo is not None or self._masks.editor.has_corners
        redo = not moving and steps.next_redo is not None
        if points is not None:
            undo, redo = undo or points.can_undo, redo or points.can_redo
        self._commands["undo"].setEnabled(writable and undo)
        self._commands["redo"].setEnabled(writable and redo)
