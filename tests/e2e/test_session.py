"""A person's session, small: masks and placements of made pictures corrected through ``main`` by keys and mouse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from hands_acts import MaskTask, PlaceTask, play
from hands_gestures import next_gesture
from pytestqt.qtbot import QtBot
from skimage import data

from core.domain import Decision, ImageRef, MaskSource, Pair, Placement, Reconciliation
from core.edits import AddPair, Initiator, Origin
from core.images.io import encode_mask
from core.images.source import hash_file
from core.jobs import pool
from core.jobs.work import deriving
from core.maths.masks import iou
from core.store.base import Store
from core.store.opening import create_project, open_project
from tests.e2e.conftest import press_undo_until_all_is_taken_back

WIDTH, HEIGHT, SIDE = 320, 240, 180
TRUE = Placement(0.8, 12.0, False, 96.0, 40.0)
WRONG = Placement(0.72, 0.0, False, 125.0, 40.0)


@pytest.fixture(autouse=True)
def children() -> Iterator[None]:
    """Let no child process outlive the test."""
    yield
    pool.shut_down()


def _truth() -> np.ndarray:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.ellipse(mask, (150, 120), (80, 70), 0, 0, 360, 255, -1)
    return mask


def _wrong() -> np.ndarray:
    """A hole, a part that is missing, one too many, and on the left an edge that lies too far inside."""
    mask = _truth()
    mask[:, :150] = cv2.erode(mask, np.ones((5, 5), np.uint8))[:, :150]
    cv2.circle(mask, (150, 120), 16, 0, -1)
    cv2.rectangle(mask, (200, 60), (240, 110), 0, -1)
    cv2.circle(mask, (260, 180), 22, 255, -1)
    return mask


def _file(path: Path, pixels: np.ndarray) -> ImageRef:
    path.parent.mkdir(exist_ok=True)
    cv2.imwrite(str(path), pixels)
    return ImageRef(str(path), hash_file(path), pixels.shape[1], pixels.shape[0])


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """One photo alone with a wrong mask, three pairs with a wrong placement."""
    photo = np.ascontiguousarray(data.chelsea()[20 : 20 + HEIGHT, 60 : 60 + WIDTH, ::-1])
    turned = np.array(TRUE.matrix())
    designer = cv2.warpAffine(photo, turned, (SIDE, SIDE), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    outside = np.ones((SIDE, SIDE), np.uint8)
    cv2.circle(outside, (90, 90), 80, 0, -1)
    designer[outside > 0] = 255
    store = create_project(tmp_path / "project", "anna")
    mask = store.put_mask(encode_mask(_wrong()), WIDTH, HEIGHT)
    found = Reconciliation("pawtrait", None, 0.5, "Made.", 0.1, mask)
    pairs = [Pair(0, "mask", _file(tmp_path / "photos" / "mask.png", photo), None, found)]
    for number in range(3):
        original = _file(tmp_path / "photos" / f"{number}.png", np.roll(photo, number, axis=2))
        drawn = _file(tmp_path / "designers" / f"{number}.png", np.roll(designer, number, axis=2))
        pairs.append(Pair(0, f"place {number}", original, drawn, Reconciliation("pawtrait", WRONG, 0.3, "Made.", 0.1)))
    store.apply([AddPair(pair) for pair in pairs], Initiator("anna", Origin.JOB))
    store.close()
    return tmp_path / "project"


def _mask(store: Store, pair: Pair) -> np.ndarray:
    made_of = deriving.ingredients(pair)
    assert made_of is not None
    return deriving.read(store, made_of).mask()


@pytest.mark.slow
def test_masks_and_placements_are_corrected_by_keys_and_mouse(project: Path, qtbot: QtBot) -> None:
    ways = ("handles, then keys", "four landmarks", "a rough drag, solve from here")
    places = [PlaceTask(f"place {number}", TRUE, way) for number, way in enumerate(ways)]
    *placed, masked = play(project, [MaskTask("mask", _truth())], places)
    for one in placed:
        assert one.before > 20, one
        assert one.after < 3, one
    assert masked.before < 0.85
    assert masked.after > 0.97
    assert {"fill", "lasso", "edge brush"} <= {word.split(" ", 1)[1] for word in masked.way.split(", ")}
    store = open_project(project, "anna")
    try:
        pair = next(one for one in store.pairs(store.pair_ids()) if one.name == "mask")
        assert (pair.review.decision, pair.review.source) == (Decision.CORRECTED, MaskSource.RECIPE)
        assert iou(_mask(store, pair), _truth()) == pytest.approx(masked.after, abs=1e-3)
    finally:
        store.close()
    press_undo_until_all_is_taken_back(project)
    store = open_project(project, "anna")
    try:
        for pair in store.pairs(store.pair_ids()):
            assert (pair.recipe, pair.review.decision) == (None, Decision.UNDECIDED), pair.name
            if pair.name == "mask":
                assert np.array_equal(_mask(store, pair), _wrong())
            else:
                assert pair.placement == WRONG
    finally:
        store.close()


def test_a_person_fills_a_hole_goes_around_a_lump_and_paints_along_an_edge() -> None:
    truth = _truth()
    hole = truth.copy()
    cv2.circle(hole, (140, 110), 8, 0, -1)
    lump = truth.copy()
    cv2.circle(lump, (60, 60), 22, 255, -1)
    thin = cv2.erode(truth, np.ones((5, 5), np.uint8))
    found = [next_gesture(mask, truth, 2.0) for mask in (hole, lump, thin, truth)]
    assert [one and (one.tool, one.adds) for one in found] == [
        ("tool_fill", True),
        ("tool_lasso", False),
        ("tool_brush", True),
        None,
    ]
