"""Mask files: named by the hash of their bytes, written whole or not at all, checked when read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from core.domain import MaskRef
from core.errors import FileProblem, StorageProblem
from core.files import remedy_for, write_atomically
from core.store.codec import damaged
from core.store.engine import flush_folder
from core.store.hashes import HASH

_UNFINISHED = ".writing-"
"""How the names of files begin that :func:`core.files.write_atomically` did not come to finish."""


def mask_path(folder: Path, sha256: str) -> Path:
    """Return where the mask with this hash lies: ``masks/ab/ab….png`` below the project's folder.

    Raises:
        StorageProblem: that is no hash (a damaged database must not lead us to other files).
    """
    if not HASH.fullmatch(sha256):
        raise damaged(f"{sha256!r} is not the name of a mask")
    return folder / "masks" / sha256[:2] / f"{sha256}.png"


def put_mask(folder: Path, png: bytes, width: int, height: int) -> MaskRef:
    """Keep a mask file; once this returns it is on the disk, so that a row may refer to it.

    Raises:
        StorageProblem: it cannot be written; nothing has been changed.
    """
    ref = MaskRef(hashlib.sha256(png).hexdigest(), width, height)
    path = mask_path(folder, ref.sha256)
    try:
        if path.is_file() and path.read_bytes() == png:
            return ref
        makes_folders = not path.parent.exists()
        write_atomically(path, png)
        flush_folder(path.parent)
        if makes_folders:
            flush_folder(path.parent.parent)
            flush_folder(folder)
    except FileProblem as error:
        raise StorageProblem(error.message, error.remedy) from error
    except OSError as error:
        raise StorageProblem(f"The mask {path} cannot be written: {error.strerror}.", remedy_for(error)) from error
    return ref


def mask_png(folder: Path, ref: MaskRef) -> bytes:
    """Return the bytes of a mask file.

    Raises:
        StorageProblem: it is missing, or its bytes do not have the hash that names it.
    """
    path = mask_path(folder, ref.sha256)
    remedy = "Reconcile the pair again, or restore the file from a backup."
    try:
        png = path.read_bytes()
    except FileNotFoundError as error:
        raise StorageProblem(f"The mask file {path} is missing.", remedy) from error
    except OSError as error:
        raise StorageProblem(f"The mask {path} cannot be read: {error.strerror}.", remedy_for(error)) from error
    if hashlib.sha256(png).hexdigest() != ref.sha256:
        raise StorageProblem(f"The mask file {path} has been damaged or changed.", remedy)
    return png


def mask_files(folder: Path) -> dict[Path, int]:
    """Return the files that :func:`put_mask` has made or begun in a project's folder, with their sizes; no others.

    Raises:
        StorageProblem: the folder cannot be read.
    """
    found: dict[Path, int] = {}
    try:
        for file in (folder / "masks").glob("??/*"):
            ours = HASH.fullmatch(file.stem) and file.name == f"{file.stem}.png" and file.parent.name == file.stem[:2]
            if (ours or file.name.startswith(_UNFINISHED)) and file.is_file() and not file.is_symlink():
                found[file] = file.stat().st_size
    except OSError as error:
        raise StorageProblem(f"{folder} cannot be read: {error.strerror}.", remedy_for(error)) from error
    return found


def remove(files: Iterable[Path]) -> None:
    """Delete files.

    Raises:
        StorageProblem: one cannot be deleted; those before it are gone.
    """
    for path in files:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise StorageProblem(f"{path} cannot be deleted: {error.strerror}.", remedy_for(error)) from error
