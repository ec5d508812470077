"""Whatever similarity made the designer image is recovered, and recolouring changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.reconcile.options import ReconcileOptions
from core.reconcile.pipeline import reconcile
from core.reconcile.result import Result
from tests.core.reconcile.conftest import Rgb, Truth, cut_out, photo, picture, procedural

OPTIONS = ReconcileOptions(device="cpu", max_rotation_deg=60.0)
PHOTOS = {"chelsea": 0.2, "made 1": 0.1, "made 2": 0.1, "made 3": 0.1}
"""Photos with texture wherever a portrait may be cut from them, and how near to the truth it must be found, in pixels.

The rocket's sky, the astronaut's corners and the coffee itself have too little, and the cat's ears are smooth. Nor do a
bright portrait's edges before black stay where they are when gamma changes: half a pixel, on the astronaut."""
SMALLEST = 64.0
"""Portraits are at least this large in both pictures (root of the area, pixels): below it nothing is promised."""

bounded = settings(deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow])


@cache
def _photo(name: str) -> Rgb:
    """Return a photo whose levels leave room for a constant to be added."""
    rgb = procedural(int(name[-1])) if name.startswith("made") else photo(name)
    return (30 + rgb * (195 / 255)).astype(np.uint8)


@dataclass(frozen=True)
class Made:
    """How a designer image is made: what a failing example shows."""

    photo: str
    head: float
    scale: float
    turn: float
    mirrored: bool
    at: tuple[float, float]
    background: str

    def pair(self) -> Truth:
        """Make it."""
        return cut_out(
            _photo(self.photo),
            head=self.head,
            scale=self.scale,
            turn=self.turn,
            mirrored=self.mirrored,
            at=self.at,
            background=self.background,
        )


@st.composite
def makings(draw: st.DrawFn, largest_scale: float) -> Made:
    """A portrait of any size, turn, scale, mirror state and place in a photo."""
    name = draw(st.sampled_from(sorted(PHOTOS)))
    head = draw(st.floats(90, 0.7 * min(_photo(name).shape[:2])))
    scale = 0.4 * (min(largest_scale, head / SMALLEST) / 0.4) ** draw(st.floats(0, 1))
    turn, mirrored = draw(st.floats(-60, 60)), draw(st.booleans())
    at = draw(st.floats(0, 1)), draw(st.floats(0, 1))
    return Made(name, head, scale, turn, mirrored, at, draw(st.sampled_from(["alpha", "white"])))


def _find(pair: Truth) -> Result:
    return reconcile(pair.original, pair.designer, OPTIONS, lambda: None)


@settings(bounded, max_examples=28)
@given(makings(largest_scale=4.0))
def test_any_similarity_is_recovered(made: Made) -> None:
    """To so many original pixels; designer pixels, where those are the larger ones and so hold the less."""
    pair = made.pair()
    result = _find(pair)
    assert pair.error(result.placement) < PHOTOS[made.photo] * max(made.scale, 1)
    assert result.placement is not None
    assert result.confidence > 0.9


def test_a_near_miss_is_not_clear() -> None:
    """Three quarters of the tiles agree, the finest detail does not; the truth agrees wholly: look again."""
    made = Made("coffee", 90.0, 0.4, -45.72, False, (0.471, 0.471), "white")
    pair = made.pair()
    result = _find(pair)
    assert pair.error(result.placement) < 1 or result.confidence < 0.9


EDITS: dict[str, Callable[[Rgb, float], Rgb]] = {
    "channels": lambda rgb, share: rgb[..., [2, 0, 1] if share < 0.5 else [2, 1, 0]],
    "inverted": lambda rgb, share: 255 - rgb,
    "constant": lambda rgb, share: (rgb + (60 * share - 30)).astype(np.uint8),
    "gamma": lambda rgb, share: np.rint(255 * (rgb / 255) ** (2 ** (2 * share - 1))).astype(np.uint8),
}


@settings(bounded, max_examples=20)
@given(makings(largest_scale=1.0), st.sampled_from(sorted(EDITS)), st.floats(0, 1))
def test_recolouring_changes_nothing(made: Made, edit: str, share: float) -> None:
    """Or hardly anything: unedited, the same portraits are found to a tenth of a pixel."""
    pair = made.pair()
    recoloured = replace(pair, designer=picture(EDITS[edit](pair.designer.rgb, share), pair.designer.alpha))
    result = _find(recoloured)
    assert recoloured.error(result.placement) < 0.2
    assert result.confidence > 0.9
