"""Whole networks: the mean of all their read-outs' densities, beside the same worked out by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from core.model.centre_bias import CentreBias, flat
from core.model.published import checkpoints
from core.model.published.files import under as inside
from core.model.published.network import SIZE, PublishedGaze
from core.model.published.trunks import Tapped
from core.model.raw_map import normalised
from tests.core.model.published import cases
from tests.core.model.published.cases import State, nearest, under


def _by_hand(photo: torch.Tensor, bias: np.ndarray, members: list[State]) -> np.ndarray:
    """Return the density: half the photo, maps on one grid, every read-out, the mean over read-outs, then trunks."""
    height, width = photo.shape[2:]
    half = photo[:, :, ::2, ::2][:, :, : height // 2, : width // 2]
    means = []
    for state, trunk in zip(members, cases.TABLE, strict=True):
        cell = 2 * trunk.readout_factor
        grid = -(-height // cell), -(-width // cell)
        levels = [one[0].double().numpy() for one in Tapped(trunk, inside(state, "features.features."))(half)]
        maps = torch.from_numpy(np.stack([nearest(plane, grid) for level in levels for plane in level]))
        found = []
        for number in range(sum(name.startswith("finalizers.") for name in state) // 2):
            networks = [
                dict(inside(state, f"{kind}_networks.{number}.")) for kind in ("saliency", "fixation_selection")
            ]
            final = dict(inside(state, f"finalizers.{number}."))
            found.append(np.exp(cases.answer(maps, networks, final, trunk.map_factor, bias)))
        means.append(np.mean(found, 0))
    return np.log(np.mean(means, 0))


@pytest.mark.parametrize("size", [(96, 128), (77, 105)])
@pytest.mark.usefixtures("tiny")
def test_the_mixture_is_that_of_the_formula(tmp_path: Path, random: torch.Generator, size: tuple[int, int]) -> None:
    members = [cases.mixture(random, trunk, count) for trunk, count in zip(cases.TABLE, (3, 2), strict=True)]
    path = tmp_path / "deepgaze2e.pth"
    torch.save(under("models.0.", members[0]) | under("models.1.", members[1]), path)
    photo = torch.rand(1, 3, *size, generator=random) * 255
    bias = torch.randn(1, 1, *size, generator=random)
    with torch.inference_mode():
        found = checkpoints.taken_apart(path).mixture()(photo, bias)[0, 0].numpy()
    assert np.abs(found - _by_hand(photo, bias[0, 0].double().numpy(), members)).max() < 1e-4


@pytest.fixture
def gaze(tmp_path: Path, random: torch.Generator, tiny: None) -> checkpoints.Checkpoint:
    torch.save(cases.mixture(random, cases.FIRST, 2), tmp_path / "one.pth")
    return checkpoints.taken_apart(tmp_path / "one.pth")


@pytest.mark.parametrize("shape", [(1, 1), (3, 700), (90, 120)])
def test_a_map_covers_the_photo_whatever_its_size(gaze: checkpoints.Checkpoint, shape: tuple[int, int]) -> None:
    photo = np.random.default_rng(1).integers(0, 256, (*shape, 3), np.uint8)
    (found,) = PublishedGaze(gaze.mixture(), flat()).maps([photo])
    assert max(found.log_density.shape) == SIZE
    assert found.score.shape == found.log_density.shape


def test_the_centre_bias_counts(gaze: checkpoints.Checkpoint) -> None:
    steep = np.repeat(np.linspace(-20, 0, 64, dtype=np.float32)[None], 64, 0)
    photo = np.full((60, 80, 3), 90, np.uint8)
    (even,) = PublishedGaze(gaze.mixture(), flat()).maps([photo])
    (right,) = PublishedGaze(gaze.mixture(), CentreBias(normalised(steep))).maps([photo])
    half = SIZE // 2
    assert np.exp(right.log_density)[:, half:].sum() > 0.99 > np.exp(even.log_density)[:, half:].sum()
