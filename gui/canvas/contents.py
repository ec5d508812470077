"""What a pair's scene puts into its two panes: layers made from answers, and which of them lie over which picture."""

from __future__ import annotations

from dataclasses import replace

from core.jobs.answers import DisplayPicture, MaskLayer
from gui.canvas.layers import MaskTint, PictureLayer
from gui.canvas.linking import Side
from gui.canvas.map_layer import MapPaint, ProbabilityLayer
from gui.canvas.outline import OutlineLayer
from gui.canvas.painted import PaintedOnLayer, painted_colour
from gui.canvas.pane import PaneContent
from gui.canvas.scene import MapLook, MapScene, OverlayStyle, PairScene
from gui.canvas.viewport import Point, frame


class Layers:
    """Layers of the scene on the screen; only what differs from the last scene is made anew."""

    def __init__(self) -> None:
        """Hold nothing yet."""
        self._scene = PairScene()
        self._original: PictureLayer | None = None
        self._designer: PictureLayer | None = None
        self._tint: MaskTint | None = None
        self._outline: OutlineLayer | None = None
        self._edited: tuple[MaskTint | None, OutlineLayer | None] = None, None
        self._footprint: OutlineLayer | None = None
        self._painted: PaintedOnLayer | None = None
        self._map: ProbabilityLayer | None = None
        self._compared: ProbabilityLayer | None = None

    def show(self, scene: PairScene) -> None:
        """Make the layers of a scene."""
        before, self._scene = self._scene, scene
        if scene.original is not before.original:
            self._original = _picture(scene.original)
        if scene.designer is not before.designer:
            self._designer = _picture(scene.designer)
        if scene.mask is not before.mask:
            self._tint, self._outline = _mask(scene.mask)
        if scene.edited is not before.edited:
            self._edited = _mask(scene.edited)
        if scene.footprint is not before.footprint:
            self._footprint = None if scene.footprint is None else OutlineLayer(scene.footprint)
        if scene.painted is not before.painted:
            self._painted = None if scene.painted is None else PaintedOnLayer(scene.painted)
        full = scene.original_size or (1, 1)
        if _layer(scene.prediction) is not _layer(before.prediction):
            self._map = None if scene.prediction is None else ProbabilityLayer(scene.prediction.layer, full)
        if _layer(scene.compared) is not _layer(before.compared):
            self._compared = None if scene.compared is None else ProbabilityLayer(scene.compared.layer, full)

    @property
    def pictures(self) -> tuple[PictureLayer | None, PictureLayer | None]:
        """Of the original and of the designer image."""
        return self._original, self._designer

    def content(self, side: Side, shown: Side, bare: bool) -> PaneContent:
        """Return what a pane shows; ``shown`` is whose picture, ``bare`` that nothing lies over it."""
        scene, style = self._scene, self._scene.style
        if shown is Side.DESIGNER:
            return PaneContent(scene.designer_size, self._designer, message=scene.message_designer)
        compared = side is Side.DESIGNER and scene.comparing
        message = scene.message_compared if compared else scene.message_original
        content = PaneContent(scene.original_size, self._original, message=message)
        if self._original is None or bare or not style.visible:
            return content
        if compared:
            return _with_map(content, self._compared, scene.compared, style)
        if scene.editing:
            return content
        tint, outline = self._edited if scene.shows_edited else (self._tint, self._outline)
        if scene.shows_prediction and not scene.shows_edited:
            content = _with_map(content, self._map, scene.prediction, style)
        else:
            content = replace(
                content,
                tint=tint if style.opacity > 0 else None,
                tint_colour=(style.colour, style.opacity),
                outline=outline if style.outline else None,
            )
        return replace(
            content,
            painted=self._painted if style.painted else None,
            painted_colour=painted_colour(style.colour),
            footprint=(self._footprint or _frame(scene)) if style.footprint else (),
        )


def _with_map(
    content: PaneContent, layer: ProbabilityLayer | None, shown: MapScene | None, style: OverlayStyle
) -> PaneContent:
    if layer is None or shown is None:
        return content
    look = shown.look or style.look
    opacity = min(1.0, style.opacity * 1.6) if look is MapLook.HEAT else style.opacity
    how = MapPaint(
        shown.cut,
        look,
        style.colour,
        opacity,
        style.outline,
        tuple(box for at, box in enumerate(shown.portraits) if at != shown.portrait),
    )
    return replace(content, map=layer, map_paint=how)


def _picture(picture: DisplayPicture | None) -> PictureLayer | None:
    return None if picture is None else PictureLayer(picture)


def _mask(mask: MaskLayer | None) -> tuple[MaskTint | None, OutlineLayer | None]:
    return (None, None) if mask is None else (MaskTint(mask), OutlineLayer(mask))


def _layer(shown: MapScene | None) -> object:
    return None if shown is None else shown.layer


def _frame(scene: PairScene) -> tuple[Point, ...]:
    """Return the corners of the designer image's frame where that stands for the footprint."""
    if not scene.frame_is_footprint or scene.placement is None or scene.designer_size is None:
        return ()
    return tuple(scene.placement.apply(x, y) for x, y in frame(scene.designer_size))
