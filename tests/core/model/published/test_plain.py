"""The paper's read-out becomes ours: same layers, and the same density but for the grids."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from core.model.card import ModelProblem
from core.model.published import checkpoints, plain
from core.model.readout import UPSCALE, ReadOut
from core.model.trunks.vgg16 import sampled
from tests.core.model.published import cases
from tests.core.model.published.cases import State, under


def _apart(folder: Path, state: State) -> checkpoints.Checkpoint:
    torch.save(state, folder / "deepgaze2.pth")
    return checkpoints.taken_apart(folder / "deepgaze2.pth")


@pytest.mark.parametrize("sigma", [6.0, 8.0, 14.0])
def test_the_density_stays(tmp_path: Path, random: torch.Generator, sigma: float) -> None:
    height, width = 12, 16  # cells of 16 pixels of the network, of 32 of the photo
    y, x = np.mgrid[:192, :256]
    np.save(tmp_path / "centerbias.npy", -(((x - 128) / 60) ** 2) - ((y - 96) / 50) ** 2)
    state = cases.bare(random, sigma)
    readout = ReadOut().eval()
    readout.load_state_dict(plain.tensors(_apart(tmp_path, state)))
    compact = torch.randn(1536, height, width, generator=random)
    maps = sampled(compact[None])[0]
    bias = np.kron(np.load(tmp_path / "centerbias.npy"), np.ones((2, 2)))
    final = {name: state[f"finalizer.{name}"] for name in ("gauss.sigma", "center_bias_weight")}
    network = {name.removeprefix("readout_network."): one for name, one in state.items() if "conv" in name}
    wanted = np.exp(cases.answer(maps, [network], final, 2, bias))
    step = 2 * UPSCALE
    wanted = wanted.reshape(height * UPSCALE, step, width * UPSCALE, step).sum((1, 3))

    def away(factor: float) -> float:
        """Return by how many nats our density misses theirs, ours blurred more or less than it should be."""
        with torch.inference_mode():
            readout.log_sigma += float(np.log(factor))
            found = readout([compact.permute(1, 2, 0)]).of(0).numpy()
            readout.log_sigma -= float(np.log(factor))
        return float((wanted * (np.log(wanted) - found)).sum())

    assert away(1) < 0.01
    assert away(1) < min(away(1.5), away(1 / 1.5))


def test_a_blur_too_small_for_our_grid_is_the_least_there_is(tmp_path: Path, random: torch.Generator) -> None:
    sigma = plain.tensors(_apart(tmp_path, cases.bare(random, 2.0)))["log_sigma"].exp()
    assert float(sigma) == pytest.approx(0.125)


def test_which_read_outs_become_ours(tmp_path: Path, random: torch.Generator) -> None:
    bare = cases.bare(random)
    assert plain.is_plain(_apart(tmp_path, bare))
    final = {name: value for name, value in bare.items() if name.startswith("finalizer.")}
    assert not plain.is_plain(_apart(tmp_path, final | under("readout_network.", cases.saliency(random, 2560))))
    short = {"conv0.weight": torch.zeros(1, 2560, 1, 1)}
    assert not plain.is_plain(_apart(tmp_path, final | under("readout_network.", short)))
    with pytest.raises(ModelProblem, match="but not as published"):
        plain.is_plain(_apart(tmp_path, final | under("readout_network.", cases.plain(random, 2048))))


@pytest.mark.parametrize("first", ["conv1_1.weight", "1.features.0.weight"])
def test_with_a_trunk_they_do_if_it_is_ours(tmp_path: Path, random: torch.Generator, first: str) -> None:
    last = first.replace("1_1", "5_3").replace("s.0.", "s.28.")
    known = torch.zeros(64, 3, 3, 3)  # what read-outs here are trained on, by the sums that tell it
    known[0, :, 1, 1] = torch.tensor((0.0262, -0.0325, 0.0180))
    known[1, :, 1, 1] = torch.tensor((-1.5269, 0.3819, 1.3671))
    known[2, :, 1, 1] = torch.tensor((-0.0390, 0.4554, 0.0355))
    known[3, :, 1, 1] = torch.tensor((0.0220, -0.1048, 0.0731))
    for weights, ours in ((known, True), (known.flip(1), False), (known[:, :, :1], False)):
        trunk = under("features.features.", {first: weights, last: torch.zeros(1)})
        assert plain.is_plain(_apart(tmp_path, cases.bare(random) | trunk)) is ours


def test_numbers_that_are_not_finite_are_refused(tmp_path: Path, random: torch.Generator) -> None:
    state = cases.bare(random)
    state["readout_network.conv1.bias"][3] = torch.inf
    with pytest.raises(ModelProblem, match="not finite"):
        plain.tensors(_apart(tmp_path, state))
