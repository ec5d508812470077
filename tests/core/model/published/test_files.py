"""Files of others: read without running them, whatever they are wrapped in, and refused in words."""

from __future__ import annotations

import pickle
import zipfile
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from core.errors import FileProblem
from core.model.card import ModelProblem
from core.model.published import files

STATE = {"a.weight": torch.arange(6.0).reshape(2, 3), "b": torch.ones(1, dtype=torch.float16)}


def _same(found: files.State) -> bool:
    return found.keys() == STATE.keys() and all(torch.equal(found[name], value) for name, value in STATE.items())


@pytest.mark.parametrize("wrapped", [STATE, {"epoch": 3, "state_dict": STATE, "more": {"x": 1}}])
def test_a_state_dict_is_found(tmp_path: Path, wrapped: dict[str, object]) -> None:
    for name, zipped in (("new.pth", True), ("old.pth", False)):
        torch.save(wrapped, tmp_path / name, _use_new_zipfile_serialization=zipped)
        assert _same(files.read(tmp_path / name))


def test_safetensors_too(tmp_path: Path) -> None:
    save_file(STATE, tmp_path / "m.safetensors")
    assert _same(files.read(tmp_path / "m.safetensors"))


class _Evil:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> object:
        return Path.touch, (self.mark,)


@pytest.mark.parametrize("zipped", [True, False])
def test_nothing_in_a_file_is_run(tmp_path: Path, zipped: bool) -> None:
    path, mark = tmp_path / "evil.pth", tmp_path / "ran"
    torch.save({"readout_network.conv0.weight": _Evil(mark)}, path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(ModelProblem, match=r"evil\.pth is not a model's file"):
        files.read(path)
    assert not mark.exists()


def _torn() -> dict[str, bytes]:
    return {
        "empty": b"",
        "zip": b"PK\x03\x04",
        "no files": b"PK\x05\x06" + bytes(18),
        "noughts": bytes(100),
        "pickle": pickle.dumps({"a": 1}, protocol=2)[:-3],
        "text": b"a read-out",
    }


@pytest.mark.parametrize("name", _torn())
def test_a_damaged_file_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "torn.pth"
    path.write_bytes(_torn()[name])
    with pytest.raises(ModelProblem, match="is not a model's file, or is damaged"):
        files.read(path)


def test_a_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cut.pth"
    torch.save({"a": torch.zeros(10_000)}, path)
    path.write_bytes(path.read_bytes()[:20_000])
    with pytest.raises(ModelProblem, match="is damaged"):
        files.read(path)


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    torch.save(torch.zeros(3), tmp_path / "m.pth")
    with pytest.raises(ModelProblem):
        files.read(tmp_path / "m.pth")
    with zipfile.ZipFile(tmp_path / "z.pth", "w") as archive:
        archive.writestr("readme", "nothing")
    with pytest.raises(ModelProblem):
        files.read(tmp_path / "z.pth")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "gone.pth"):
        with pytest.raises(FileProblem, match="cannot be read"):
            files.read(path)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_FILE", 100)
    torch.save(STATE, tmp_path / "m.pth")
    with pytest.raises(ModelProblem, match="too large"):
        files.read(tmp_path / "m.pth")


def test_a_tensor_that_claims_more_than_the_file_holds_is_none(tmp_path: Path) -> None:
    torch.save({"small": torch.ones(2), "huge": torch.zeros(1).expand(2**40)}, tmp_path / "m.pth")
    assert files.read(tmp_path / "m.pth").keys() == {"small"}


def test_members_of_a_list_are_in_order() -> None:
    state = {f"nets.{number}.w": torch.tensor(number) for number in reversed(range(12))} | {"other": torch.ones(1)}
    assert [int(one["w"]) for one in files.numbered(state, "nets.")] == list(range(12))
    del state["nets.3.w"]
    with pytest.raises(KeyError):
        files.numbered(state, "nets.")


def test_weights_are_put_into_a_module_without_a_copy() -> None:
    with torch.device("meta"):
        module = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    state = {name: torch.ones(value.shape, dtype=value.dtype) for name, value in module.state_dict().items()}
    half = state | {"0.bias": torch.ones(2).half(), "head.weight": torch.ones(5)}
    files.put(module, half)
    assert module[0].weight.data_ptr() == state["0.weight"].data_ptr()
    assert module[0].bias.dtype == torch.float32
    assert not module.training and not any(one.requires_grad for one in module.parameters())
    for wrong in ({**state, "0.weight": torch.ones(2, 4)}, {}):
        with pytest.raises((KeyError, RuntimeError)):
            files.put(module, wrong)


def test_numbers_that_are_not_finite_are_told() -> None:
    module = nn.Linear(2, 2)
    files.see_that_it_is_finite(module, "m.pth")
    with torch.no_grad():
        module.bias[1] = torch.inf
    with pytest.raises(ModelProblem, match=r"m\.pth holds numbers that are not finite"):
        files.see_that_it_is_finite(module, "m.pth")
