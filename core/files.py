"""Writes files so that a crash, a full disk or a pulled plug leaves the old file or the new one, never half."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from pathlib import Path

from core.errors import FileProblem

_UMASK = os.umask(0)  # can only be read by setting it: done once, at import, before there are threads
os.umask(_UMASK)
_MODE = 0o666 & ~_UMASK


def write_atomically(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Write ``data`` to a temporary file beside ``path``, flush it to the disk, and put it in place.

    Folders above it are made. Without ``durable`` the flush is left out: for files that can be made again and whose
    reader checks them, as a power cut may leave them empty.

    Raises:
        FileProblem: it could not be written; whatever stood at ``path`` still does.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        with contextlib.suppress(OSError):  # shares with permissions of their own refuse this (CIFS, WSL's drives)
            temporary.chmod(_MODE)  # mkstemp makes files that only their owner may read
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
        raise FileProblem(f"{path} cannot be written: {error.strerror or error}.", remedy_for(error)) from error


def remedy_for(error: OSError) -> str:
    """Return what a user can do about a failed write or read."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk is full: free some space and try again."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "Check the permissions of the folder, or choose another one."
    if error.errno == errno.ENOENT:
        return "Check that it has not been moved or renamed, and that its drive is connected."
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        return "There is a file of that name where a folder should be: choose another folder."
    if error.errno == errno.EISDIR:
        return "There is a folder of that name: choose another name."
    if error.errno == errno.ENAMETOOLONG:
        return "Shorten the name, or choose a folder nearer to the drive's root."
    return "Check the drive and try again."
