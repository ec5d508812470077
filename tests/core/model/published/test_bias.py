"""The centre bias beside a checkpoint: one file, or a flat one; several, or another thing, are refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.model.card import ModelProblem
from core.model.published import bias


def test_without_a_file_it_is_flat(tmp_path: Path) -> None:
    name, found = bias.beside(tmp_path / "deepgaze.pth")
    assert name == "flat"
    assert np.ptp(found.log_density) == 0


def test_a_file_is_normalised(tmp_path: Path) -> None:
    values = np.linspace(-9, 3, 35).reshape(5, 7)
    np.save(tmp_path / "centerbias_mit1003.npy", values)
    np.save(tmp_path / "other.npy", values)
    name, found = bias.beside(tmp_path / "deepgaze.pth")
    assert name == "centerbias_mit1003.npy"
    assert np.allclose(found.log_density - found.log_density[0, 0], values - values[0, 0], atol=1e-5)
    assert np.exp(found.log_density).sum() == pytest.approx(1, abs=1e-5)


def test_of_two_files_none_is_guessed(tmp_path: Path) -> None:
    for name in ("centerbias.npy", "centerbias_mit1003.npy"):
        np.save(tmp_path / name, np.zeros((4, 4)))
    with pytest.raises(ModelProblem, match=r"2 files beside deepgaze\.pth") as caught:
        bias.beside(tmp_path / "deepgaze.pth")
    assert caught.value.remedy


@pytest.mark.parametrize(
    "values",
    [np.zeros(4), np.zeros((0, 4)), np.zeros((2, 5000)), np.full((4, 4), np.nan), np.array([["a", "b"]]), {"a": 1}],
    ids=["line", "empty", "large", "nan", "text", "object"],
)
def test_what_is_no_map_is_refused(tmp_path: Path, values: object) -> None:
    np.save(tmp_path / "centerbias.npy", np.asarray(values), allow_pickle=True)
    with pytest.raises(ModelProblem, match=r"centerbias\.npy is no log-density"):
        bias.beside(tmp_path / "deepgaze.pth")


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "centerbias.npy").write_bytes(b"\x93NUMPY\x01")
    with pytest.raises(ModelProblem):
        bias.beside(tmp_path / "deepgaze.pth")
