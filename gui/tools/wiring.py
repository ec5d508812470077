"""The mask's tools as the window has them: their bar, what their actions do, and which keys they borrow meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction

from core.domain import CleanUpKind, Pair
from core.jobs.services import Services
from gui.assets import Theme, current_theme, on_theme_changed
from gui.canvas.edit_layer import EditView
from gui.canvas.pair_view import PairView
from gui.canvas.scene import OverlayStyle, PairScene
from gui.current_keys import on_keys_changed
from gui.jobs.runner import Runner
from gui.session import Session
from gui.tools.backdrop import Backdrop
from gui.tools.base import Options, ToolName
from gui.tools.edit_bar import EditBar
from gui.tools.editor import Editor
from gui.tools.errands import Errands
from gui.tools.room import MaskRoom, Reviewer

SIZE_STEP = 1.15
HARDNESS_STEP = 0.1


class MaskTools(QObject):
    """Lives as long as its workspace."""

    editing_changed = Signal(bool)
    """Edit mode begins or ends: borrow keys, lay the original bare."""
    mask_laid_open = Signal()
    """The mask that is edited is on the table, in place of the overlay."""
    accept_wanted = Signal()
    told = Signal(str)
    moved_on = Signal()
    """Another tool, or no more: what was said of the one before is over."""
    hint_changed = Signal(str)
    """What a drag will do; empty: nothing special."""

    def __init__(
        self,
        session: Session,
        runner: Runner,
        services: Services,
        *,
        reviewer: Reviewer,
        view: PairView,
        actions: dict[str, QAction],
    ) -> None:
        super().__init__(view)
        self._view = view
        self._actions = actions
        self._scene = PairScene()
        self._before_mono = EditView.OVERLAY
        self.editor = Editor(view.surface, view.hand, self)
        errands = Errands(runner, services, lambda: self._scene, self)
        self.room = MaskRoom(session, runner, services, reviewer=reviewer, editor=self.editor, errands=errands)
        self._backdrop = Backdrop(view.surface, runner, services)
        self.bar = EditBar(actions)
        self.bar.hide()
        self.handlers = self._make_handlers()
        """What the actions do, by id."""
        self._connect()

    def _connect(self) -> None:
        editor, room, bar = self.editor, self.room, self.bar
        editor.hint_changed.connect(self.hint_changed)
        editor.options_changed.connect(bar.show_options)
        editor.tool_changed.connect(self._on_tool_changed)
        editor.tool_changed.connect(self.moved_on)
        self.editing_changed.connect(self.moved_on)
        room.opened.connect(self._on_opened)
        room.ready.connect(self._on_ready)
        room.left.connect(self._on_left)
        room.told.connect(self.told)
        room.fur.words_changed.connect(self._on_fur_words)
        room.recipe_changed.connect(bar.show_recipe)
        bar.options_chosen.connect(self._on_options_chosen)
        bar.view_chosen.connect(self.show_view)
        bar.backdrop_chosen.connect(self._on_backdrop_chosen)
        bar.clean_up_asked.connect(room.clean)
        bar.left.connect(self._view.setFocus)
        bar.show_options(editor.options)
        bar.show_view(EditView.OVERLAY)
        on_theme_changed(self._on_theme_changed)
        on_keys_changed(editor.hint)

    def _make_handlers(self) -> dict[str, Callable[[], object]]:
        editor, room = self.editor, self.room
        found: dict[str, Callable[[], object]] = {
            "edit": room.enter,
            "corner_back": editor.take_corner_back,
            "swap": editor.swap,
            "brush_smaller": partial(editor.resize_brush, 1 / SIZE_STEP),
            "brush_larger": partial(editor.resize_brush, SIZE_STEP),
            "brush_softer": partial(editor.harden_brush, -HARDNESS_STEP),
            "brush_harder": partial(editor.harden_brush, HARDNESS_STEP),
            "fur": self._ask_fur,
            "next_view": self._next_view,
            "mask_only": self._mask_only,
            "commit": self._commit,
            "start_over": room.start_over,
            "leave_edit": room.escape_key,
        }
        for name in ToolName:
            found[f"tool_{name.value.replace(' ', '_')}"] = partial(editor.choose, name)
        for kind in CleanUpKind:
            found[f"clean_{kind.value}"] = partial(self._clean, kind)
        for view in EditView:
            found[f"view_{view.value.replace(' ', '_')}"] = partial(self.show_view, view)
        return found

    # --- what comes from the desk -----------------------------------------------------------------------------------

    def follow(self, pair: Pair | None) -> None:
        """Another pair is on the screen, or the same one changed."""
        self.room.follow(pair)

    def show_scene(self, scene: PairScene) -> None:
        """Take the photo and the mask's colours from the scene."""
        self._scene = scene
        self._backdrop.show_picture(scene.original)
        self._show_style(scene.style)

    def _show_style(self, style: OverlayStyle) -> None:
        look = replace(
            self._view.surface.look,
            colour=style.colour,
            opacity=style.opacity,
            outline=style.outline,
            surround=current_theme().surround,
        )
        self._view.surface.show_look(look)

    def _on_theme_changed(self, _theme: Theme) -> None:
        self._show_style(self._scene.style)

    # --- coming and going -------------------------------------------------------------------------------------------

    def _on_opened(self) -> None:
        size = self._scene.original_size or (1, 1)
        self.bar.show_size(max(size))
        self.bar.show()
        self._view.hand.set_on(True)
        self._on_tool_changed(self.editor.name)
        self.editing_changed.emit(True)
        self.hint_changed.emit("Opening the mask …")

    def _on_ready(self) -> None:
        self._on_tool_changed(self.editor.name)
        self.mask_laid_open.emit()

    def _on_left(self) -> None:
        self._view.hand.set_on(False)
        self.bar.hide()
        self.hint_changed.emit("")
        self.editing_changed.emit(False)

    def _commit(self) -> None:
        if not self.room.enter_key():
            self.room.leave()
            self.accept_wanted.emit()

    # --- tools and views --------------------------------------------------------------------------------------------

    def _on_tool_changed(self, name: ToolName) -> None:
        for tool in ToolName:
            self._actions[f"tool_{tool.value.replace(' ', '_')}"].setChecked(tool is name)
        self.bar.show_tool(name)

    def _on_options_chosen(self, options: Options) -> None:
        self.editor.set_options(options)

    def _clean(self, kind: CleanUpKind) -> None:
        self.room.clean(kind, self.bar.amount_of(kind))

    def _on_fur_words(self, words: str) -> None:
        self.bar.show_proposal(words)
        if words:
            self.moved_on.emit()

    def _ask_fur(self) -> None:
        self.room.ask_fur(self.bar.fur_radius)

    def show_view(self, view: EditView) -> None:
        """Show the mask in another way."""
        if view is not EditView.MONO:
            self._before_mono = view
        self._view.surface.show_look(replace(self._view.surface.look, view=view))
        self.bar.show_view(view)

    def _next_view(self) -> None:
        views = list(EditView)
        self.show_view(views[(views.index(self._view.surface.look.view) + 1) % len(views)])

    def _mask_only(self) -> None:
        mono = self._view.surface.look.view is EditView.MONO
        self.show_view(self._before_mono if mono else EditView.MONO)

    def _on_backdrop_chosen(self, colour: str) -> None:
        self._view.surface.show_look(replace(self._view.surface.look, backdrop=colour))
