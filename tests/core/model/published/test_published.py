"""Published checkpoints by the doors that all models have: card, file, network, training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from core.model import checkpoint, deepgaze, deepgaze2, registry
from core.model.card import ModelProblem
from core.model.fitting import Schedule
from core.model.predict import load_model
from core.model.published import PublishedGaze, is_vgg19
from core.model.published import trunks as table
from core.model.trunks import vgg16
from tests.core.model.deepgaze_case import Colours, discs
from tests.core.model.published import cases
from tests.core.model.published.cases import State, under

PHOTO = np.random.default_rng(0).integers(0, 256, (60, 80, 3), np.uint8)


def _saved(path: Path, state: State) -> Path:
    torch.save(state, path)
    return path


@pytest.fixture
def bare(tmp_path: Path, random: torch.Generator) -> Path:
    return _saved(tmp_path / "gazes.pth", cases.bare(random))


@pytest.fixture
def whole(tmp_path: Path, random: torch.Generator, tiny: None) -> Path:
    return _saved(tmp_path / "whole.pth", cases.mixture(random, cases.FIRST, 1))


def test_a_read_out_has_a_card_and_is_ours_to_use(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vgg16, "load", lambda *_: Colours())
    card = registry.card_of(registry.find(str(bare)))
    assert (card.name, card.architecture, card.trunk) == ("gazes", "deepgaze2", "vgg16")
    assert card.title == "DeepGaze II, published elsewhere"
    assert "data and licence unknown" in card.data
    assert card.options == {"size": 512, "centre_bias": "flat"}
    assert not checkpoint.is_ours(bare)
    model = load_model(str(bare), device="cpu", views=1)
    assert isinstance(model._network, deepgaze2.DeepGaze2)
    assert model.predict(PHOTO).probability.shape == (60, 80)


def test_a_training_goes_on_from_it(bare: Path, tmp_path: Path) -> None:
    examples = discs(tmp_path / "data", 10)
    short = Schedule(epochs=1, batch=4, rate=0.0)
    setting = deepgaze.Setting(Colours(), None, 64, start_from=bare, schedule=short)
    tensors, card = deepgaze.train(examples, setting, lambda *_: None, lambda: None)
    assert card.name == "deepgaze2-vgg16"
    assert torch.allclose(tensors["layers.1.weight"], deepgaze2.read(bare)[1].state_dict()["layers.1.weight"])


def test_a_whole_network_predicts_but_is_not_trained(whole: Path) -> None:
    card = registry.card_of(whole)
    assert (card.name, card.architecture, card.trunk) == ("whole", "published", "First")
    model = load_model(str(whole), device="cpu")
    assert isinstance(model._network, PublishedGaze)
    assert model.predict(PHOTO).probability.shape == (60, 80)
    for read in (checkpoint.load, deepgaze2.read):
        with pytest.raises(ModelProblem, match=r"whole\.pth .* no training goes on from it"):
            read(whole)


def test_a_slow_one_says_so(tmp_path: Path, random: torch.Generator, tiny: None) -> None:
    members = [cases.mixture(random, trunk, 1) for trunk in cases.TABLE]
    card = registry.card_of(
        _saved(tmp_path / "two.pth", under("models.0.", members[0]) | under("models.1.", members[1]))
    )
    assert card.trunk == "First, Second"
    assert card.title == "DeepGaze IIE, published elsewhere (takes seconds a photo on a CPU)"


@pytest.fixture
def vgg19(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, random: torch.Generator) -> Path:
    """A file that passes for VGG-19's, of a network with five maps of 512 channels."""
    net = torch.nn.Conv2d(3, 2560, 16, 16, bias=False)
    tiny = table.Trunk("VGG-19", "1.features.", lambda: torch.nn.Sequential(net), ("0",), 2560, "34")
    monkeypatch.setattr("core.model.published.VGG19", tiny)
    drawn = torch.randn(2560, 3, 16, 16, generator=random)
    return _saved(tmp_path / "vgg19.pth", {"features.0.weight": drawn, "features.34.weight": torch.zeros(1)})


def test_a_read_out_runs_on_vgg_19_where_its_weights_are_given(bare: Path, vgg19: Path) -> None:
    assert is_vgg19(vgg19) and not is_vgg19(bare)
    found = registry.build(bare, device="cpu", weights=vgg19, views=2)
    assert isinstance(found, PublishedGaze)
    assert found.maps([PHOTO])[0].log_density.shape == (768, 1024)


def test_other_layers_run_on_the_vgg_that_is_given(
    tmp_path: Path, vgg19: Path, random: torch.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = under("readout_network.", cases.saliency(random, 2560)) | under("finalizer.", cases.finaliser(random))
    path = _saved(tmp_path / "norms.pth", state)
    assert registry.card_of(path).trunk == "VGG"
    assert isinstance(registry.build(path, device="cpu", weights=vgg19, views=1), PublishedGaze)
    monkeypatch.setattr(vgg16, "announcement", lambda weights: "It is fetched.")
    with pytest.raises(ModelProblem, match=r"without its network\. Give the network's weights: --weights"):
        registry.build(path, device="cpu", weights=None, views=1)
    monkeypatch.setattr(vgg16, "announcement", lambda weights: "")
    monkeypatch.setattr(vgg16, "load", lambda weights: Colours())
    assert registry.build(path, device="cpu", weights=None, views=1).maps([PHOTO])


def test_vgg_19_of_another_form_is_refused(bare: Path, tmp_path: Path) -> None:
    wrong = _saved(tmp_path / "vgg19.pth", {"features.34.weight": torch.zeros(512, 512, 3, 3)})
    with pytest.raises(ModelProblem, match=r"vgg19\.pth"):
        registry.build(bare, device="cpu", weights=wrong, views=1)


def test_other_weights_are_no_model(tmp_path: Path) -> None:
    path = _saved(tmp_path / "vgg16.pth", {"features.0.weight": torch.zeros(1)})
    for read in (checkpoint.read_card, checkpoint.load):
        with pytest.raises(ModelProblem, match="holds weights, but not of a read-out"):
            read(path)
