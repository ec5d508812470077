"""A killed program loses nothing that it was told is saved, at whatever instant it is killed."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from core.store.opening import open_project

ROOT = Path(__file__).parents[3]
KILLS = 8

REVIEWER = """
import random, sys
from pathlib import Path
from core.domain import Decision, ImageRef, Pair, Reconciliation, Review
from core.domain import Stroke
from core.edits import AddPair, Initiator, SetReconciliation, SetReview, painted
from core.store.opening import open_project

store, chance = open_project(Path(sys.argv[1]), "Anna"), random.Random(int(sys.argv[2]))
assert not store.info.read_only, store.info.read_only_reason
anna = Initiator("Anna", seconds=1.0)
while True:
    pair = store.pairs([chance.choice(store.pair_ids())])[0]
    what = chance.random()
    if what < 0.3:
        patch = store.put_mask(chance.randbytes(20_000), 1, 2)
        edits = painted(pair, Stroke(0, 0, patch, "brush"))
    elif what < 0.6:
        edits = [SetReview(pair.id, pair.review, Review(chance.choice(list(Decision)), comment=str(what)))]
    elif what < 0.9:
        ref = store.put_mask(chance.randbytes(20_000), 60, 40)
        found = Reconciliation("pawtrait", None, what, "x" * chance.randrange(3000), 1.0, ref)
        edits = [SetReconciliation(pair.id, pair.reconciliation, found)]
    else:
        image = ImageRef("/photos/x.jpg", "0" * 64, 1, 1)
        edits = [AddPair(Pair(0, f"{what} {n}", image, None)) for n in range(40)]
    print(store.apply(edits, anna).revision, flush=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no such signal")
def test_killed_in_the_middle_nothing_applied_is_lost(folder: Path) -> None:
    chance = random.Random(20)
    known = len(open_then_close(folder))
    for kill in range(KILLS):
        command = [sys.executable, "-c", REVIEWER, str(folder), str(kill)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as reviewer:
            assert reviewer.stdout is not None
            heard = [int(reviewer.stdout.readline()) for _ in range(chance.randrange(1, 30))]
            reviewer.send_signal(signal.SIGKILL)
            # What was said between our last look and the kill counts as well; half a line does not.
            heard += [int(line) for line in reviewer.stdout if line.endswith("\n")]
        revisions = open_then_close(folder)
        assert set(heard) <= set(revisions)
        assert heard == list(range(known + 1, known + 1 + len(heard)))
        # One more may have been written and not yet told.
        assert revisions == list(range(1, len(revisions) + 1))
        assert len(revisions) - heard[-1] in (0, 1)
        known = len(revisions)


def open_then_close(folder: Path) -> list[int]:
    """Open as the next program would: everything is readable, and writable at once; return the revisions."""
    store = open_project(folder, "Ben")
    assert not store.info.read_only, store.info.read_only_reason
    pairs = store.pairs(store.pair_ids())
    for pair in pairs:
        if pair.reconciliation is not None and pair.reconciliation.mask is not None:
            store.mask_png(pair.reconciliation.mask)
        for stroke in () if pair.recipe is None else pair.recipe.strokes:
            store.mask_png(stroke.patch)
    journal = store.journal()
    by_revision = {change.revision: change for change in journal}
    for pair in pairs:
        assert pair.id in by_revision[pair.revision].pair_ids
    store.close()
    with closing(sqlite3.connect(folder / "project.sqlite")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    return [change.revision for change in journal]
