"""Training photos are decoded once; what cannot be read is left out and told."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.errors import Cancelled, FileProblem
from core.images.io import encode_mask
from core.model import shelf as module
from core.model.data import Example
from core.model.shelf import Shelf, read_example
from tests.core.model.conftest import LIMITS, discs

Make = Callable[[int], list[Example]]


def _never() -> None:
    return


def _big(tmp_path: Path, size: tuple[int, int]) -> Example:
    photo, mask = discs(*size, (size[1] / 3, size[0] / 2, size[0] / 4))
    import cv2

    cv2.imwrite(str(tmp_path / "big.png"), photo)
    (tmp_path / "big_mask.png").write_bytes(encode_mask(mask))
    return Example("big", tmp_path / "big.png", tmp_path / "big_mask.png")


def test_photo_and_mask_come_back(tmp_path: Path, examples: Make) -> None:
    shelf = Shelf(tmp_path / "shelf", LIMITS)
    made = examples(3)
    shelf.fill(made, _never)
    assert len(shelf) == 3
    for number, example in enumerate(made):
        photo, mask = read_example(example, LIMITS)
        kept_photo, kept_mask = shelf.get(number)
        assert np.array_equal(kept_photo, photo) and np.array_equal(kept_mask, mask)
        assert kept_photo.flags.c_contiguous and kept_mask.flags.c_contiguous


def test_a_large_photo_is_shrunk_with_its_mask(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "shelf", LIMITS)
    shelf.fill([_big(tmp_path, (700, 1100))], _never)
    photo, mask = shelf.get(0)
    assert photo.shape == (326, 512, 3) and mask.shape == (326, 512)
    bright = photo.mean(-1) > 127.5
    assert np.mean(bright != (mask >= 128)) < 0.002


def test_the_second_time_nothing_is_decoded(tmp_path: Path, examples: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    made = examples(3)
    first = Shelf(tmp_path / "shelf", LIMITS)
    first.fill(made, _never)
    monkeypatch.setattr(module, "read_example", lambda *_: pytest.fail("it was decoded again"))
    second = Shelf(tmp_path / "shelf", LIMITS)
    second.fill(made[1:], _never)
    assert np.array_equal(second.get(0)[0], first.get(1)[0])
    assert second.key(0) == first.key(1) != first.key(0)


def test_a_corrected_mask_is_another_example(tmp_path: Path, examples: Make) -> None:
    made = examples(1)
    first = Shelf(tmp_path / "shelf", LIMITS)
    first.fill(made, _never)
    shape = first.get(0)[1].shape
    made[0].mask.write_bytes(encode_mask(np.full(shape, 255, np.uint8)))
    os.utime(made[0].mask, ns=(1, 1))
    second = Shelf(tmp_path / "shelf", LIMITS)
    second.fill(made, _never)
    assert second.key(0) != first.key(0)
    assert second.get(0)[1].min() == 255


def test_what_cannot_be_read_is_left_out(tmp_path: Path, examples: Make) -> None:
    made = examples(5)
    made[1].mask.write_bytes(encode_mask(np.zeros((9, 9), np.uint8)))
    made[2].image.write_bytes(b"no picture")
    made[3].mask.unlink()
    shelf = Shelf(tmp_path / "shelf", LIMITS)
    shelf.fill(made, _never)
    assert len(shelf) == 2
    assert [example.key for example, _ in shelf.failures] == ["p001", "p002", "p003"]
    size, *_ = (str(problem) for _, problem in shelf.failures)
    assert size.startswith("The mask p001.png is 9 x 9 pixels, its photo ")
    assert size.endswith("Masks have the size of their photos.")


def test_a_mask_of_another_size_is_refused_even_if_both_shrink(tmp_path: Path) -> None:
    example = _big(tmp_path, (600, 1200))
    example.mask.write_bytes(encode_mask(np.zeros((256, 512), np.uint8)))
    with pytest.raises(FileProblem, match="512 x 256 pixels, its photo 1200 x 600"):
        read_example(example, LIMITS, 512)


def test_it_can_be_stopped(tmp_path: Path, examples: Make) -> None:
    def stop() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        Shelf(tmp_path / "shelf", LIMITS).fill(examples(1), stop)
