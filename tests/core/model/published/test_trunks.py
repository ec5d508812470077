"""The table of trunks: each has the layers that are read, with the channels that it says, and knows its own weights."""

from __future__ import annotations

from typing import cast

import pytest
import torch
from torch import nn
from torchvision import models

from core.model.published import trunks
from core.model.published.files import State
from core.model.published.trunks import TABLE, Tapped, Trunk, trunk_in
from core.model.trunks import vgg16
from tests.core.model.published import cases
from tests.core.model.published.cases import under


def _state(trunk: Trunk) -> State:
    with torch.device("meta"):
        return under(trunk.prefix, trunk.build().state_dict())


@pytest.mark.parametrize("trunk", TABLE, ids=lambda trunk: f"{trunk.title} {trunk.prefix}")
def test_each_knows_its_weights_and_gives_maps_of_the_channels_that_it_says(trunk: Trunk) -> None:
    state = _state(trunk)
    assert trunk_in(state) is trunk
    assert trunk_in(under("x.", state)) is None
    maps = Tapped(trunk, state).to("meta")(torch.empty(1, 3, 192, 256, device="meta"))
    assert len(maps) == len(trunk.taps)
    assert sum(one.shape[1] for one in maps) == trunk.channels


def test_maps_are_what_the_layers_say_before_the_next_one_writes_into_them(random: torch.Generator) -> None:
    state = cases.weights(random)
    photo = torch.rand(1, 3, 17, 24, generator=random) * 255
    coarse, fine = Tapped(cases.FIRST, under("1.", state))(photo)
    mean, deviation = (torch.tensor(one).view(3, 1, 1) for one in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
    wanted = nn.functional.conv2d((photo / 255 - mean) / deviation, state["0.weight"], state["0.bias"], 4)
    assert torch.allclose(fine, wanted, atol=1e-5)
    assert float(fine.min()) < 0
    assert torch.allclose(coarse, nn.functional.conv2d(wanted.relu(), state["2.weight"], None, 2), atol=1e-5)


def test_weights_of_another_trunk_are_refused(random: torch.Generator) -> None:
    state = under("1.", cases.weights(random))
    for wrong in ({}, {**state, "1.0.weight": torch.zeros(5, 3, 3, 3)}):
        with pytest.raises((KeyError, RuntimeError)):
            Tapped(cases.FIRST, wrong)


def test_vgg_16_hands_out_the_maps_of_our_own_in_the_same_order() -> None:
    torch.manual_seed(1)
    ours = vgg16.VGG16()
    numbered = under("1.", ours.state_dict())
    names = [f"conv{block}_{n}" for block, count in enumerate((2, 2, 3, 3, 3), start=1) for n in range(1, count + 1)]
    kinds = [f"{name}.{kind}" for name in names for kind in ("weight", "bias")]
    named = dict(zip(kinds, ours.state_dict().values(), strict=True))
    photo = torch.rand(1, 3, 32, 48) * 255
    with torch.inference_mode():
        wanted = ours(photo)
        for trunk, state in ((trunks.VGG16, numbered), (TABLE[5], named)):
            tapped = Tapped(trunk, state)
            cast(torch.Tensor, tapped.mean).copy_(torch.tensor(vgg16.MEAN).view(1, 3, 1, 1) / 255)
            cast(torch.Tensor, tapped.deviation).fill_(1 / 255)
            for one, other in zip(tapped(photo), wanted, strict=True):
                assert torch.allclose(one, other, atol=1e-3)


def test_a_named_vgg_keeps_the_last_row_of_an_odd_side() -> None:
    with torch.device("meta"):
        layers = dict(trunks.TABLE[4].build().named_children())
        plain = models.vgg19().features
    assert list(layers)[:5] == ["conv1_1", "relu1_1", "conv1_2", "relu1_2", "pool1"]
    assert list(layers)[-3:] == ["conv5_4", "relu5_4", "pool5"] and len(layers) == len(plain)
    pool = layers["pool3"]
    assert isinstance(pool, nn.MaxPool2d) and pool.ceil_mode
