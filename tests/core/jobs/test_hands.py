"""Masks through jobs: opened, compared with another model's, fur, edges, and exports and examples of recipes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from core.domain import (
    CleanUp,
    CleanUpKind,
    Decision,
    MaskRef,
    MaskSource,
    Pair,
    Placement,
    Prediction,
    Reconciliation,
    Review,
    Stroke,
)
from core.edits import AddPair, Initiator, SetPrediction, SetReconciliation, SetReview, cleaned_up, painted, placed
from core.errors import Cancelled, FileProblem, UsageProblem
from core.images.io import decode_mask, encode_mask, encode_patch
from core.jobs import inline
from core.jobs.answers import OpenedMask
from core.jobs.hands import EstimateColours, LoadMaskOf, MaskProposal, MatteMask, OpenMask, SetEdge, SnapPath
from core.jobs.services import Services
from core.jobs.specs import ExportPairs
from core.jobs.work import deriving, hands
from core.jobs.work.examples import examples_of
from core.maths.patches import PaintedLayer, Patch

ANN = Initiator("ann")
WIDTH, HEIGHT = 160, 120
HERE = Placement(1.0, 0.0, False, 0.0, 0.0)


def _disc(radius: int = 30) -> np.ndarray:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.circle(mask, (80, 60), radius, 255, -1)
    return mask


def _photo() -> np.ndarray:
    """A soft bright disc before a dark, noisy background."""
    soft = cv2.GaussianBlur(_disc(33), (0, 0), 2.0).astype(np.float32)[..., None] / 255
    noise = np.random.default_rng(0).normal(0, 4, (HEIGHT, WIDTH, 3))
    rgb = soft * (220, 180, 140) + (1 - soft) * (40, 70, 90) + noise
    return np.clip(rgb, 0, 255).astype(np.uint8)


@pytest.fixture
def pair(services: Services, tmp_path: Path, reference: Any) -> Pair:
    """A photo with a designer image that has an alpha, a reconciliation and a prediction of another disc."""
    store = services.project()
    Image.fromarray(_photo()).save(tmp_path / "o.png")
    Image.fromarray(np.dstack([_photo(), cv2.GaussianBlur(_disc(33), (0, 0), 3.0)])).save(tmp_path / "d.png")
    refs = reference(tmp_path / "o.png"), reference(tmp_path / "d.png")
    (number,) = store.apply([AddPair(Pair(0, "rex", *refs))], ANN).pair_ids
    mask = store.put_mask(encode_mask(_disc()), WIDTH, HEIGHT)
    store.apply([SetReconciliation(number, None, Reconciliation("pawtrait", HERE, 0.9, "", 0.1, mask))], ANN)
    found = store.put_mask(encode_mask(_disc(20)[::2, ::2]), WIDTH // 2, HEIGHT // 2)
    said = Prediction("pawtrait", "0" * 12, found, 0.5, (0.4, 0.6), 0.9, 1.0, "", 0.1)
    store.apply([SetPrediction(number, None, said)], ANN)
    return store.pairs([number])[0]


Paint = Callable[..., Pair]


@pytest.fixture
def paint(services: Services) -> Paint:
    """Paint a square on a pair's mask, as the desk does, and return the pair after it."""

    def paint_square(pair: Pair, left: int = 5, top: int = 5, value: int = 255) -> Pair:
        store = services.project()
        opened = inline.run(OpenMask(pair), services, _Quiet())
        assert isinstance(opened, OpenedMask)
        box = left, top, left + 12, top + 12
        patch = opened.layer.stroke(box, np.full((12, 12), 255, np.uint8), value)
        assert patch is not None
        height, width = patch.planes.shape
        kept = store.put_mask(encode_patch(patch.planes), width, height)
        store.apply(painted(pair, Stroke(patch.left, patch.top, kept, "brush")), ANN)
        return store.pairs([pair.id])[0]

    return paint_square


class _Quiet:
    def progress(self, done: int, total: int, label: str = "") -> None: ...
    def check(self) -> None: ...
    def partial(self, result: object) -> None: ...
    def log(self, message: str) -> None: ...


def test_a_mask_is_opened_painted_and_opened_again(services: Services, ctx: Any, pair: Pair, paint: Paint) -> None:
    opened = inline.run(OpenMask(pair), services, ctx)
    assert isinstance(opened, OpenedMask)
    assert np.array_equal(opened.layer.over(opened.base), _disc())
    edited = paint(paint(pair), 70, 50, 0)
    assert edited.recipe is not None
    assert [stroke.box for stroke in edited.recipe.strokes] == [(5, 5, 17, 17), (70, 50, 82, 62)]
    wanted = _disc()
    wanted[5:17, 5:17] = 255
    wanted[50:62, 70:82] = 0
    opened = inline.run(OpenMask(edited), services, ctx)
    assert isinstance(opened, OpenedMask)
    assert np.array_equal(opened.base, _disc())
    assert np.array_equal(opened.layer.over(opened.base), wanted)
    layer = inline.run(LoadMaskOf(edited), services, ctx)
    assert np.array_equal(layer.levels[0], wanted)  # type: ignore[attr-defined]
    assert layer.area == np.count_nonzero(wanted)  # type: ignore[attr-defined]


def test_another_base_is_cleaned_up_and_painted_on_alike(
    services: Services, ctx: Any, pair: Pair, paint: Paint
) -> None:
    store, edited = services.project(), paint(pair)
    store.apply(cleaned_up(edited, (CleanUp(CleanUpKind.GROW, 4.0),)), ANN)
    edited = store.pairs([pair.id])[0]
    assert edited.recipe is not None
    other = replace(edited, recipe=replace(edited.recipe, base=MaskSource.PREDICTION))
    areas = []
    for one in (edited, other):
        layer = inline.run(LoadMaskOf(one, outline_only=True), services, ctx)
        assert layer.levels == ()  # type: ignore[attr-defined]
        areas.append(layer.area - 144)  # type: ignore[attr-defined]
    assert areas == pytest.approx([np.pi * 34.5**2, np.pi * 24.5**2], rel=0.05)


def test_a_pair_without_a_mask_opens_black(services: Services, ctx: Any, pair: Pair, paint: Paint) -> None:
    bare = replace(pair, reconciliation=None, prediction=None)
    assert inline.run(LoadMaskOf(bare), services, ctx) is None
    opened = inline.run(OpenMask(bare), services, ctx)
    assert isinstance(opened, OpenedMask)
    assert opened.base.shape == (HEIGHT, WIDTH)
    assert not opened.base.any()


def test_editing_goes_on_with_the_recipe_whatever_the_review_is_about(
    services: Services, ctx: Any, pair: Pair, paint: Paint
) -> None:
    edited = replace(paint(pair), review=Review(source=MaskSource.PREDICTION))
    opened = inline.run(OpenMask(edited), services, ctx)
    assert isinstance(opened, OpenedMask)
    assert opened.layer.cover.any()
    shown = inline.run(LoadMaskOf(edited), services, ctx)
    assert shown.levels[0][10, 10] == 0  # type: ignore[attr-defined]


def test_what_is_not_there_makes_no_mask(pair: Pair, paint: Paint) -> None:
    edited = paint(pair)
    assert deriving.ingredients(replace(edited, reconciliation=None)) is None
    assert deriving.ingredients(replace(pair, prediction=None), MaskSource.PREDICTION) is None
    assert deriving.ingredients(pair, MaskSource.RECIPE) is None
    one, other = deriving.ingredients(edited), deriving.ingredients(pair)
    assert one is not None
    assert other is not None
    assert one.key != other.key
    assert (one.is_file, other.is_file) == (False, True)


def test_a_damaged_stroke_is_a_sentence(services: Services, ctx: Any, pair: Pair) -> None:
    store = services.project()
    for png in (b"no picture", encode_patch(np.zeros((2, WIDTH + 1), np.uint8))):
        kept = store.put_mask(png, 5, 10)
        (first, *rest) = painted(pair, Stroke(0, 0, kept, "brush"))
        store.apply([first, *rest], ANN)
        with pytest.raises(FileProblem):
            inline.run(OpenMask(store.pairs([pair.id])[0]), services, ctx)
        edited = store.pairs([pair.id])[0]
        store.apply([edit.inverse() for edit in reversed(painted(pair, Stroke(0, 0, kept, "brush")))], ANN)
        assert edited.recipe is not None


@pytest.mark.usefixtures("in_process")
def test_exports_and_examples_are_of_the_recipes_mask(
    services: Services, ctx: Any, pair: Pair, paint: Paint, tmp_path: Path
) -> None:
    store, edited = services.project(), paint(pair)
    about = Review(Decision.CORRECTED, source=MaskSource.RECIPE)
    store.apply([SetReview(pair.id, edited.review, about)], ANN)
    report = inline.run(ExportPairs("masks", str(tmp_path / "out")), services, ctx)
    assert report.written == 1  # type: ignore[attr-defined]
    written = np.array(Image.open(tmp_path / "out" / "rex.png"))
    assert (written[5:17, 5:17] == 255).all()
    assert np.array_equal(written[20:], _disc()[20:])
    (example,), failures = examples_of(store, tmp_path / "examples", ctx)
    assert failures == []
    assert np.array_equal(np.array(Image.open(example.mask)), written)
    before = example.mask
    paint(store.pairs([pair.id])[0], 100, 100)
    (example,), _ = examples_of(store, tmp_path / "examples", ctx)
    assert example.mask != before


@pytest.mark.usefixtures("in_process")
def test_a_mask_that_lags_behind_its_placement_leaves_no_project(
    services: Services, ctx: Any, pair: Pair, tmp_path: Path
) -> None:
    store = services.project()
    store.apply([SetReview(pair.id, pair.review, Review(Decision.ACCEPTED))], ANN)
    store.apply(placed(pair, replace(HERE, tx=9.0)), ANN)
    report = inline.run(ExportPairs("masks", str(tmp_path / "out")), services, ctx)
    assert report.written == 0  # type: ignore[attr-defined]
    assert "older than its placement" in report.failures[0].message  # type: ignore[attr-defined]
    examples, failures = examples_of(store, tmp_path / "examples", ctx)
    assert examples == []
    assert "older than its placement" in failures[0].message


@pytest.mark.usefixtures("in_process")
def test_the_designers_alpha_is_the_truth(services: Services, ctx: Any, pair: Pair) -> None:
    answer = inline.run(MatteMask(pair, 8.0), services, ctx)
    assert isinstance(answer, MaskProposal)
    assert "own alpha" in answer.words
    truth = cv2.GaussianBlur(_disc(33), (0, 0), 3.0)
    left, top, right, bottom = answer.box
    away = np.abs(np.hypot(*(np.indices((HEIGHT, WIDTH)) - np.array([60, 80])[:, None, None])) - 30)
    band = (away < 6)[top:bottom, left:right]
    assert np.abs(answer.mask[band].astype(int) - truth[top:bottom, left:right][band]).max() <= 2
    far = (away > 12)[top:bottom, left:right]
    assert np.array_equal(answer.mask[far], _disc()[top:bottom, left:right][far])


@pytest.mark.usefixtures("in_process")
def test_what_was_painted_on_is_not_in_the_alpha(services: Services, ctx: Any, pair: Pair) -> None:
    hat = np.zeros((HEIGHT, WIDTH), np.uint8)
    hat[:60] = 255
    kept = services.project().put_mask(encode_mask(hat), WIDTH, HEIGHT)
    assert pair.reconciliation is not None
    answer = inline.run(
        MatteMask(replace(pair, reconciliation=replace(pair.reconciliation, painted=kept)), 8.0), services, ctx
    )
    assert isinstance(answer, MaskProposal)
    assert answer.mask[30 - answer.box[1], 80 - answer.box[0]] == 0
    assert answer.mask[88 - answer.box[1], 80 - answer.box[0]] > 200


@pytest.mark.usefixtures("in_process")
def test_alpha_is_estimated_without_a_placement(services: Services, ctx: Any, pair: Pair, paint: Paint) -> None:
    alone = replace(pair, designer=None, reconciliation=None)
    answer = inline.run(MatteMask(alone, 18.0), services, ctx)
    assert isinstance(answer, MaskProposal)
    assert "Estimated" in answer.words
    truth = cv2.GaussianBlur(_disc(33), (0, 0), 2.0)
    left, top, right, bottom = answer.box
    assert np.abs(answer.mask.astype(int) - truth[top:bottom, left:right]).mean() < 4
    # Taken, it is a patch like any other.
    layer, base = PaintedLayer(WIDTH, HEIGHT), _disc(20)
    patch = layer.set(answer.box, answer.mask, base[top:bottom, left:right])
    assert isinstance(patch, Patch)
    layer.apply(patch)
    assert np.array_equal(layer.over(base, answer.box), answer.mask)


@pytest.mark.usefixtures("in_process")
def test_a_first_look_comes_before_what_takes_longer(
    services: Services, ctx: Any, pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = replace(pair, designer=None, reconciliation=None)
    inline.run(MatteMask(alone, 18.0), services, ctx)
    assert ctx.partials == [], "a small band is answered at once"
    monkeypatch.setattr(hands, "FIRST_LOOK", 1500)
    answer = inline.run(MatteMask(alone, 18.0), services, ctx)
    (first,) = ctx.of(MaskProposal)
    assert isinstance(answer, MaskProposal)
    assert first.box == answer.box
    truth = cv2.GaussianBlur(_disc(33), (0, 0), 2.0)[answer.box[1] : answer.box[3], answer.box[0] : answer.box[2]]
    errors = [np.abs(one.mask.astype(int) - truth).mean() for one in (answer, first)]
    assert max(errors) < 4
    assert not np.array_equal(first.mask, answer.mask)
    ctx.partials.clear()
    inline.run(MatteMask(pair, 18.0), services, ctx)
    assert ctx.partials == [], "the designer image's own alpha needs no second look"


def test_colours_of_a_soft_edge_are_the_portraits_own(services: Services, ctx: Any) -> None:
    alpha = cv2.GaussianBlur(_disc(33), (0, 0), 6.0)
    share = alpha[..., None] / 255
    photo = np.rint(share * (220, 180, 140) + (1 - share) * (10, 60, 200)).astype(np.uint8)
    answer = inline.run(EstimateColours(photo, alpha), services, ctx)
    assert isinstance(answer, np.ndarray)
    soft = (alpha > 0) & (alpha < 255)
    assert np.array_equal(answer[..., 3] == 255, soft)
    assert not answer[~soft].any()
    seen = soft & (alpha > 40)
    assert np.abs(answer[seen][:, 2::-1].astype(int) - (220, 180, 140)).mean() < 12
    assert np.abs(photo[seen].astype(int) - (220, 180, 140)).mean() > 30, "the photo itself shows the old background"
    assert inline.run(EstimateColours(photo, _disc()), services, ctx) is None


@pytest.mark.usefixtures("in_process")
def test_fur_in_a_box_leaves_the_rest(services: Services, ctx: Any, pair: Pair) -> None:
    answer = inline.run(MatteMask(pair, 8.0, (80, 0, 160, 120)), services, ctx)
    assert isinstance(answer, MaskProposal)
    left, top, _, bottom = answer.box
    outside = answer.mask[:, : 80 - left]
    assert np.array_equal(outside, _disc()[top:bottom, left:80])
    for box in ((0, 0, 4, 4), (500, 500, 600, 600)):
        with pytest.raises(UsageProblem, match="no edge"):
            inline.run(MatteMask(pair, 8.0, box), services, ctx)


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("radius", [0.0, -3.0, float("nan"), 1e6])
def test_bands_that_make_no_sense(services: Services, ctx: Any, pair: Pair, radius: float) -> None:
    with pytest.raises(UsageProblem, match="band"):
        inline.run(MatteMask(pair, radius), services, ctx)
    with pytest.raises(UsageProblem, match="no mask"):
        inline.run(MatteMask(replace(pair, reconciliation=None, prediction=None), 8.0), services, ctx)


def test_fur_runs_in_a_child_and_can_be_cancelled(
    services: Services, cancelled_at: Any, pair: Pair, children: None
) -> None:
    with pytest.raises(Cancelled):
        inline.run(MatteMask(pair, 8.0), services, cancelled_at(1))


def test_edges_are_found_where_they_were_painted(services: Services, ctx: Any) -> None:
    rgb, mask = _photo()[20:100, 30:130], _disc(28)[20:100, 30:130]
    band = np.zeros_like(mask)
    cv2.circle(band, (50, 40), 31, 255, 14)
    answer = inline.run(SetEdge(30, 20, rgb, mask, band), services, ctx)
    assert isinstance(answer, MaskProposal)
    assert answer.box == (30, 20, 130, 100)
    radius = np.sqrt(np.count_nonzero(answer.mask >= 128) / np.pi)
    assert radius == pytest.approx(33, abs=1.5)
    stroke = np.zeros_like(mask)
    cv2.line(stroke, (76, 30), (76, 50), 255, 16)
    for adds in (True, False):
        answer = inline.run(SetEdge(30, 20, rgb, mask, stroke, adds, 8.0), services, ctx)
        assert isinstance(answer, MaskProposal)
        assert answer.mask[40, 76] == (255 if adds else 0)


def test_a_path_is_laid_onto_the_edge(services: Services, ctx: Any) -> None:
    turn = np.linspace(0, 2, 12)
    rough = np.stack([80 + 37 * np.cos(turn), 60 + 37 * np.sin(turn)], axis=1)
    path = inline.run(SnapPath(60, 30, _photo()[30:, 60:], rough, 7.0), services, ctx)
    assert isinstance(path, np.ndarray)
    assert np.abs(np.hypot(path[:, 0] - 80, path[:, 1] - 60) - 33).max() < 2.5


def test_masks_come_back_from_the_store_as_they_were_put(services: Services) -> None:
    planes = np.random.default_rng(0).integers(0, 2, (20, 9), dtype=np.uint8)
    ref = services.project().put_mask(encode_patch(planes), 9, 20)
    assert ref == MaskRef(ref.sha256, 9, 20)
    assert np.array_equal(decode_mask(services.project().mask_png(ref)), planes)
