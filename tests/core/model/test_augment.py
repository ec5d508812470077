"""Training views: photo, mask and the edge of the photo move together."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from core.model import augment
from core.model.augment import View
from tests.core.model.conftest import discs

Make = Callable[..., View]
KINDS = [augment.whole, augment.head]


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """The photo's colours stay as they are."""
    monkeypatch.setattr(augment, "recoloured", lambda photo, _: photo)


def _smooth() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """A photo whose red is its mask, and a mask that is soft enough for every resize to agree."""
    _, mask = discs(150, 210, (120, 60, 34), (90, 80, 20))
    soft = cv2.GaussianBlur(mask, (0, 0), 4).astype(np.uint8)
    photo = np.dstack([soft, np.full_like(soft, 255), np.zeros_like(soft)])
    return photo, soft


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("seed", range(12))
@pytest.mark.usefixtures("plain")
def test_the_mask_lies_where_the_photo_shows_it(make: Make, seed: int) -> None:
    photo, mask = _smooth()
    view = make(photo, mask, 128, np.random.default_rng(seed))
    assert view.photo.shape == (128, 128, 3) and view.mask.shape == view.inside.shape == (64, 64)
    # Area means of 2 x 2 pixels have their centres where the cells of the half grid have theirs.
    seen = cv2.resize(view.photo[..., 0], (64, 64), interpolation=cv2.INTER_AREA) / 255
    within = cv2.erode(view.inside, np.ones((3, 3))) > 0
    assert within.sum() > 300
    assert np.abs(seen - view.mask)[within].max() < 0.25  # of a photo that shrinks, the finest detail is blurred
    assert np.abs(seen - view.mask)[within].mean() < 0.015
    assert np.abs(np.mean((seen - view.mask)[within])) < 0.004


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.usefixtures("plain")
def test_half_a_cell_would_be_seen(make: Make) -> None:
    """The comparison above tells a shift of half a pixel of the view."""
    photo, mask = _smooth()
    gaps = []
    for shift in (0.0, 0.5):
        moved = np.array([[1.0, 0, shift], [0, 1, shift]])
        errors = []
        for seed in range(6):
            view = make(photo, mask, 128, np.random.default_rng(seed))
            other = cv2.warpAffine(view.mask, moved, (64, 64))
            seen = cv2.resize(view.photo[..., 0], (64, 64), interpolation=cv2.INTER_AREA) / 255
            errors.append(np.abs(seen - other)[cv2.erode(view.inside, np.ones((5, 5))) > 0].mean())
        gaps.append(np.mean(errors))
    assert gaps[1] > 2 * gaps[0]


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.usefixtures("plain")
def test_inside_is_where_the_photo_is(make: Make, seed: int) -> None:
    photo = np.full((100, 160, 3), 7, np.uint8)
    _, mask = discs(100, 160, (30, 30, 25))
    view = make(photo, mask, 96, np.random.default_rng(seed))
    same = cv2.resize((view.photo == 7).all(-1).astype(np.float32), (48, 48), interpolation=cv2.INTER_AREA)
    assert (same[view.inside > 0] > 0.2).all()
    assert (view.inside[same == 1] == 1).mean() > 0.97 if (same == 1).any() else True


@pytest.mark.parametrize("make", KINDS)
def test_one_seed_gives_one_view(make: Make) -> None:
    photo, mask = discs(90, 70, (30, 40, 15))
    one, same, other = (make(photo, mask, 64, np.random.default_rng(seed)) for seed in (5, 5, 6))
    for name in ("photo", "mask", "inside"):
        assert np.array_equal(getattr(one, name), getattr(same, name))
    assert not np.array_equal(one.photo, other.photo)


@pytest.mark.parametrize("size", [(1, 1), (3, 400), (400, 3), (37, 41)])
@pytest.mark.parametrize("fill", [0, 255])
@pytest.mark.parametrize("make", KINDS)
def test_odd_photos_and_masks_of_one_kind_give_a_view(make: Make, size: tuple[int, int], fill: int) -> None:
    photo = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    for seed in range(3):
        view = make(photo, np.full(size, fill, np.uint8), 64, np.random.default_rng(seed))
        assert np.isfinite(view.mask).all() and view.mask.min() >= 0 and view.mask.max() <= 1
        assert set(np.unique(view.inside)) <= {0.0, 1.0}


def test_a_head_fills_its_view_as_the_second_stage_will_see_it() -> None:
    photo, mask = discs(400, 600, (150, 220, 60))
    shares = []
    for seed in range(20):
        view = augment.head(photo, mask, 128, np.random.default_rng(seed))
        ys, xs = np.nonzero(view.mask > 0.5)
        shares.append((max(np.ptp(xs), np.ptp(ys)) + 1) / 64)
        assert abs(np.mean(xs) - 31.5) < 16 and abs(np.mean(ys) - 31.5) < 16
    assert min(shares) > 0.4 and 0.55 < np.median(shares) < 0.85


def test_views_are_mirrored_half_of_the_time() -> None:
    photo, mask = discs(80, 80, (20, 40, 12))
    mask[:, 20:] = 0  # half a disc, flat on its right
    left = 0
    for seed in range(40):
        view = augment.head(photo, mask, 64, np.random.default_rng(seed))
        columns = view.mask.sum(0)
        left += int(np.argmax(columns) < np.average(np.arange(32), weights=columns))
    assert 8 < left < 32


def test_other_light_changes_colours_but_not_the_picture() -> None:
    photo, mask = discs(60, 60, (30, 30, 18), background=60, foreground=180)
    for seed in range(30):
        found = augment.recoloured(photo, np.random.default_rng(seed))
        assert found.dtype == np.uint8 and found.shape == photo.shape
        assert found[mask > 0].mean() > found[mask == 0].mean()


@pytest.mark.parametrize(("fill", "box"), [(0, (0, 0, 9, 7)), (255, (0, 0, 9, 7))])
def test_the_box_of_an_empty_mask_is_the_photo(fill: int, box: augment.Box) -> None:
    assert augment.box_of(np.full((7, 9), fill, np.uint8)) == box


def test_the_box_is_exclusive_on_the_right_and_below() -> None:
    mask = np.zeros((7, 9), np.uint8)
    mask[2:4, 5] = 128
    assert augment.box_of(mask) == (5, 2, 6, 4)
