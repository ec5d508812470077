"""Features on disk: the same as the trunk's, by weights, and made again where the disk lost them."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch

from core.model import augment
from core.model.cached import FeatureCache
from core.model.trunks.base import Trunk
from tests.core.model.conftest import discs


class _Trunk(Trunk):
    channels, strides = (2, 3), (2, 4)

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.first, self.second = torch.nn.Conv2d(3, 2, 2, 2), torch.nn.Conv2d(2, 3, 2, 2)

    def forward(self, photos: torch.Tensor) -> list[torch.Tensor]:
        one = self.first(photos / 255)
        return [one, self.second(one)]


@pytest.fixture
def view() -> augment.View:
    return augment.whole(*discs(50, 70, (30, 20, 15)), 64, np.random.default_rng(1))


def test_features_and_masks_come_back(tmp_path: Path, view: augment.View) -> None:
    trunk = _Trunk()
    cache = FeatureCache(tmp_path, trunk)
    assert cache.get("ab12") is None
    cache.put("ab12", view)
    found = cache.get("ab12")
    assert found is not None
    levels, mask, inside = found
    with torch.inference_mode():
        wanted = trunk(torch.from_numpy(view.photo).permute(2, 0, 1)[None].float())
    for level, other in zip(levels, wanted, strict=True):
        assert level.dtype == torch.float32
        assert torch.allclose(level, other[0], atol=0.03)
    assert mask.numpy() == pytest.approx(view.mask, abs=1 / 500)
    assert np.array_equal(inside.numpy(), view.inside)


def test_other_weights_have_other_features(tmp_path: Path, view: augment.View) -> None:
    FeatureCache(tmp_path, _Trunk()).put("ab12", view)
    assert FeatureCache(tmp_path, _Trunk(1)).get("ab12") is None
    assert FeatureCache(tmp_path, _Trunk(0)).get("ab12") is not None


@pytest.mark.parametrize("share", [0.0, 0.01, 0.6, 0.999])
def test_half_a_file_counts_as_none(tmp_path: Path, view: augment.View, share: float) -> None:
    cache = FeatureCache(tmp_path, _Trunk())
    cache.put("ab12", view)
    (path,) = tmp_path.rglob("*.safetensors")
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    assert cache.get("ab12") is None
    cache.put("ab12", view)
    assert cache.get("ab12") is not None


def test_it_stays_within_its_bounds_and_the_oldest_go_first(tmp_path: Path, view: augment.View) -> None:
    FeatureCache(tmp_path, _Trunk(1)).put("ab0", view)
    (old,) = tmp_path.rglob("*.safetensors")
    os.utime(old, ns=(1, 1))
    size = old.stat().st_size
    cache = FeatureCache(tmp_path, _Trunk(), 3.5 * size / 1e6)
    for number in range(9):
        cache.put(f"ab{number}", view)
    assert sum(path.stat().st_size for path in tmp_path.rglob("*.safetensors")) <= 3.5 * size
    assert not old.exists()
    assert cache.get("ab8") is not None


def test_where_nothing_can_be_written_it_is_only_slower(tmp_path: Path, view: augment.View) -> None:
    (tmp_path / "features").write_bytes(b"a file stands there")
    blocked, free = FeatureCache(tmp_path / "features", _Trunk()), FeatureCache(tmp_path / "free", _Trunk())
    levels, mask, inside = blocked.put("ab12", view)
    free.put("ab12", view)
    kept = free.get("ab12")
    assert blocked.get("ab12") is None and kept is not None
    assert all(
        torch.equal(one, other) for one, other in zip([*levels, mask, inside], [*kept[0], *kept[1:]], strict=True)
    )
