"""Read-outs of whatever layers, beside the same worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.model.published.readouts import Component, layers
from tests.core.model.published import cases
from tests.core.model.published.cases import State


@pytest.mark.parametrize("size", [(32, 48), (37, 51)])
@pytest.mark.parametrize("kind", ["norms", "paper", "paper with biases apart", "one convolution"])
def test_the_density_is_that_of_the_formula(random: torch.Generator, kind: str, size: tuple[int, int]) -> None:
    networks: list[State] = {
        "norms": [cases.saliency(random, 6), cases.selection(random)],
        "paper": [cases.plain(random, 6)],
        "paper with biases apart": [cases.plain(random, 6, "bias{}.bias")],
        "one convolution": [{"conv0.weight": torch.randn(1, 6, 1, 1, generator=random)}],
    }[kind]
    final = cases.finaliser(random)
    maps = torch.randn(1, 6, 4, 5, generator=random)
    bias = torch.randn(1, 1, *size, generator=random)
    found = Component(layers(*networks), final, 2)(maps, bias)
    wanted = cases.answer(maps[0], networks, final, 2, bias[0, 0].double().numpy())
    assert np.abs(found[0, 0].numpy() - wanted).max() < 1e-4
    assert float(found.exp().sum()) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(
    ("changed", "value"),
    [
        ("conv0.weight", torch.zeros(8, 6, 3, 3)),
        ("conv0.weight", torch.zeros(8, 6)),
        ("conv1.weight", torch.zeros(16, 9, 1, 1)),
        ("bias1.bias", torch.zeros(15)),
        ("layernorm1.weight", torch.zeros(7)),
        ("conv2.weight", torch.zeros(2, 16, 1, 1)),
        ("attention0.weight", torch.zeros(1)),
        ("conv4.weight", torch.zeros(1, 1, 1, 1)),
        ("conv1.weight", None),
        ("layernorm1.bias", None),
    ],
)
def test_other_layers_are_refused(random: torch.Generator, changed: str, value: torch.Tensor | None) -> None:
    state = cases.saliency(random, 6)
    layers(state)
    if value is None:
        del state[changed]
    else:
        state[changed] = value
    with pytest.raises((KeyError, ValueError, RuntimeError)):
        layers(state)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("gauss.sigma", torch.tensor(0.0)),
        ("gauss.sigma", torch.tensor(-1.0)),
        ("gauss.sigma", torch.tensor(1e9)),
        ("gauss.sigma", torch.tensor(torch.nan)),
        ("gauss.sigma", torch.ones(2)),
        ("center_bias_weight", torch.tensor([torch.inf])),
        ("center_bias_weight", torch.ones(3)),
    ],
)
def test_a_finaliser_that_makes_no_sense_is_refused(random: torch.Generator, name: str, value: torch.Tensor) -> None:
    made, final = layers(cases.plain(random)), cases.finaliser(random)
    Component(made, final, 2)
    with pytest.raises((ValueError, RuntimeError)):
        Component(made, {**final, name: value}, 2)
    with pytest.raises(KeyError):
        Component(made, {}, 2)
