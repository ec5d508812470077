"""Both stores, made afresh for each test; what the suite says holds for either."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.store.base import Store
from core.store.memory import MemoryStore
from core.store.opening import create_project, open_project


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty project to copy: making one runs the migrations, which takes longer than most tests."""
    folder = tmp_path_factory.mktemp("template") / "project"
    create_project(folder, "nobody").close()
    return folder


@pytest.fixture(params=["sqlite", "memory"])
def store(request: pytest.FixtureRequest, template: Path, tmp_path: Path) -> Iterator[Store]:
    opened: Store
    if request.param == "memory":
        opened = MemoryStore()
    else:
        shutil.copytree(template, tmp_path / "project")
        opened = open_project(tmp_path / "project", "Anna")
    yield opened
    opened.close()
