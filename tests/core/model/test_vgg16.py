"""The paper's trunk: its preprocessing, its maps, and files that are not its weights."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.error import URLError

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torchvision.models import VGG16_Weights
from torchvision.models.vgg import cfgs, make_layers

from core.errors import FileProblem
from core.model.card import ModelProblem
from core.model.trunks import load_trunk, vgg16

_GIVEN = Path(os.environ.get("PAWTRAIT_TEST_WEIGHTS", Path(__file__).parents[4] / "shared" / "weights"))
_FILE = _GIVEN / "vgg16_imagenet1k_features.fp16.safetensors"


def _random() -> vgg16.VGG16:
    torch.manual_seed(1)
    return vgg16.VGG16().eval()


def _photo(height: int = 32, width: int = 48) -> torch.Tensor:
    generator = torch.Generator().manual_seed(2)
    photo = torch.randint(0, 256, (1, 3, height, width), generator=generator).float()
    photo[:, 0] *= 0.4  # channels that differ: a swap would show
    return photo


def _accept_any(monkeypatch: pytest.MonkeyPatch, first: torch.Tensor) -> None:
    """Let random weights pass for the right ones."""
    monkeypatch.setattr(vgg16, "_FIRST", tuple(map(tuple, first[:4].sum((2, 3)).tolist())))


def test_preprocessing_is_that_of_torchvisions_weights() -> None:
    photo = _photo(224, 224)
    theirs = VGG16_Weights.IMAGENET1K_FEATURES.transforms(crop_size=224, resize_size=224)(photo[0].to(torch.uint8))
    ours = vgg16.VGG16.prepare(_random(), photo)[0]
    assert (ours - theirs).abs().max() < 1.0  # they round the mean to 123, 117, 104
    assert (ours.flip(0) - theirs).abs().max() > 5  # so a swap of the channels would show


def test_the_maps_are_those_of_torchvisions_network() -> None:
    trunk = _random()
    layers = make_layers(cfgs["D"])
    layers.load_state_dict({key.removeprefix("features."): value for key, value in trunk.state_dict().items()})
    photo = _photo()
    x, theirs = photo - torch.tensor(vgg16.MEAN).view(1, 3, 1, 1), {}
    with torch.no_grad():
        for number, layer in enumerate(layers):
            x = layer(x)
            theirs[number] = x.clone()  # its ReLUs work in place
        ours = dict(zip(vgg16.MAPS, trunk(photo), strict=True))
    for name, number in (("conv5_1", 24), ("relu5_1", 25), ("relu5_2", 27), ("conv5_3", 28), ("relu5_3", 29)):
        torch.testing.assert_close(ours[name], theirs[number], rtol=1e-4, atol=1e-4)
    assert ours["conv5_1"].shape == (1, 512, 2, 3)


def test_quick_maps_are_the_same_within_noise() -> None:
    trunk = _random()
    with torch.no_grad():
        exact = trunk.compact(_photo())
        quick = vgg16.quicken(trunk).compact(_photo())
    assert (quick - exact).abs().mean() < 0.03 * exact.abs().mean()


@pytest.mark.parametrize("kind", ["half.safetensors", "full.safetensors", "theirs.pth"])
def test_every_kind_of_file_loads(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = {key: value.clone() for key, value in _random().state_dict().items()}
    _accept_any(monkeypatch, state["features.0.weight"])
    path = tmp_path / kind
    if kind.endswith("pth"):  # torchvision's file holds a classifier too, and it is not finite
        torch.save(state | {"classifier.0.weight": torch.full((3, 3), torch.nan)}, path)
    else:
        save_file({key: value.half() if "half" in kind else value for key, value in state.items()}, path)
    monkeypatch.setenv(vgg16.VARIABLE, str(path))
    by_environment, given = load_trunk("vgg16"), load_trunk("vgg16", path)
    assert vgg16.fingerprint(by_environment) == vgg16.fingerprint(given)
    assert not any(value.requires_grad for value in given.parameters())


def test_another_networks_weights_are_refused(tmp_path: Path) -> None:
    state = _random().state_dict()
    path = tmp_path / "v1.safetensors"
    save_file({key: value.half() for key, value in state.items()}, path)
    with pytest.raises(ModelProblem, match="trained otherwise"):
        vgg16.load(path)
    first = torch.zeros(64, 3, 3, 3)
    first[:4, :, 0, 0] = torch.tensor(vgg16._FIRST).flip(1)
    save_file({key: value.half() for key, value in (state | {"features.0.weight": first}).items()}, path)
    with pytest.raises(ModelProblem, match="blue, green, red"):
        vgg16.load(path)
    save_file({"features.0.weight": first}, path)
    with pytest.raises(ModelProblem, match=r"does not hold.*--weights"):
        vgg16.load(path)


class _Hostile:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.abort, ()


@pytest.mark.parametrize("name", ["cut.pth", "cut.safetensors", "hostile.pth", "list.pth", "none.pth"])
def test_a_bad_file_is_a_sentence(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if name.startswith("cut"):
        path.write_bytes(b"PK\x03\x04" + bytes(60))
    elif name == "hostile.pth":
        torch.save({"features.0.weight": _Hostile()}, path)
    elif name == "list.pth":
        torch.save([torch.zeros(3)], path)
    with pytest.raises((ModelProblem, FileProblem)):
        vgg16.load(path)


def test_a_download_is_announced_and_its_failure_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    asked: dict[str, Any] = {}

    def offline(url: str, **options: Any) -> dict[str, torch.Tensor]:
        assert said, "it must be said before"
        asked.update(options, url=url)
        raise URLError("no route to host")

    monkeypatch.delenv(vgg16.VARIABLE, raising=False)
    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", offline)
    with pytest.raises(ModelProblem, match=vgg16.VARIABLE):
        vgg16.load(None, said.append)
    assert asked["check_hash"] and asked["weights_only"] and asked["url"] in said[0]


@pytest.mark.skipif(not _FILE.is_file(), reason="the weights are not at hand")
def test_the_given_weights_know_a_picture_and_no_other_channel_order_or_mean() -> None:
    """ImageNet's features answer strongest to what they were trained on: a natural picture, rightly prepared."""
    from skimage import data

    trunk = vgg16.quicken(vgg16.load(_FILE))
    cat = torch.from_numpy(np.ascontiguousarray(data.chelsea()[:288, :448])).permute(2, 0, 1)[None].float()
    with torch.no_grad():
        right = trunk(cat)[-1]
        exact = right.mean().item()
        swapped = trunk(cat.flip(1))[-1]
        divided = trunk(cat / 255)[-1]
    assert swapped.mean().item() < 0.97 * exact
    assert divided.mean().item() < 0.9 * exact
