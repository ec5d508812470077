"""Mask files that nothing refers to can be told and deleted; whatever an undo could need stays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain import MaskRef, Recipe, Stroke
from core.edits import AddStroke, Edit, RemovePair, SetPrediction, SetRecipe, SetReconciliation, inverse_of
from core.errors import StorageProblem
from core.store.base import Orphans, Store
from core.store.changes import ChangeKind
from core.store.memory import MemoryStore
from tests.contract.store.conftest import ANNA, FOUND, SAID, add, pair


def keep(store: Store, name: str) -> MaskRef:
    return store.put_mask(name.encode(), 60, 40)


def test_what_a_pair_or_its_history_names_stays(store: Store) -> None:
    names = ("mask", "footprint", "painted", "map", "newer map", "stroke", "taken back", "of a removed pair")
    refs = {name: keep(store, name) for name in names}
    found = replace(FOUND, mask=refs["mask"], footprint=refs["footprint"], painted=refs["painted"], mask_placement=None)
    one, other = add(store, pair("one", found), pair("other"))
    said = replace(SAID, map=refs["map"])
    gestures: list[list[Edit]] = [
        [SetPrediction(one, None, said)],
        [SetPrediction(one, said, replace(said, map=refs["newer map"]))],
        [SetRecipe(one, None, Recipe(None)), AddStroke(one, 0, Stroke(1, 2, refs["stroke"], "brush"))],
    ]
    for edits in gestures:
        store.apply(edits, ANNA)
    undone = store.apply([AddStroke(one, 1, Stroke(1, 2, refs["taken back"], "brush"))], ANNA)
    store.apply(inverse_of(undone.edits), ANNA, kind=ChangeKind.UNDO, target=undone.revision)
    found = replace(FOUND, mask=refs["of a removed pair"], footprint=None, painted=None)
    store.apply([SetReconciliation(other, None, found)], ANNA)
    store.apply([RemovePair(store.pairs([other])[0])], ANNA)
    assert store.drop_orphans() == Orphans(0, 0)
    for name, ref in refs.items():
        assert store.mask_png(ref) == name.encode()


def test_what_nothing_names_is_counted_then_deleted(store: Store) -> None:
    looked_at, half, whole = keep(store, "looked at"), keep(store, "half"), keep(store, "taken")
    add(store, replace(pair("one"), prediction=replace(SAID, map=whole)))
    told = Orphans(2, len("looked at") + len("half"))
    assert store.drop_orphans(dry_run=True) == told
    assert store.mask_png(looked_at) == b"looked at"
    assert store.drop_orphans() == told
    for gone in (looked_at, half):
        with pytest.raises(StorageProblem, match="missing"):
            store.mask_png(gone)
    assert store.mask_png(whole) == b"taken"
    assert store.drop_orphans() == Orphans(0, 0)
    assert keep(store, "half") == half, "it can come again"
    assert store.mask_png(half) == b"half"


def test_a_project_that_can_only_be_read_only_counts() -> None:
    store = MemoryStore("read", "Somebody has it.")
    assert store.drop_orphans(dry_run=True) == Orphans(0, 0)
    with pytest.raises(StorageProblem, match="only be read"):
        store.drop_orphans()
