"""The desk with predicted photos, and work that answers as a model would."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.store.memory import MemoryStore
from gui.jobs.runner import Runner
from tests.gui.conftest import Driver, Gate
from tests.gui.predicting import model_work, predicted


@pytest.fixture
def store() -> MemoryStore:
    return predicted()


@pytest.fixture
def desk(make: Callable[[Runner], Driver], runner: Runner, gate: Gate, store: MemoryStore) -> Driver:
    gate.do = model_work(store)
    driver = make(runner)
    driver.window.desk.use(store)
    return driver
