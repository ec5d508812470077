"""Whatever similarity made the designer image is recovered, and recolouring changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.maths.metrics import corner_error
from core.maths.warp import affine_from_matrix
from core.reconcile.options import ReconcileOptions
from core.reconcile.pipeline import reconcile
from core.reconcile.result import Result
from tests.core.reconcile.conftest import Rgb, Truth, cut_out, photo, picture, procedural

OPTIONS = ReconcileOptions(device="cpu", max_rotation_deg=60.0)
PHOTOS = ("chelsea", "astronaut", "coffee", "made 1", "made 2")
"""The rocket is left out: most of what could be cut from its sky has no texture."""
SMALLEST = 64.0
"""Portraits are at least this large in both pictures (root of the area, pixels): below it nothing is promised."""

bounded = settings(deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow])


@cache
def _photo(name: str) -> Rgb:
    """Return a photo whose levels leave room for a constant to be added."""
    rgb = procedural(int(name[-1])) if name.startswith("made") else photo(name)
    return (30 + rgb * (195 / 255)).astype(np.uint8)


@st.composite
def pairs(draw: st.DrawFn, largest_scale: float) -> tuple[Truth, float]:
    """A portrait of any size, turn, scale, mirror state and place in a photo; and the scale."""
    rgb = _photo(draw(st.sampled_from(PHOTOS)))
    head = draw(st.floats(90, 0.7 * min(rgb.shape[:2])))
    scale = 0.4 * (min(largest_scale, head / SMALLEST) / 0.4) ** draw(st.floats(0, 1))
    pair = cut_out(
        rgb,
        head=head,
        scale=scale,
        turn=draw(st.floats(-60, 60)),
        mirrored=draw(st.booleans()),
        at=(draw(st.floats(0, 1)), draw(st.floats(0, 1))),
        background=draw(st.sampled_from(["alpha", "white"])),
    )
    return pair, scale


def _find(pair: Truth) -> Result:
    return reconcile(pair.original, pair.designer, OPTIONS, lambda: None)


@settings(bounded, max_examples=40)
@given(pairs(largest_scale=4.0))
def test_any_similarity_is_recovered(made: tuple[Truth, float]) -> None:
    """To a tenth of an original pixel; of a designer pixel, where those are the larger ones and so hold the less."""
    pair, scale = made
    result = _find(pair)
    assert pair.error(result.placement) < 0.1 * max(scale, 1)
    assert result.placement is not None
    assert result.confidence > 0.9


EDITS: dict[str, Callable[[Rgb, float], Rgb]] = {
    "channels": lambda rgb, share: rgb[..., [2, 0, 1] if share < 0.5 else [2, 1, 0]],
    "inverted": lambda rgb, share: 255 - rgb,
    "constant": lambda rgb, share: (rgb + (60 * share - 30)).astype(np.uint8),
    "gamma": lambda rgb, share: np.rint(255 * (rgb / 255) ** (2 ** (2 * share - 1))).astype(np.uint8),
}


@settings(bounded, max_examples=24)
@given(pairs(largest_scale=1.0), st.sampled_from(sorted(EDITS)), st.floats(0, 1))
def test_recolouring_changes_nothing(made: tuple[Truth, float], edit: str, share: float) -> None:
    pair, _ = made
    recoloured = replace(pair, designer=picture(EDITS[edit](pair.designer.rgb, share), pair.designer.alpha))
    one, other = _find(pair).placement, _find(recoloured).placement
    assert one is not None
    assert other is not None
    found = [affine_from_matrix(placement.matrix()) for placement in (one, other)]
    assert corner_error(found[0], found[1], (pair.designer.width, pair.designer.height)) < 0.2
