"""What several kinds of work do with the user's files: examine a picture, and never write over one of theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from core.domain import ImageRef
from core.errors import FileProblem, UsageProblem
from core.files import remedy_for
from core.images import io
from core.images.encode import is_ours
from core.images.source import shown
from core.jobs.pairing import identity


def examine(path: Path, limits: io.Limits, check: Callable[[], None]) -> ImageRef:
    """Return a picture's size and the hash of its content; ``check`` is asked while a large file is read.

    Raises:
        FileProblem: it is no picture that can be read, or its name is not Unicode, which no project can hold.
    """
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        raise FileProblem(f"{shown(path)} has a name that is not valid Unicode.", "Rename the file.") from error
    width, height = io.identify(path, limits)
    return ImageRef(str(path), io.hash_file(path, limits, check), width, height)


def refuse_to_overwrite(pictures: Iterable[str], targets: Iterable[Path], check: Callable[[], None]) -> None:
    """See that no file to be written is one of the user's ``pictures``, by whatever name or link.

    A file that stands there already is replaced only if this program wrote it.

    Raises:
        UsageProblem: one is such a picture, or somebody else's file.
    """
    standing = {}
    for target in targets:
        check()
        there = identity(target)
        if there is None:
            continue
        if not is_ours(target):
            raise UsageProblem(
                f"Writing {target} would destroy a file that Pawtrait did not write.",
                "Choose another, empty folder or name.",
            )
        standing[there] = target
    if not standing:
        return
    for picture in pictures:
        check()
        target_there = standing.get(identity(Path(picture)) or (0, 0))
        if target_there is not None:
            raise UsageProblem(
                f"Writing {target_there} would destroy a picture of yours.", "Choose another, empty folder or name."
            )


def remove_ours(path: Path) -> None:
    """Remove a picture that this program wrote; any other, and none, is left as it is.

    Raises:
        FileProblem: it cannot be removed.
    """
    try:
        if is_ours(path):
            path.unlink(missing_ok=True)
    except OSError as error:
        message = f"{shown(path)} is of an earlier run, and cannot be removed: {error.strerror or error}."
        raise FileProblem(message, remedy_for(error)) from error
