"""SIGKILL at any instant, in mid-review and in mid-batch, loses nothing that was decided."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from core.domain import PairQuery
from core.edits import AddPair, RemovePair, SetReconciliation, SetReview
from core.images.io import decode_mask
from core.store.base import Store
from core.store.opening import open_project
from main import main
from tests.e2e.conftest import PAIRS, Place

DRIVER = Path(__file__).with_name("desk_driver.py")
KILLS = {"review": 8, "batch": 2}  # in each of five tests; a batch starts processes of its own, which takes its time

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows"),
]


def _killed_desk(place: Place, seed: int, mode: str, changes: int, delay: float) -> list[dict[str, Any]]:
    """Start the desk, kill it ``delay`` seconds after some ``changes``, and return what it had said until then.

    By changes, not by the clock: on a busy machine a desk may need half a second for the first one.
    """
    command = [sys.executable, str(DRIVER), str(place.project), str(seed), mode]
    environment = os.environ | {"PYTHONPATH": str(DRIVER.parents[2])}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        said: list[bytes] = []
        while changes:
            said.append(child.stdout.readline())
            assert said[-1], child.stderr.read().decode()
            line = json.loads(said[-1])
            # In a batch the interesting instants begin with the first pair placed: its processes need seconds to start.
            changes -= bool(line.get("placed") if mode == "batch" else "revision" in line)
        time.sleep(delay)
        assert child.poll() is None, child.stderr.read().decode()
        child.send_signal(signal.SIGKILL)
        said += child.stdout.readlines()
    return [json.loads(line) for line in said if line.endswith(b"\n")]


def _check(store: Store, said: list[dict[str, Any]]) -> None:
    journal = {change.revision: change for change in store.journal()}
    assert list(journal) == list(range(1, len(journal) + 1))
    for line in said:
        if "revision" not in line:
            continue
        change = journal[line["revision"]]
        reviews = {str(edit.pair_id): edit.after.decision.value for edit in change.edits if edit.kind == "set_review"}
        assert reviews == line["reviews"]
        assert [edit.pair_id for edit in change.edits if edit.kind == "set_reconciliation"] == line["placed"]
    _rows_are_what_the_journal_says(store)


def _rows_are_what_the_journal_says(store: Store) -> None:
    replayed = {}
    for change in store.journal():
        for edit in change.edits:
            if isinstance(edit, AddPair):
                replayed[edit.pair_id] = (edit.pair.review, edit.pair.reconciliation)
            elif isinstance(edit, RemovePair):
                del replayed[edit.pair_id]
            elif isinstance(edit, SetReconciliation):
                replayed[edit.pair_id] = (replayed[edit.pair_id][0], edit.after)
            elif isinstance(edit, SetReview):
                replayed[edit.pair_id] = (edit.after, replayed[edit.pair_id][1])
    pairs = store.pairs(store.pair_ids(PairQuery()))
    assert {pair.id: (pair.review, pair.reconciliation) for pair in pairs} == replayed
    for pair in pairs:
        if pair.reconciliation is not None and pair.reconciliation.mask is not None:
            mask = pair.reconciliation.mask
            assert decode_mask(store.mask_png(mask)).shape == (mask.height, mask.width)


@pytest.mark.parametrize("mode", ["review", "batch"])
@pytest.mark.parametrize("seed", range(5))
def test_a_killed_desk_loses_nothing_decided(seed: int, mode: str, place: Place) -> None:
    assert main(place.import_command) == 0
    rng = random.Random(seed)
    changes = 0
    for _ in range(KILLS[mode]):
        until = (rng.randint(1, 12), 0.05) if mode == "review" else (1, 2.0)
        said = _killed_desk(place, rng.randrange(10**6), mode, until[0], rng.uniform(0.0, until[1]))
        changes += sum("revision" in line for line in said)
        with closing(sqlite3.connect(place.project / "project.sqlite")) as connection:
            assert connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
        store = open_project(place.project, "tester")
        try:
            assert store.info.read_only_reason == ""
            assert len(store.pair_ids(PairQuery())) == PAIRS
            _check(store, said)
        finally:
            store.close()
    assert changes >= KILLS[mode], "the desk was killed before it did anything: the test has shown nothing"
