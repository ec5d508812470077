"""bfloat16 where the processor has it, single precision elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from core.model import precision


@pytest.fixture(autouse=True)
def asked_anew() -> Iterator[None]:
    precision.has_bfloat16.cache_clear()
    yield
    precision.has_bfloat16.cache_clear()


def _product() -> torch.Tensor:
    with precision.autocast("cpu"):
        return torch.ones(2, 2) @ torch.ones(2, 2)


@pytest.mark.parametrize("vector", [False, True])
@pytest.mark.parametrize("matrix", [False, True])
def test_it_is_chosen_by_what_the_processor_has(monkeypatch: pytest.MonkeyPatch, vector: bool, matrix: bool) -> None:
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: vector, raising=False)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: matrix, raising=False)
    used = torch.ops.mkldnn._is_mkldnn_bf16_supported() and (vector or matrix)
    assert _product().dtype == (torch.bfloat16 if used else torch.float32)


def test_a_torch_that_cannot_be_asked_computes_in_single_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(torch.cpu, "_is_avx512_bf16_supported", raising=False)
    monkeypatch.delattr(torch.cpu, "_is_amx_tile_supported", raising=False)
    assert _product().dtype == torch.float32


@pytest.mark.parametrize(("capability", "kind"), [((7, 5), torch.float16), ((8, 0), torch.bfloat16)])
def test_gpus_get_the_format_that_they_have(
    monkeypatch: pytest.MonkeyPatch, capability: tuple[int, int], kind: torch.dtype
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: capability)
    monkeypatch.setattr(torch, "autocast", lambda *given, **_: asked.extend(given))
    precision.autocast("cuda")
    assert asked == ["cuda", kind]
