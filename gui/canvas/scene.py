"""What the canvas shows, as frozen snapshots; the canvas redraws what differs between two of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from core.domain import Placement
from core.jobs.answers import DisplayPicture, MapLayer, MaskLayer


class MapLook(StrEnum):
    """How a prediction's map lies over the original."""

    MASK = "mask"
    """Its cut, in the mask's colour."""
    HEAT = "heat map"
    """Its probabilities, in colours of their own."""
    OUTLINE = "outline"
    """The line of the cut alone."""


@dataclass(frozen=True, slots=True)
class MapScene:
    """A prediction as the canvas shows it."""

    layer: MapLayer
    cut: float
    """Threshold in force, 0 to 1."""
    name: str = ""
    """Which model made it, as a caption says."""
    portraits: tuple[tuple[int, int, int, int], ...] = ()
    """Boxes of the portraits found, in original pixels; of use where there are several."""
    portrait: int = 0
    """Which of them the mask is of."""
    look: MapLook | None = None
    """None: as the overlay's style says."""


@dataclass(frozen=True, slots=True)
class OverlayStyle:
    """How mask, footprint and what was painted on are drawn over the original."""

    visible: bool = True
    """False hides everything that is drawn over the original."""
    colour: str = "#00b4ff"
    """Of the mask, as #rrggbb."""
    opacity: float = 0.45
    """Of the mask's fill: 0 invisible, 1 solid."""
    outline: bool = True
    """Draw the mask's edge as a line."""
    footprint: bool = True
    """Draw as a dashed line what the designer image covers of the original."""
    painted: bool = True
    """Hatch what was painted on."""
    look: MapLook = MapLook.MASK
    """Of a prediction."""


@dataclass(frozen=True, slots=True)
class PairScene:
    """One pair as the canvas shows it; ``PairScene()`` is the empty desk.

    Sizes are width and height in full-size pixels, known before any pixel is decoded. ``designer_size`` None
    means a photo alone: it has the whole canvas, unless ``message_designer`` has something to say.
    A message stands in the middle of a pane without a picture, and at the foot of a pane with one.
    """

    original: DisplayPicture | None = None
    designer: DisplayPicture | None = None
    mask: MaskLayer | None = None
    placement: Placement | None = None
    original_size: tuple[int, int] | None = None
    designer_size: tuple[int, int] | None = None
    style: OverlayStyle = field(default_factory=OverlayStyle)
    message_original: str = ""
    message_designer: str = ""
    pair_id: int = 0
    """Tells a new pair, which is fitted into the view, from more of the same one, which leaves the view alone."""
    footprint: MaskLayer | None = None
    """Of which the outline alone is drawn."""
    painted: MaskLayer | None = None
    frame_is_footprint: bool = True
    """No better footprint is known, nor will one come: the designer image's frame stands for it."""
    prediction: MapScene | None = None
    shows_prediction: bool = False
    """The prediction's mask lies over the original, and not the reconciliation's."""
    compared: MapScene | None = None
    """Another prediction: the original lies in both panes, this over the one at the designer image's place."""
    edited: MaskLayer | None = None
    """A person's mask: the recipe's."""
    shows_edited: bool = False
    """It lies over the original, and none of the others."""
    editing: bool = False
    """The original lies bare beneath the surface on which its mask is edited."""
    message_compared: str = ""
    """Stands in that pane in place of a prediction that is still to come; empty: nothing is compared."""

    @property
    def comparing(self) -> bool:
        """True while another prediction has the designer image's place."""
        return self.compared is not None or bool(self.message_compared)

    @property
    def painted_share(self) -> float | None:
        """How much of the footprint was painted on, 0 to 1; None while that is not known, or nothing was."""
        if self.painted is None or self.footprint is None or not self.footprint.area:
            return None
        return min(self.painted.area / self.footprint.area, 1.0)


@dataclass(frozen=True, slots=True)
class CursorPlace:
    """Where the mouse points: in full-size pixels of the two images, None where it has no counterpart."""

    original: tuple[float, float] | None
    designer: tuple[float, float] | None
