"""A table of tiny trunks, and a checkpoint of each kind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from core.model.published import trunks
from tests.core.model.published import cases


@pytest.fixture
def random() -> torch.Generator:
    return torch.Generator().manual_seed(7)


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the table of trunks be a tiny one."""
    monkeypatch.setattr(trunks, "TABLE", cases.TABLE)
    yield
