"""Features on disk: found again, bounded, and no worse for damage."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UsageProblem
from core.model.features import Features, Table, fit, prepare
from tests.core.model.deepgaze_case import Colours, discs


@given(st.integers(1, 9000), st.integers(1, 9000), st.sampled_from([64, 400, 800]))
def test_a_photo_is_scaled_to_whole_cells_and_keeps_its_aspect(width: int, height: int, size: int) -> None:
    across, down = fit(width, height, size)
    assert across % 16 == 0 and down % 16 == 0 and max(across, down) == size
    scale = size / max(width, height)
    assert abs(across - width * scale) <= max(8, 16 - width * scale)
    assert abs(down - height * scale) <= max(8, 16 - height * scale)


def test_red_comes_first() -> None:
    photo = np.zeros((20, 30, 3), np.uint8)
    photo[..., 0] = 200
    assert prepare(photo, 64)[0, :, 3, 3].tolist() == [200, 0, 0]


def test_what_was_computed_is_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (example,) = discs(tmp_path, 1)
    features = Features(Colours(), 64, tmp_path / "cache")
    first = features.of_file(example.image)
    mirrored = features.of_file(example.image, mirrored=True)
    assert not torch.equal(first, mirrored)
    torch.testing.assert_close(first, mirrored.flip(2), atol=0.02, rtol=0)
    monkeypatch.setattr(Colours, "compact", None)  # it must not be asked again
    assert torch.equal(features.of_file(example.image), first)
    assert torch.equal(Features(features.trunk, 64, tmp_path / "cache").of_file(example.image), first)


def test_another_size_and_other_weights_are_other_features(tmp_path: Path) -> None:
    (example,) = discs(tmp_path, 1)
    Features(Colours(), 64, tmp_path / "cache").of_file(example.image)
    Features(Colours(), 32, tmp_path / "cache").of_file(example.image)
    assert len(list((tmp_path / "cache").glob("??/*"))) == 2


def test_photos_of_several_sizes_go_through_the_trunk_together() -> None:
    rng = np.random.default_rng(1)
    photos = [rng.integers(0, 255, (*size, 3), dtype=np.uint8) for size in ((40, 60), (60, 40), (40, 60), (30, 30))]
    features = Features(Colours(), 64, None)
    for mirrored in (False, True):
        together = features.of_photos(photos, mirrored)
        for photo, found in zip(photos, together, strict=True):
            torch.testing.assert_close(found, features.of_pixels(photo, mirrored))


@pytest.mark.parametrize("damage", [b"", b"PwF1", bytes(5000)])
def test_a_damaged_entry_is_made_again(damage: bytes, tmp_path: Path) -> None:
    (example,) = discs(tmp_path, 1)
    features = Features(Colours(), 64, tmp_path / "cache")
    first = features.of_file(example.image)
    (entry,) = (tmp_path / "cache").glob("??/*")
    entry.write_bytes(damage)
    assert torch.equal(features.of_file(example.image), first)
    flipped = bytearray(entry.read_bytes())
    flipped[-1] ^= 1
    entry.write_bytes(bytes(flipped))
    assert torch.equal(features.of_file(example.image), first)


def test_the_cache_stays_within_its_bounds(tmp_path: Path) -> None:
    features = Features(Colours(), 64, tmp_path / "cache", max_megabytes=0.1)
    for example in discs(tmp_path, 8):
        features.of_file(example.image)
    assert sum(path.stat().st_size for path in (tmp_path / "cache").glob("??/*")) <= 100_000


def test_a_cache_that_cannot_be_written_is_only_slower(tmp_path: Path) -> None:
    (example,) = discs(tmp_path, 1)
    (tmp_path / "cache").write_bytes(b"a file stands there")
    Features(Colours(), 64, tmp_path / "cache").of_file(example.image)


def test_a_table_beyond_memory_reads_from_the_cache(tmp_path: Path) -> None:
    files = [example.image for example in discs(tmp_path, 3)]
    features = Features(Colours(), 64, tmp_path / "cache")
    roomy, narrow = Table(features, files), Table(features, files, memory_bytes=0)
    for number in range(3):
        assert torch.equal(roomy.get(number, True), narrow.get(number, True))
    assert tuple(narrow.get(0).shape) == (4, 3, 1536)


@pytest.mark.parametrize("size", [0, 15, 5000])
def test_a_senseless_size_is_refused(size: int) -> None:
    with pytest.raises(UsageProblem, match="scaled"):
        Features(Colours(), size, None)
