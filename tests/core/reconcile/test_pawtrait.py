"""The method of this program finds what it should, knows what it does not, and answers alike each time."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray

from core.errors import DeviceProblem, UsageProblem
from core.maths.masks import iou
from core.reconcile.foreground import find_foreground
from core.reconcile.options import ReconcileOptions
from core.reconcile.pipeline import reconcile
from core.reconcile.placing import warped_foreground
from core.reconcile.result import Result
from tests.core.reconcile.conftest import photo, picture

Rgb = NDArray[np.uint8]
ROOT = Path(__file__).parents[3]
MakePair = Callable[..., Any]
OPTIONS = ReconcileOptions(device="cpu", max_rotation_deg=30.0)


def _run(pair: Any, options: ReconcileOptions = OPTIONS) -> Result:
    return reconcile(pair.original, pair.designer, options, lambda: None)


def _relit(rgb: Rgb) -> Rgb:
    light = np.linspace(0.6, 1.3, rgb.shape[1])[None, :, None]
    return np.clip(255 * (rgb / 255) ** 0.8 * light * (1.1, 1.0, 0.8), 0, 255).astype(np.uint8)


CASES = {
    "white": {"background": "white"},
    "turned": {"background": "flat", "turn": 23.0, "name": "astronaut"},
    "mirrored": {"background": "white", "mirrored": True, "turn": -11.0},
    "transparent": {"background": "alpha", "scale": 0.45, "name": "coffee", "size": (620, 560)},
    "gradient": {"background": "gradient", "name": "rocket"},
    "larger than the photo": {"background": "white", "scale": 0.3, "size": (760, 740)},
    "relit": {"background": "flat", "edit": _relit, "turn": 12.0},
    "negative": {"background": "flat", "edit": lambda rgb: 255 - rgb, "name": "astronaut"},
    "on another photo": {"background": "photo", "turn": 8.0, "edit": _relit},
}


@pytest.mark.parametrize("case", CASES)
def test_the_placement_is_found_to_a_tenth_of_a_pixel(case: str, make_pair: MakePair) -> None:
    arguments: dict[str, Any] = CASES[case]
    pair = make_pair(**arguments)
    result = _run(pair)
    assert pair.error(result.placement) < 0.1
    assert result.placement is not None
    assert result.placement.mirrored == arguments.get("mirrored", False)
    assert result.confidence > 0.9
    assert result.mask is not None
    assert result.mask.shape == pair.mask.shape
    assert iou(result.mask, pair.mask) > (0.9 if case == "on another photo" else 0.96)
    assert result.seconds > 0


def test_a_kept_background_is_placed_and_said_to_be_a_guess(make_pair: MakePair) -> None:
    pair = make_pair("chelsea", background="kept", turn=5.0, edit=_relit)
    result = _run(pair)
    assert pair.error(result.placement) < 0.5
    assert "guess" in result.reason
    assert result.mask is not None
    assert iou(result.mask, pair.mask) > 0.4


@pytest.mark.parametrize(
    ("original", "designer"), [("astronaut", "chelsea"), ("chelsea", "coffee"), ("rocket", "astronaut")]
)
def test_another_photo_is_no_match(original: str, designer: str, make_pair: MakePair) -> None:
    pair = replace(make_pair(designer), original=picture(photo(original)))
    result = _run(pair)
    assert result.placement is None
    assert result.mask is None
    assert result.confidence < 0.5
    assert result.reason


def test_a_placement_outside_of_the_options_is_not_found(make_pair: MakePair) -> None:
    turned = make_pair(turn=70.0)
    assert turned.error(_run(turned, replace(OPTIONS, max_rotation_deg=180.0)).placement) < 0.5
    mirrored = make_pair("coffee", mirrored=True)
    result = _run(mirrored, replace(OPTIONS, mirror=False))
    assert result.placement is None or not result.placement.mirrored


def test_what_was_painted_on_belongs_to_the_mask(make_pair: MakePair) -> None:
    pair = make_pair("astronaut", background="white")
    painted = pair.designer.rgb.copy()
    cv2.rectangle(painted, (150, 20), (280, 70), (30, 60, 200), -1)  # a hat above the head
    result = _run(replace(pair, designer=picture(painted)))
    assert pair.error(result.placement) < 0.5
    assert result.mask is not None
    x, y = (np.array([[215, 45]]) @ pair.affine[:2, :2].T + pair.affine[:2, 2])[0].round().astype(int)
    assert result.mask[y, x] >= 128


def test_a_white_portrait_on_white_is_not_eaten_away(make_pair: MakePair) -> None:
    def bleach(rgb: Rgb) -> Rgb:
        return np.clip(rgb.astype(np.float32) * 1.6, 0, 255).astype(np.uint8)

    pair = make_pair("astronaut", background="white", edit=bleach)
    behind = np.where(pair.mask[..., None] >= 128, pair.original.rgb, pair.original.rgb // 3)
    pair = replace(pair, original=picture(behind))
    result = _run(pair)
    assert pair.error(result.placement) < 0.7
    assert result.mask is not None
    sizes = (pair.designer.width, pair.designer.height), (pair.original.width, pair.original.height)
    by_border_colour = warped_foreground(find_foreground(pair.designer), pair.affine, *sizes)
    assert iou(result.mask, pair.mask) > max(0.85, iou(by_border_colour, pair.mask) + 0.01)


def test_large_originals_are_placed_in_their_own_pixels(make_pair: MakePair) -> None:
    pair = make_pair("chelsea", background="white", turn=10.0)
    large = cv2.resize(pair.original.rgb, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    result = reconcile(picture(np.asarray(large, np.uint8)), pair.designer, OPTIONS, lambda: None)
    assert result.placement is not None
    assert result.mask is not None
    assert result.mask.shape == large.shape[:2]
    x, y = result.placement.apply(200.0, 200.0)
    truth = pair.affine[:2, :2] @ (200.0, 200.0) + pair.affine[:2, 2]
    assert np.hypot(x - ((truth[0] + 0.5) * 4 - 0.5), y - ((truth[1] + 0.5) * 4 - 0.5)) < 2.0


def test_a_reduced_picture_answers_in_pixels_of_its_file(make_pair: MakePair) -> None:
    pair = make_pair("chelsea")
    reduced = replace(pair.original, full_width=2 * pair.original.width, full_height=2 * pair.original.height)
    one, two = _run(pair), _run(replace(pair, original=reduced))
    assert one.placement is not None
    assert two.placement is not None
    assert two.placement.scale == pytest.approx(2 * one.placement.scale)
    assert two.placement.tx == pytest.approx(2 * one.placement.tx + 0.5)


def test_twice_the_same_is_the_same(make_pair: MakePair) -> None:
    pair = make_pair("coffee", background="kept")
    one, two = _run(pair), _run(pair)
    assert one.placement == two.placement
    assert one.confidence == two.confidence
    assert one.mask is not None
    assert two.mask is not None
    assert (one.mask == two.mask).all()


def test_an_unknown_device_is_the_environments_fault(make_pair: MakePair) -> None:
    with pytest.raises(DeviceProblem):
        _run(make_pair(), replace(OPTIONS, device="abacus"))


def test_the_search_needs_no_torch() -> None:
    """Docs, decision 0005: without a GPU only the paper's method imports it; a pair takes less time than the import."""
    script = """
import sys
import numpy as np
from core.images.picture import Picture
from core.reconcile.options import ReconcileOptions
from core.reconcile.pipeline import reconcile

rgb = np.kron(np.random.default_rng(0).integers(0, 256, (30, 40, 3)), np.ones((8, 8, 1))).astype(np.uint8)
picture = Picture(rgb, None, 320, 240)
for device in ("cpu", "auto"):
    assert reconcile(picture, picture, ReconcileOptions(device=device), lambda: None).placement is not None
sys.exit("torch" in sys.modules or "torchvision" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", script], check=False, cwd=ROOT).returncode == 0


def test_an_unknown_method_is_a_usage_problem() -> None:
    one = picture(skimage.data.camera()[..., None].repeat(3, axis=2))
    with pytest.raises(UsageProblem):
        reconcile(one, one, ReconcileOptions(method="magic"), lambda: None)
