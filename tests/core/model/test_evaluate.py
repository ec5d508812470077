"""Measuring by hand-made answers."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import numpy as np
import pytest

from core.errors import UsageProblem
from core.images.io import Limits
from core.model import centre_bias, evaluate
from core.model.card import ModelCard
from core.model.deepgaze import mark
from core.model.raw_map import RawMap, normalised
from tests.core.model.deepgaze_case import discs

_LIMITS = Limits(100, 100)


def _truth(size: int = 60) -> np.ndarray:
    truth = np.zeros((size, size), np.uint8)
    truth[size // 4 : size // 2, size // 4 : size // 2] = 255
    return truth


def _raw(truth: np.ndarray, contrast: float) -> RawMap:
    score = (truth / np.float32(255)).astype(np.float32)
    return RawMap(score, normalised(contrast * score))


def _answer(truth: np.ndarray, mask: np.ndarray, contrast: float = 9.0) -> evaluate.Answer:
    return evaluate.Answer("a", mask, (mask / np.float32(255)).astype(np.float32), _raw(truth, contrast), truth)


def test_the_right_answer_scores_full() -> None:
    truth = _truth()
    score = evaluate.score([_answer(truth, truth)], centre_bias.flat())
    assert (score.photos, score.iou, score.dice, score.boundary_f) == (1, 1, 1, 1)
    assert {iou for _, iou in score.curve} == {1.0}
    # nearly all density lies in 225 of 3600 cells, one sixteenth: four bits better than knowing nothing
    assert score.information_gain_bits == pytest.approx(4, abs=0.1)
    assert score.nll == pytest.approx(np.log(10_000 / 16), abs=0.1)


def test_half_an_answer_scores_half() -> None:
    truth = _truth()
    mask = truth.copy()
    mask[:, 22:] = 0
    score = evaluate.score([_answer(truth, mask), _answer(truth, truth)], centre_bias.flat())
    assert score.iou == pytest.approx((7 / 15 + 1) / 2) and score.by_photo[0][1] == pytest.approx(7 / 15)
    assert score.boundary_f < 1


@pytest.mark.parametrize("size", [20, 60, 240])
def test_the_nll_is_the_same_on_every_grid(size: int) -> None:
    truth = _truth(size)
    assert evaluate.nll(_raw(truth, 4.0).log_density, truth) == pytest.approx(
        evaluate.nll(_raw(_truth(), 4.0).log_density, _truth())
    )


def test_the_curve_is_what_cutting_gives() -> None:
    rng = np.random.default_rng(1)
    probability = rng.uniform(size=(30, 40)).astype(np.float32)
    truth = (rng.uniform(size=(30, 40)) < probability).astype(np.uint8) * 255
    at = np.array([0.25, 0.5, 0.9])
    cuts = [(probability >= t, truth >= 128) for t in at]
    assert evaluate.overlap_at(probability, truth, at) == pytest.approx(
        [(c & k).sum() / (c | k).sum() for c, k in cuts]
    )


def test_pictures_that_a_read_out_was_trained_on_are_left_out(tmp_path: Path) -> None:
    examples = discs(tmp_path, 6)
    rng = np.random.default_rng(1)
    lines = [
        f"{example.image.name},{person},{order},{x:.1f},{y:.1f}"
        for example in examples
        for person in range(3)
        for order, (x, y) in enumerate(rng.uniform(5, 60, (5, 2)))
    ]
    table = tmp_path / "fixations.csv"
    table.write_text("\n".join(["image,subject,order,x,y", *lines]))
    card = ModelCard("m", "deepgaze2", "vgg16", "", "", "", "", 0, 2)
    card.options["seen"] = [mark(example.image.name) for example in examples[:2]]
    strange, known = evaluate.pictures_for(card, table, tmp_path / "images")
    assert [len(strange), len(known)] == [4, 2]
    assert {mark(picture.name) for picture in known} == set(card.options["seen"])
    card.options["seen"] = "nonsense"
    assert len(evaluate.pictures_for(card, table, tmp_path / "images")[0]) == 6


class _Model:
    """Predicts what a file beside says; stands for :class:`core.model.predict.Model`."""

    def predict(self, photo: np.ndarray) -> object:
        red = photo[..., 0].astype(float) > photo[..., 1].astype(float) + 60
        probability = red.astype(np.float32)
        density = normalised(4 * probability)

        class Found:
            raw = RawMap(probability, density)

            def mask(self) -> np.ndarray:
                return red.astype(np.uint8) * 255

        found = Found()
        found.probability = probability  # type: ignore[attr-defined]
        return found


def test_photos_with_masks_are_measured(tmp_path: Path) -> None:
    examples = discs(tmp_path, 3)
    score = evaluate.on_masks(_Model(), examples, _LIMITS, lambda *_: None)  # type: ignore[arg-type]
    assert score.photos == 3 and score.iou > 0.9 and score.information_gain_bits > 0.3
    with pytest.raises(UsageProblem):
        evaluate.on_masks(_Model(), [], _LIMITS, lambda *_: None)  # type: ignore[arg-type]
    (tmp_path / "masks" / "000.png").write_bytes((tmp_path / "masks" / "001.png").read_bytes())
    with pytest.raises(UsageProblem, match=r"000\.png"):
        evaluate.on_masks(_Model(), examples, _LIMITS, lambda *_: None)  # type: ignore[arg-type]


def test_however_many_photos_there_are_few_are_in_memory(tmp_path: Path) -> None:
    kept: list[weakref.ref[object]] = []

    class Watched(_Model):
        def predict(self, photo: np.ndarray) -> object:
            gc.collect()  # the answers of this model are classes, which know themselves
            assert sum(one() is not None for one in kept) <= 1
            found = super().predict(photo)
            kept.append(weakref.ref(found.probability))  # type: ignore[attr-defined]
            return found

    assert evaluate.on_masks(Watched(), discs(tmp_path, 6), _LIMITS, lambda *_: None).photos == 6  # type: ignore[arg-type]
    assert len(kept) == 6
