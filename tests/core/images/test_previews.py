"""The preview cache: found by content, whole or not at all, within its budget, never in the way."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from platformdirs import user_cache_dir

from core.domain import ImageRef
from core.errors import FileProblem
from core.images import previews
from core.images.io import hash_file, identify, read
from core.images.previews import PreviewCache, default_folder


def _ref(path: Path, limits) -> ImageRef:
    return ImageRef(str(path), hash_file(path), *identify(path, limits))


def _entries(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def cache(tmp_path, make):
    return PreviewCache(tmp_path / "cache", 10, make.LIMITS)


@pytest.fixture
def photo(make, file):
    return _ref(file(make.saved(make.picture(300, 400), "PNG"), "photo.png"), make.LIMITS)


def test_first_and_later_previews(cache, photo, make, tmp_path):
    first = cache.preview(photo, 100)
    assert np.array_equal(first.rgb, read(Path(photo.path), make.LIMITS, 100).rgb)
    Path(photo.path).unlink()  # from here on only the cache can answer
    later = cache.preview(photo, 100)
    again = PreviewCache(tmp_path / "cache", 10, make.LIMITS).preview(photo, 100)
    for got in (first, later, again):
        assert got.rgb.shape == (75, 100, 3)
        assert got.rgb.flags.c_contiguous
        assert (got.full_width, got.full_height) == (400, 300)
        assert got.alpha is None
        assert np.abs(got.rgb.astype(int) - first.rgb).max() <= 4


def test_alpha_is_kept_exactly(cache, make, file):
    rgba = make.picture(300, 400, 4)
    ref = _ref(file(make.saved(rgba, "PNG"), "cutout.png"), make.LIMITS)
    first = cache.preview(ref, 100)
    Path(ref.path).unlink()
    later = cache.preview(ref, 100)
    assert np.array_equal(later.alpha, first.alpha)
    solid = first.alpha > 128
    assert np.abs(later.rgb.astype(int) - first.rgb)[solid].mean() < 4


def test_small_pictures_and_turned_ones(cache, make, file):
    path = file(make.png(make.picture(30, 40), 2, before=[make.chunk(b"eXIf", make.exif(6))]), "turned.png")
    ref = _ref(path, make.LIMITS)
    assert (ref.width, ref.height) == (30, 40)
    for long_side in (20, 40, 1000):
        first = cache.preview(ref, long_side)
        again = cache.preview(ref, long_side)
        assert first.rgb.shape == again.rgb.shape
        assert max(first.width, first.height) == min(40, long_side)
        assert (again.full_width, again.full_height) == (30, 40)


def test_each_size_has_its_own_entry(cache, photo, tmp_path):
    for long_side in (50, 100, 50, 100):
        assert cache.preview(photo, long_side).width == long_side
    assert len(_entries(tmp_path / "cache")) == 2


def test_found_by_content_not_by_name(cache, photo, make, file):
    cache.preview(photo, 100)
    moved = file(b"", "moved.png")
    Path(photo.path).rename(moved)
    assert cache.preview(ImageRef(str(moved), photo.sha256, 400, 300), 100).width == 100
    assert cache.preview(photo, 100).width == 100


def test_a_changed_file_is_refused_on_a_miss(cache, photo, make):
    Path(photo.path).write_bytes(make.saved(255 - make.picture(300, 400), "PNG"))
    with pytest.raises(FileProblem, match=r"photo\.png has changed") as caught:
        cache.preview(photo, 100)
    assert "import" in caught.value.remedy


def test_a_missing_file_is_refused_on_a_miss(cache, photo):
    Path(photo.path).unlink()
    with pytest.raises(FileProblem, match=r"photo\.png"):
        cache.preview(photo, 100)


@pytest.mark.parametrize("damage", ["empty", "half", "garbage", "another picture"])
def test_a_damaged_entry_is_made_anew(damage, cache, photo, make, tmp_path):
    first = cache.preview(photo, 100)
    (entry,) = _entries(tmp_path / "cache")
    whole = entry.read_bytes()
    entry.write_bytes(
        {
            "empty": b"",
            "half": whole[: len(whole) // 2],
            "garbage": bytes(5000),
            "another picture": make.saved(make.picture(), "PNG"),
        }[damage]
    )
    assert np.array_equal(cache.preview(photo, 100).rgb, first.rgb)
    assert entry.read_bytes() == whole


def test_what_a_project_says_never_becomes_a_path(cache, photo, make, tmp_path):
    evil = ImageRef(photo.path, "../../../evil", 400, 300)
    with pytest.raises(FileProblem, match="has changed"):
        cache.preview(evil, 100)
    assert not (tmp_path.parent / "evil").exists()


@pytest.mark.parametrize("trouble", ["a file in the way", "a full disk"])
def test_previews_work_without_a_cache(trouble, photo, make, tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    if trouble == "a file in the way":
        folder.write_bytes(b"")
    else:

        def full(path: Path, data: bytes, *, durable: bool) -> None:
            raise FileProblem(f"{path} cannot be written: No space left on device.")

        monkeypatch.setattr(previews, "write_atomically", full)
    cache = PreviewCache(folder, 10, make.LIMITS)
    for _ in range(2):
        assert cache.preview(photo, 100).width == 100


def _many(make, file, count: int) -> list[ImageRef]:
    return [_ref(file(make.saved(make.noise((60 + n, 80, 3)), "PNG"), f"{n}.png"), make.LIMITS) for n in range(count)]


def test_least_recently_used_go_first(make, file, tmp_path):
    folder = tmp_path / "cache"
    refs = _many(make, file, 12)
    probe = PreviewCache(tmp_path / "probe", 10, make.LIMITS)
    probe.preview(refs[0], 64)
    size = _entries(tmp_path / "probe")[0].stat().st_size
    cache = PreviewCache(folder, 6.5 * size / 1e6, make.LIMITS)
    for age, ref in enumerate(refs[:5]):
        cache.preview(ref, 64)
        (fresh,) = set(_entries(folder)) - {
            path for path in _entries(folder) if path.stat().st_mtime < time.time() - 50
        }
        os.utime(fresh, (time.time() - 1000 + age,) * 2)
    cache.preview(refs[0], 64)  # used again: now the youngest
    for ref in refs[5:9]:
        cache.preview(ref, 64)
    assert sum(path.stat().st_size for path in _entries(folder)) <= 6.5 * size * 1.02
    for ref in refs:
        Path(ref.path).unlink()
    assert cache.preview(refs[0], 64).width == 64
    with pytest.raises(FileProblem):
        cache.preview(refs[1], 64)


def test_the_folder_is_not_listed_for_every_preview(make, file, tmp_path, monkeypatch):
    cache = PreviewCache(tmp_path / "cache", 10, make.LIMITS)
    listings = []
    real = Path.glob
    monkeypatch.setattr(Path, "glob", lambda self, pattern: (listings.append(self), real(self, pattern))[1])
    for ref in _many(make, file, 6):
        cache.preview(ref, 64)
        cache.preview(ref, 64)
    assert len(listings) == 1


def test_the_budget_counts_what_other_programs_left(make, file, tmp_path):
    refs = _many(make, file, 8)
    folder = tmp_path / "cache"
    for ref in refs[:6]:
        PreviewCache(folder, 10, make.LIMITS).preview(ref, 64)
    total = sum(path.stat().st_size for path in _entries(folder))
    PreviewCache(folder, total / 2 / 1e6, make.LIMITS).preview(refs[6], 64)
    assert sum(path.stat().st_size for path in _entries(folder)) <= total / 2


def test_leftovers_of_killed_programs_are_swept(make, photo, tmp_path):
    folder = tmp_path / "cache"
    old, new = folder / "ab" / ".writing-old", folder / "ab" / ".writing-new"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"x")
    new.write_bytes(b"x")
    os.utime(old, (0, 0))
    PreviewCache(folder, 10, make.LIMITS).preview(photo, 64)
    assert not old.exists()
    assert new.exists()


def test_a_cache_that_somebody_clears_meanwhile_is_only_slower(make, photo, tmp_path, monkeypatch):
    def cleared(self: Path, pattern: str) -> Iterator[Path]:
        yield self / "ab" / "gone"
        raise FileNotFoundError(self)

    monkeypatch.setattr(Path, "glob", cleared)
    assert PreviewCache(tmp_path / "cache", 10, make.LIMITS).preview(photo, 64).width == 64


def test_an_entry_larger_than_the_budget_is_not_kept(make, photo, tmp_path):
    cache = PreviewCache(tmp_path / "cache", 0.0001, make.LIMITS)
    assert cache.preview(photo, 300).width == 300
    assert _entries(tmp_path / "cache") == []


def test_other_bounds_hold_from_then_on(make, photo, tmp_path):
    cache = PreviewCache(tmp_path / "cache", 0.0001, replace(make.LIMITS, max_megapixels=0.01))
    with pytest.raises(FileProblem):
        cache.preview(photo, 300)
    cache.set_bounds(10, make.LIMITS)
    assert cache.preview(photo, 300).width == 300
    assert len(_entries(tmp_path / "cache")) == 1


def test_threads_and_caches_at_once(make, file, tmp_path):
    refs = _many(make, file, 5)
    failures: list[BaseException] = []

    def work(seed: int) -> None:
        cache = PreviewCache(tmp_path / "cache", 0.01, make.LIMITS)
        rng = np.random.default_rng(seed)
        try:
            for _ in range(20):
                ref = refs[rng.integers(5)]
                got = cache.preview(ref, 64)
                assert (got.width, got.full_height) == (max(1, round(80 * 64 / max(80, ref.height))), ref.height)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_default_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("PAWTRAIT_CACHE", str(tmp_path))
    assert default_folder() == tmp_path
    monkeypatch.delenv("PAWTRAIT_CACHE")
    assert default_folder() == Path(user_cache_dir("pawtrait", appauthor=False)) / "previews"
