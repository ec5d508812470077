"""EfficientNet-B5: torchvision's, but for the names and the padding of a photo of 456 pixels."""

from __future__ import annotations

import torch
from torch import nn
from torchvision.models import efficientnet_b5

from core.model.published.efficientnet_b5 import EfficientNetB5


def _pad(module: nn.Module, given: tuple[torch.Tensor]) -> torch.Tensor:
    kernel = module.kernel_size[0]  # type: ignore[index]
    side = 456  # even on each level that efficientnet_pytorch works the padding out for: it takes the photo's own
    total = (side // 2 - 1) * 2 + kernel - side  # type: ignore[operator]
    before, after = total // 2, total - total // 2
    return nn.functional.pad(given[0], (before, after, before, after))


def test_it_is_the_network_of_the_paper() -> None:
    torch.manual_seed(3)
    theirs = efficientnet_b5().features[:7].eval()
    for module in theirs.modules():
        if isinstance(module, nn.Conv2d) and module.stride == (2, 2):
            module.padding = (0, 0)
            module.register_forward_pre_hook(_pad)
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.running_mean, -0.1, 0.1)  # type: ignore[arg-type]
            nn.init.uniform_(module.running_var, 0.5, 1.5)  # type: ignore[arg-type]
    ours = EfficientNetB5().eval()
    ours.load_state_dict(dict(zip(ours.state_dict(), theirs.state_dict().values(), strict=True)))
    photo = torch.rand(1, 3, 75, 98)
    with torch.inference_mode():
        assert torch.allclose(ours(photo), theirs(photo), atol=1e-4)


def test_its_layers_have_the_names_of_the_published_file() -> None:
    with torch.device("meta"):
        names = EfficientNetB5().state_dict()
    assert names["_conv_stem.weight"].shape == (48, 3, 3, 3)
    assert names["_blocks.0._depthwise_conv.weight"].shape == (48, 1, 3, 3)
    assert "_blocks.0._expand_conv.weight" not in names
    assert names["_blocks.24._depthwise_conv.weight"].shape == (1056, 1, 5, 5)
    assert names["_blocks.35._project_conv.weight"].shape == (304, 1824, 1, 1)
    assert names["_blocks.35._se_reduce.weight"].shape == (76, 1824, 1, 1)
    assert not any(name.startswith("_blocks.36.") for name in names)
