"""Priors from files: what is taken, and that anything else is one sentence and a remedy."""

from __future__ import annotations

import json
import math
import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.domain import Placement
from core.errors import FileProblem
from core.images.io import Limits
from core.jobs.priors import read_prior, record_of
from core.reconcile.prior import LandmarkPrior, MapPrior, PlacementPrior

PLACE = Placement(0.5, -30.0, True, 12.0, 7.5)


def _file(tmp_path: Path, content: str | bytes, name: str = "prior.json") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def _json(tmp_path: Path, told: object) -> Path:
    return _file(tmp_path, json.dumps(told))


def test_a_matrix_is_a_placement_with_the_usual_reach(tmp_path: Path, limits: Limits) -> None:
    prior = read_prior(_json(tmp_path, {"matrix": PLACE.matrix()}), limits)
    assert isinstance(prior, PlacementPrior)
    assert (prior.reach, prior.scale_factor, prior.turn_deg) == (
        *(PlacementPrior(PLACE).reach, PlacementPrior(PLACE).scale_factor, PlacementPrior(PLACE).turn_deg),
    )
    assert np.allclose(prior.placement.matrix(), PLACE.matrix())
    assert prior.placement.mirrored


def test_what_a_run_records_can_be_given_again(tmp_path: Path, limits: Limits) -> None:
    prior = PlacementPrior(PLACE, 0.5, 2.0, 10.0)
    again = read_prior(_json(tmp_path, record_of(prior)), limits)
    assert isinstance(again, PlacementPrior)
    assert (again.reach, again.scale_factor, again.turn_deg) == (0.5, 2.0, 10.0)
    assert np.allclose(again.placement.matrix(), PLACE.matrix())
    landmarks = LandmarkPrior(((0.0, 1.0, 2.0, 3.0), (4.0, 5.0, 6.0, 7.5)))
    assert read_prior(_json(tmp_path, record_of(landmarks)), limits) == landmarks


def test_priors_reach_the_child_that_searches() -> None:
    grey = MapPrior(np.full((2, 3), 0.5, np.float32))
    told = pickle.loads(pickle.dumps((PlacementPrior(PLACE), LandmarkPrior(((0.0, 1.0, 2.0, 3.0),)), grey)))
    assert told[:2] == (PlacementPrior(PLACE), LandmarkPrior(((0.0, 1.0, 2.0, 3.0),)))
    assert np.array_equal(told[2].probability, grey.probability)


def test_json_from_other_programs(tmp_path: Path, limits: Limits) -> None:
    text = '{"landmarks": [[0, 0, 5, 5], [9, 9, 30, 20.5]]}'
    wanted = LandmarkPrior(((0, 0, 5, 5), (9, 9, 30, 20.5)))
    for content in (text.encode("utf-8-sig"), text.encode("utf-16"), f"\r\n {text}\n".encode()):
        assert read_prior(_file(tmp_path, content, "any.txt"), limits) == wanted


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("suffix", [".png", ".tif", ".json"])
def test_a_grey_picture_is_a_map(tmp_path: Path, limits: Limits, depth: int, suffix: str) -> None:
    top = 2**depth - 1
    pixels = np.zeros((6, 9), np.uint8 if depth == 8 else np.uint16)
    pixels[2, 3], pixels[4, 5] = top, round(top * 0.4)
    path = tmp_path / f"map{suffix}"
    Image.fromarray(pixels).save(path, "TIFF" if suffix == ".tif" else "PNG")
    prior = read_prior(path, limits)
    assert isinstance(prior, MapPrior)
    assert (prior.probability.dtype, prior.probability.shape) == (np.float32, (6, 9))
    assert prior.probability[2, 3] == 1
    assert prior.probability[4, 5] == pytest.approx(0.4, abs=1 / 255)
    assert prior.probability.sum() == pytest.approx(1.4, abs=2 / 255)
    assert record_of(prior) == {"map": [9, 6]}


def test_a_large_map_is_shrunk_and_keeps_its_shape(tmp_path: Path, limits: Limits) -> None:
    Image.fromarray(np.full((1500, 3000), 90, np.uint8)).save(tmp_path / "map.png")
    prior = read_prior(tmp_path / "map.png", limits)
    assert isinstance(prior, MapPrior)
    assert prior.probability.shape == (1024, 2048)


HOSTILE: dict[str, tuple[object, str]] = {
    "no JSON": ("matrix = 3", "no JSON"),
    "half of it": ('{"matrix": [[1, 0', "no JSON"),
    "a list": ([1, 2], "neither or both"),
    "a number": (7, "neither or both"),
    "nothing of it": ({}, "neither or both"),
    "both": ({"matrix": PLACE.matrix(), "landmarks": [[0, 0, 1, 1], [2, 2, 3, 3]]}, "neither or both"),
    "a stranger": ({"matrix": PLACE.matrix(), "turn": 3}, "“turn”"),
    "a stranger beside landmarks": ({"landmarks": [[0, 0, 1, 1], [2, 2, 3, 3]], "reach": 1}, "“reach”"),
    "a terminal's own signs": ({"matrix": PLACE.matrix(), "\x1b[2J": 3}, "\ufffd[2J"),
    "a square matrix": ({"matrix": [[1, 0], [0, 1]]}, "2 lines of 3 numbers"),
    "three lines": ({"matrix": [[1, 0, 0], [0, 1, 0], [0, 0, 1]]}, "2 lines of 3 numbers"),
    "a flat matrix": ({"matrix": [1, 0, 0, 0, 1, 0]}, "2 lines of 3 numbers"),
    "no matrix": ({"matrix": None}, "2 lines of 3 numbers"),
    "words": ({"matrix": [["a", 0, 0], [0, 1, 0]]}, "“a”"),
    "yes and no": ({"matrix": [[True, 0, 0], [0, 1, 0]]}, "“True”"),
    "nothing": ({"matrix": [[None, 0, 0], [0, 1, 0]]}, "“None”"),
    "NaN": ({"matrix": [[math.nan, 0, 0], [0, 1, 0]]}, "“NaN”"),
    "infinity": ({"landmarks": [[0, 0, 1, 1], [2, 2, -math.inf, 3]]}, "Infinity"),
    "over the top": ('{"matrix": [[1, 0, 1e999], [0, 1, 0]]}', "no number"),
    "very many digits": ('{"matrix": [[1, 0, ' + "9" * 9999 + "], [0, 1, 0]]}", "no number"),
    "far away": ({"matrix": [[1, 0, 1e7], [0, 1, 0]]}, "10000000"),
    "all zero": ({"matrix": [[0, 0, 5], [0, 0, 5]]}, "singular"),
    "singular": ({"matrix": [[1, 2, 5], [2, 4, 5]]}, "singular"),
    "stretched": ({"matrix": [[1, 0, 5], [0, 3, 5]]}, "stretches"),
    "a dot": ({"matrix": [[1e-5, 0, 5], [0, 1e-5, 5]]}, "scales by"),
    "reach of nothing": ({"matrix": PLACE.matrix(), "reach": -0.1}, "“reach” must lie between"),
    "less than no factor": ({"matrix": PLACE.matrix(), "scale_factor": 0.5}, "“scale_factor” must lie between"),
    "turned too far": ({"matrix": PLACE.matrix(), "turn_deg": 181}, "“turn_deg” must lie between"),
    "turned by a word": ({"matrix": PLACE.matrix(), "turn_deg": "far"}, "“far”"),
    "no landmark": ({"landmarks": []}, "two landmarks"),
    "one landmark": ({"landmarks": [[0, 0, 1, 1]]}, "two landmarks"),
    "one landmark twice": ({"landmarks": [[0, 0, 1, 1], [0, 0, 1, 1]]}, "two landmarks"),
    "one place in the original": ({"landmarks": [[0, 0, 1, 1], [5, 5, 1, 1]]}, "two landmarks"),
    "one place in the designer image": ({"landmarks": [[5, 5, 1, 1], [5, 5, 9, 9]]}, "two landmarks"),
    "landmarks of three": ({"landmarks": [[0, 0, 1], [2, 2, 3]]}, "lines of 4 numbers"),
    "landmarks by name": ({"landmarks": {"ear": [0, 0, 1, 1]}}, "lines of 4 numbers"),
    "deep": ("[" * 100_000, "nested"),
    "bytes": (b"\xff\xfe\xfd\x00\x01", "no prior"),
    "an array": (b"\x93NUMPY\x01\x00" + bytes(200), "no prior"),
    "too much": ('{"landmarks": [' + "[1, 2, 3, 4]," * 100_000 + "[5, 6, 7, 8]]}", "short piece of JSON"),
    "no picture": (b"\x89PNG\r\n\x1a\n" + bytes(50), "prior.json"),
    "empty": (b"", "empty"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_what_is_no_prior_is_one_sentence_and_a_remedy(tmp_path: Path, limits: Limits, case: str) -> None:
    content, said = HOSTILE[case]
    path = _file(tmp_path, content) if isinstance(content, (str, bytes)) else _json(tmp_path, content)
    with pytest.raises(FileProblem) as caught:
        read_prior(path, limits)
    assert said in caught.value.message
    assert caught.value.message.isprintable()
    assert caught.value.message.endswith(".")
    assert len(caught.value.message) < 300 + len(str(path))
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("pixels", "said"),
    [
        (np.zeros((4, 5), np.uint8), "black all over"),
        (np.full((4, 5, 3), (10, 20, 30), np.uint8), "colours"),
        (np.full((4, 5, 4), (90, 90, 90, 40), np.uint8), "transparent"),
    ],
)
def test_a_picture_that_is_no_map(tmp_path: Path, limits: Limits, pixels: np.ndarray, said: str) -> None:
    Image.fromarray(pixels).save(tmp_path / "map.png")
    with pytest.raises(FileProblem, match=said) as caught:
        read_prior(tmp_path / "map.png", limits)
    assert caught.value.remedy


def test_pictures_over_the_limits_folders_and_missing_files(tmp_path: Path) -> None:
    strict = Limits(0.0001, 1)
    Image.fromarray(np.full((40, 50), 9, np.uint8)).save(tmp_path / "map.png")
    for path, said in (
        (tmp_path / "map.png", "limit"),
        (tmp_path, "folder"),
        (tmp_path / "none.json", "cannot be read"),
    ):
        with pytest.raises(FileProblem, match=said) as caught:
            read_prior(path, strict)
        assert caught.value.remedy
