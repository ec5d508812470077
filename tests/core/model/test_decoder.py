"""The read-out: shapes, where it starts, and that every level counts."""

from __future__ import annotations

import pytest
import torch

from core.model.decoder import Decoder, _onto

CHANNELS = (4, 6, 8, 10, 12)


def _levels(height: int = 64, width: int = 96, count: int = 2) -> list[torch.Tensor]:
    made = torch.Generator().manual_seed(1)
    return [
        torch.randn(count, channels, height >> n + 1, width >> n + 1, generator=made)
        for n, channels in enumerate(CHANNELS)
    ]


@pytest.mark.parametrize("size", [(32, 32), (64, 96), (32, 352)])
def test_logits_lie_on_the_finest_grid(size: tuple[int, int]) -> None:
    logits = Decoder(CHANNELS, 8, 4)(_levels(*size))
    assert logits.shape == (2, 1, size[0] // 2, size[1] // 2)


def test_it_starts_at_the_usual_share_of_a_portrait() -> None:
    torch.manual_seed(0)
    share = Decoder(CHANNELS)(_levels()).detach().sigmoid().mean()
    assert 0.1 < float(share) < 0.3


def test_every_parameter_and_every_level_counts() -> None:
    torch.manual_seed(0)
    decoder = Decoder(CHANNELS, 8, 4)
    levels = [level.requires_grad_() for level in _levels()]
    decoder(levels).square().sum().backward()
    assert all(float(level.grad.abs().sum()) > 0 for level in levels if level.grad is not None)
    assert all(level.grad is not None for level in levels)
    assert all(p.grad is not None and float(p.grad.abs().sum()) > 0 for p in decoder.parameters())


def test_photos_do_not_see_each_other() -> None:
    torch.manual_seed(0)
    decoder, levels = Decoder(CHANNELS, 8, 4), _levels()
    alone = decoder([level[:1] for level in levels])
    assert torch.allclose(decoder(levels)[:1], alone, atol=1e-5)


def test_enlarging_shifts_nothing() -> None:
    """Mirrored features give mirrored logits once the convolutions are mirrored too: no half pixel is lost."""
    torch.manual_seed(0)
    decoder, levels = Decoder(CHANNELS, 8, 4), _levels()
    straight = decoder(levels)
    for module in decoder.modules():
        if isinstance(module, torch.nn.Conv2d):
            module.weight.data = module.weight.data.flip(3)
    assert torch.allclose(decoder([level.flip(3) for level in levels]).flip(3), straight, atol=1e-4)


def test_a_coarse_level_goes_onto_a_fine_one_with_centres_at_integers() -> None:
    coarse = torch.arange(6.0)[None, None, None].expand(1, 1, 6, 6)
    found = _onto(coarse, torch.zeros(1, 1, 12, 12))[0, 0, 5, 1:-1]
    assert torch.allclose(found, (torch.arange(1.0, 11.0) + 0.5) / 2 - 0.5)
