"""Read-outs on disk: they come back bit for bit, and what comes from elsewhere is refused in words."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save as to_bytes

from core.errors import FileProblem, UserFacingError
from core.model import checkpoint
from core.model.card import ModelProblem
from tests.core.model.conftest import CARD

TENSORS = {"a.weight": torch.arange(12.0).reshape(3, 4), "a.bias": torch.tensor([0.5, -1.0, 2.0])}
IN_PLACE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=120)


def _whole() -> bytes:
    return to_bytes(TENSORS, {"card": CARD.to_json()})


def _file(path: Path, header: object, body: bytes = b"", length: int | None = None) -> Path:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text) if length is None else length) + text + body)
    return path


def test_it_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    odd = {**TENSORS, "half": torch.ones(2, dtype=torch.float16), "turned": torch.arange(6.0).reshape(2, 3).T}
    checkpoint.save(path, odd, CARD)
    card, tensors = checkpoint.load(path)
    assert card == CARD == checkpoint.read_card(path)
    assert tensors.keys() == odd.keys()
    assert all(torch.equal(tensors[name], odd[name]) and tensors[name].dtype == odd[name].dtype for name in odd)


def test_the_version_is_that_of_the_bytes(tmp_path: Path) -> None:
    one, other = tmp_path / "1.safetensors", tmp_path / "2.safetensors"
    for path in (one, other):
        checkpoint.save(path, TENSORS, CARD)
    assert checkpoint.version_of(one) == checkpoint.version_of(other)
    other.write_bytes(other.read_bytes()[:-1] + b"?")
    assert checkpoint.version_of(one) != checkpoint.version_of(other)
    assert len(checkpoint.version_of(one)) == 12


@given(st.integers(0, len(_whole()) - 1))
@IN_PLACE
def test_a_file_that_is_cut_off_is_refused(tmp_path: Path, length: int) -> None:
    path = tmp_path / "cut.safetensors"
    path.write_bytes(_whole()[:length])
    with pytest.raises(ModelProblem):
        checkpoint.load(path)


@given(st.integers(0, len(_whole()) - 1), st.integers(1, 255))
@IN_PLACE
def test_a_flipped_byte_never_gives_a_traceback(tmp_path: Path, place: int, change: int) -> None:
    data = bytearray(_whole())
    data[place] ^= change
    path = tmp_path / "flipped.safetensors"
    path.write_bytes(data)
    try:
        _, tensors = checkpoint.load(path)
    except UserFacingError as problem:
        assert problem.message.endswith(".") and problem.remedy
        return
    assert all(torch.isfinite(tensor).all() for tensor in tensors.values())


@pytest.mark.parametrize("length", [0, 1, 2**31, 2**63, 2**64 - 1])
def test_a_header_that_claims_to_be_long_is_not_read(tmp_path: Path, length: int) -> None:
    with pytest.raises(ModelProblem, match="is not a model's file"):
        checkpoint.load(_file(tmp_path / "m.safetensors", {}, length=length))


@pytest.mark.parametrize(
    "header",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"\xff\xfe\xfd\xfc",
        [],
        7,
        {},
        {"__metadata__": None},
        {"__metadata__": ["card"]},
        {"__metadata__": {}},
        {"__metadata__": {"card": {}}},
        {"__metadata__": {"card": "{}"}},
    ],
    ids=lambda header: str(header)[:20],
)
def test_a_header_without_a_card_is_refused(tmp_path: Path, header: object) -> None:
    path = _file(tmp_path / "m.safetensors", header)
    with pytest.raises(ModelProblem) as caught:
        checkpoint.read_card(path)
    assert caught.value.remedy


@pytest.mark.parametrize(
    "entry",
    [
        {"dtype": "F32", "shape": [2**40, 2**40], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [2], "data_offsets": [8, 0]},
        {"dtype": "F32", "shape": [2], "data_offsets": [4, 12]},
        {"dtype": "F99", "shape": [2], "data_offsets": [0, 8]},
        {"dtype": "F8_E4M3", "shape": [8], "data_offsets": [0, 8]},
        {"dtype": "F64", "shape": [1], "data_offsets": [0, 8]},
        {"dtype": "C64", "shape": [1], "data_offsets": [0, 8]},
        {"dtype": "I64", "shape": [1], "data_offsets": [0, 8]},
        {},
        None,
    ],
    ids=str,
)
def test_tensors_that_make_no_sense_are_refused(tmp_path: Path, entry: object) -> None:
    path = _file(tmp_path / "m.safetensors", {"__metadata__": {"card": CARD.to_json()}, "a": entry}, bytes(8))
    with pytest.raises(ModelProblem) as caught:
        checkpoint.load(path)
    assert caught.value.remedy


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("kind", [torch.float32, torch.float16, torch.bfloat16])
def test_numbers_that_are_not_finite_are_refused(tmp_path: Path, value: float, kind: torch.dtype) -> None:
    path = tmp_path / "m.safetensors"
    checkpoint.save(path, {"w": torch.tensor([1.0, value], dtype=kind)}, CARD)
    with pytest.raises(ModelProblem, match=r"not finite \(in w\)"):
        checkpoint.load(path)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "MAX_FILE", 100)
    path = tmp_path / "m.safetensors"
    checkpoint.save(path, TENSORS, CARD)
    with pytest.raises(ModelProblem, match="too large"):
        checkpoint.load(path)


@pytest.mark.parametrize("read", [checkpoint.load, checkpoint.read_card, checkpoint.version_of])
def test_files_that_cannot_be_read(tmp_path: Path, read: object) -> None:
    for path in (tmp_path / "none.safetensors", tmp_path):
        with pytest.raises(FileProblem, match="cannot be read"):
            read(path)  # type: ignore[operator]


def test_a_module_takes_all_or_nothing() -> None:
    module = torch.nn.Linear(4, 3)
    before = {name: value.clone() for name, value in module.state_dict().items()}
    whole = {"weight": torch.ones(3, 4, dtype=torch.float16), "bias": torch.zeros(3)}
    wrong = [
        {"weight": whole["weight"]},
        {**whole, "more": torch.zeros(1)},
        {**whole, "bias": torch.zeros(4)},
        {**whole, "weight": torch.ones(4, 3)},
    ]
    for tensors in wrong:
        with pytest.raises(ModelProblem, match="that file belongs to another network"):
            checkpoint.fill(module, tensors, "that file")
        assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
    checkpoint.fill(module, whole, "that file")
    assert module.weight.dtype == torch.float32
    assert torch.equal(module.weight, torch.ones(3, 4))
