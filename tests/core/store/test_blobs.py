"""Mask files: whole or absent, checked when read, and never a way to other files."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

import pytest

from core import files
from core.domain import MaskRef, Reconciliation
from core.edits import Initiator, SetReconciliation
from core.errors import StorageProblem
from core.store import sql
from core.store.base import Orphans, Store
from core.store.blobs import mask_path
from core.store.opening import open_project

PNG = b"a mask, to all who do not look"


def test_a_mask_lies_under_its_hash(store: Store, folder: Path) -> None:
    ref = store.put_mask(PNG, 60, 40)
    sha256 = hashlib.sha256(PNG).hexdigest()
    assert ref == MaskRef(sha256, 60, 40)
    assert (folder / "masks" / sha256[:2] / f"{sha256}.png").read_bytes() == PNG


def test_the_same_bytes_are_written_once(store: Store, folder: Path) -> None:
    path = mask_path(folder, store.put_mask(PNG, 60, 40).sha256)
    before = path.stat().st_mtime_ns, path.stat().st_ino
    store.put_mask(PNG, 60, 40)
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == before


def test_a_damaged_mask_is_told_and_mended_by_the_same_bytes(store: Store, folder: Path) -> None:
    ref = store.put_mask(PNG, 60, 40)
    mask_path(folder, ref.sha256).write_bytes(PNG[:-1])
    with pytest.raises(StorageProblem, match="damaged or changed") as caught:
        store.mask_png(ref)
    assert caught.value.remedy
    assert store.put_mask(PNG, 60, 40) == ref
    assert store.mask_png(ref) == PNG


def test_a_missing_mask_is_told(store: Store, folder: Path) -> None:
    ref = store.put_mask(PNG, 60, 40)
    mask_path(folder, ref.sha256).unlink()
    with pytest.raises(StorageProblem, match="is missing") as caught:
        store.mask_png(ref)
    assert caught.value.remedy


def test_a_folder_in_the_place_of_a_mask(store: Store, folder: Path) -> None:
    path = mask_path(folder, hashlib.sha256(PNG).hexdigest())
    path.mkdir(parents=True)
    with pytest.raises(StorageProblem, match="cannot be written"):
        store.put_mask(PNG, 60, 40)
    with pytest.raises(StorageProblem, match="cannot be read"):
        store.mask_png(MaskRef(path.stem, 60, 40))


@pytest.mark.parametrize(
    "name", ["", "../../secret", "/etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n", "00/" * 21 + "0"]
)
def test_a_hostile_name_leads_nowhere(store: Store, name: str) -> None:
    with pytest.raises(StorageProblem, match="is not the name of a mask"):
        store.mask_png(MaskRef(name, 1, 1))


@pytest.mark.parametrize("step", ["mkstemp", "fsync"])
def test_a_full_disk_leaves_no_half_mask(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files.tempfile if step == "mkstemp" else files.os, step, full)
    with pytest.raises(StorageProblem, match="cannot be written") as caught:
        store.put_mask(PNG, 60, 40)
    assert "disk is full" in caught.value.remedy
    monkeypatch.undo()
    assert [path.name for path in (folder / "masks").rglob("*.png")] == [f"{hashlib.sha256(b'mask').hexdigest()}.png"]
    assert not list((folder / "masks").rglob(".writing-*"))


def test_a_crash_between_mask_and_journal_leaves_an_orphan_never_a_hole(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_project(folder, "Anna")
    ref = store.put_mask(PNG, 60, 40)
    after = Reconciliation("pawtrait", None, 0.5, "", 1.0, ref)

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sql, "_write_journal", crash)  # the rows are written, the transaction is not over
    with pytest.raises(KeyboardInterrupt):
        store.apply([SetReconciliation(2, None, after)], Initiator("Anna"))
    monkeypatch.undo()
    store.close()
    again = open_project(folder, "Anna")
    assert again.pairs([2])[0].reconciliation is None
    assert len(again.journal()) == 3
    assert again.mask_png(ref) == PNG
    assert again.apply([SetReconciliation(2, None, after)], Initiator("Anna")).revision == 4
    again.close()


def test_only_files_of_ours_that_nothing_names_are_deleted(store: Store, folder: Path) -> None:
    orphan = mask_path(folder, store.put_mask(PNG, 60, 40).sha256)
    (orphan.parent / ".writing-abc").write_bytes(b"half")
    (named,) = (path for path in (folder / "masks").glob("*/*.png") if path != orphan)
    others = [
        folder / "masks" / "notes.txt",
        orphan.parent / "notes.png",
        orphan.parent / f"{'0' * 64}.png",  # in another's folder
        folder / "masks" / "backup" / orphan.name,
        folder / orphan.name,
    ]
    for path in others:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(PNG)
    assert store.drop_orphans() == Orphans(2, len(PNG) + 4)
    assert not any(orphan.parent.glob(".writing-*"))
    assert not orphan.exists()
    assert all(path.exists() for path in (*others, named))


def test_nothing_is_deleted_of_a_project_that_somebody_else_has_open(store: Store, folder: Path) -> None:
    orphan = mask_path(folder, store.put_mask(PNG, 60, 40).sha256)
    other = open_project(folder, "Ben")
    try:
        assert other.drop_orphans(dry_run=True) == Orphans(1, len(PNG))
        with pytest.raises(StorageProblem, match="only be read"):
            other.drop_orphans()
    finally:
        other.close()
    assert orphan.exists()


def test_what_cannot_be_deleted_is_told(store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    orphan = mask_path(folder, store.put_mask(PNG, 60, 40).sha256)

    def refuse(_path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(StorageProblem, match="cannot be deleted") as caught:
        store.drop_orphans()
    assert caught.value.remedy
    assert orphan.exists()
