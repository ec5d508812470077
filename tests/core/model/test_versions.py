"""Versions of a project's models: every one is kept, what is in use is said, and damage is a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import FileProblem
from core.model import registry, versions
from core.model.card import ModelProblem
from tests.core.jobs.modelling import write_model


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """One model that ships and two that were trained."""
    write_model(tmp_path / "shipped" / "pawtrait.safetensors")
    monkeypatch.setattr(registry, "shipped", lambda: tmp_path / "shipped")
    return [write_model(tmp_path / f"{seed}.safetensors", seed=seed) for seed in (1, 2)]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def test_a_project_without_models_uses_what_ships(project: Path, made: list[Path], tmp_path: Path) -> None:
    assert versions.versions(project) == []
    assert versions.in_use(project, "pawtrait") is None
    assert versions.resolve(project, "pawtrait") == tmp_path / "shipped" / "pawtrait.safetensors"
    assert versions.resolve(None, "pawtrait") == tmp_path / "shipped" / "pawtrait.safetensors"
    assert list(project.iterdir()) == []


def test_versions_are_kept_and_put_in_use(project: Path, made: list[Path]) -> None:
    kept = [versions.keep(project, file, {"at": f"2026-0{n}"}) for n, file in enumerate(made, 1)]
    assert [one.version for one in versions.versions(project)] == [one.version for one in kept]
    assert versions.in_use(project, "pawtrait") is None
    versions.put_in_use(project, "pawtrait", kept[1].version)
    assert versions.resolve(project, "pawtrait") == kept[1].file
    assert versions.resolve(project, kept[0].version) == kept[0].file, "an older one can be asked for"
    versions.put_in_use(project, "pawtrait", None)
    assert versions.in_use(project, "pawtrait") is None
    assert [one.card.seed for one in versions.versions(project)] == [1, 2]
    assert not list(versions.folder_of(project).glob(".*"))


def test_keeping_the_same_twice_is_one_version(project: Path, made: list[Path]) -> None:
    for at in ("2026-01", "2026-02"):
        versions.keep(project, made[0], {"at": at})
    (one,) = versions.versions(project)
    assert one.record["at"] == "2026-02"


def test_a_version_that_is_none_is_not_put_in_use(project: Path, made: list[Path]) -> None:
    kept = versions.keep(project, made[0], {})
    for name, version in (("pawtrait", "0" * 12), ("deepgaze2-vgg16", kept.version), ("pawtrait", "../../etc")):
        with pytest.raises(ModelProblem, match="no version") as caught:
            versions.put_in_use(project, name, version)
        assert caught.value.remedy


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"in_use": []}',
        '{"in_use": {"pawtrait": "../../../tmp/x"}}',
        '{"in_use": {"pawtrait": 7}}',
        "[" * 100_000,
    ],
)
def test_a_damaged_word_of_what_is_in_use_is_a_sentence(project: Path, text: str) -> None:
    versions.folder_of(project).mkdir()
    (versions.folder_of(project) / "current.json").write_text(text)
    with pytest.raises(ModelProblem, match="damaged") as caught:
        versions.in_use(project, "pawtrait")
    assert caught.value.remedy


def test_a_missing_version_is_a_sentence_and_a_foreign_file_is_passed_over(project: Path, made: list[Path]) -> None:
    kept = versions.keep(project, made[0], {})
    versions.put_in_use(project, "pawtrait", kept.version)
    other = versions.folder_of(project) / ("0" * 12) / versions.READ_OUT
    other.parent.mkdir()
    other.write_bytes(kept.file.read_bytes())
    assert [one.version for one in versions.versions(project)] == [kept.version], "a file's version is its content's"
    kept.file.unlink()
    with pytest.raises(ModelProblem, match="is missing"):
        versions.in_use(project, "pawtrait")


def test_a_folder_that_cannot_be_written(project: Path, made: list[Path]) -> None:
    versions.folder_of(project).write_text("in the way")
    with pytest.raises(FileProblem, match="cannot be written") as caught:
        versions.keep(project, made[0], {})
    assert caught.value.remedy
