"""Opens the user's files safely: limits, odd kinds of file, hashes, and the sentences about what went wrong."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from core.errors import FileProblem, UserFacingError, is_out_of_memory, printable
from core.files import remedy_for
from core.settings import Settings

_CHUNK = 1 << 22
# A named pipe would block the opening thread until somebody writes to it; O_NONBLOCK opens it at once, to be refused.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


@dataclass(frozen=True, slots=True)
class Limits:
    """What is refused before it is decoded (or, for files, before it is read); 1 MB is 1,000,000 bytes."""

    max_megapixels: float
    max_file_megabytes: float

    @classmethod
    def from_settings(cls, settings: Settings) -> Limits:
        """Return the limits that the user has set."""
        return cls(settings.number("images.max_megapixels"), settings.number("images.max_file_megabytes"))

    def check_size(self, path: Path, width: int, height: int) -> None:
        """Raise ``FileProblem`` for a picture of no, or of too many, pixels."""
        if width < 1 or height < 1:
            raise FileProblem(f"{shown(path)} is damaged: it says that it has no pixels.", COPY_AGAIN)
        if width * height > self.max_megapixels * 1e6:
            raise FileProblem(
                f"{shown(path)} has {width} × {height} pixels: over the limit of {self.max_megapixels:g} megapixels.",
                "If you trust the file, raise “Largest picture” in the settings.",
            )

    def check_bytes(self, path: Path, count: int) -> None:
        """Raise ``FileProblem`` for an empty file or one that is too large."""
        if count == 0:
            raise FileProblem(f"{shown(path)} is empty.", COPY_AGAIN)
        if count > self.max_file_megabytes * 1e6:
            raise FileProblem(
                f"{shown(path)} has {count / 1e6:.0f} MB: over the limit of {self.max_file_megabytes:g} MB.",
                "If you trust the file, raise “Largest file” in the settings.",
            )


COPY_AGAIN = "Copy it again from where it came from, or save it anew from the program that made it."


def shown(path: Path) -> str:
    """Return ``path`` fit for a sentence; bytes that are no text are replaced too."""
    return printable(str(path))


class NotSupported(Exception):
    """Raised by a decoder over a file in order that it cannot make a picture of: what it holds, and a remedy."""


@contextlib.contextmanager
def blame(path: Path, what: str) -> Iterator[None]:
    """Turn whatever a library raises over a hostile file into one ``FileProblem``.

    The libraries raise nearly anything over damaged bytes (struct.error, SyntaxError, RecursionError, warnings that a
    user has made errors …), so everything is caught here; keep code of ours that can have bugs out of the block.

    Args:
        path: the file, for the sentence.
        what: the kind of file, for the sentence, such as "a PNG file".
    """
    try:
        yield
    except (UserFacingError, ImportError):  # the second is a broken installation
        raise
    except NotSupported as error:
        holds, remedy = error.args
        raise FileProblem(f"{shown(path)} is {what} with {holds}, which cannot be read here.", remedy) from error
    except Exception as error:
        if is_out_of_memory(error):
            raise out_of_memory(path) from error
        if isinstance(error, OSError) and error.errno:  # the drive's fault; a decoder's OSError has no number
            raise unreadable(path, error) from error
        message = f"{shown(path)} cannot be decoded: it begins as {what}, but is damaged or of an unusual make."
        raise FileProblem(message, COPY_AGAIN) from error


def out_of_memory(path: Path) -> FileProblem:
    """Return the problem of a picture that does not fit into memory."""
    return FileProblem(f"{shown(path)} does not fit into memory.", "Close other programs, or save it smaller.")


def unreadable(path: Path, error: OSError) -> FileProblem:
    """Return the problem of a file that the system does not let us read."""
    return FileProblem(f"{shown(path)} cannot be read: {error.strerror or error}.", remedy_for(error))


@contextlib.contextmanager
def opened(path: Path, limits: Limits | None = None) -> Iterator[BinaryIO]:
    """Open a regular file for reading, checked against ``limits`` (None: any size, empty too).

    Raises:
        FileProblem: missing, not permitted, a folder or a device, empty, or too large.
    """
    try:
        handle = os.open(path, _FLAGS)
    except OSError as error:
        # Windows refuses to open a folder: say so, not "permission denied". Path.is_dir would raise over long names.
        if os.path.isdir(path):  # noqa: PTH112
            raise _no_file(path, "a folder") from error
        raise unreadable(path, error) from error
    except ValueError as error:  # a NUL in the name
        raise FileProblem(f"{shown(path)} cannot be read: no file can have that name.", "Rename it.") from error
    try:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode):
            raise _no_file(path, "a folder" if stat.S_ISDIR(about.st_mode) else "a device or a pipe")
        if limits is not None:
            limits.check_bytes(path, about.st_size)
        file = os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise
    with file:
        yield file


def _no_file(path: Path, kind: str) -> FileProblem:
    return FileProblem(f"{shown(path)} is {kind}, not a file.", "Choose a picture file.")


def read_bytes(path: Path, limits: Limits) -> bytes:
    """Return a file's content, read once: what is hashed and what is decoded cannot differ.

    Raises:
        FileProblem: as :func:`opened`, or reading failed half-way, or somebody is writing to it.
    """
    with opened(path, limits) as file:
        try:
            size = os.fstat(file.fileno()).st_size
            data = file.read(size + 1)  # one more, to see whether it grows
        except OSError as error:
            raise unreadable(path, error) from error
        except MemoryError as error:
            raise out_of_memory(path) from error
    if len(data) != size:
        raise FileProblem(f"{shown(path)} changed while it was read.", "Wait until it has been copied completely.")
    return data


def hash_file(path: Path, limits: Limits | None = None, check: Callable[[], None] = lambda: None) -> str:
    """Return the SHA-256 of a file's bytes, hexadecimal; ``check`` is asked while a large file is read.

    Raises:
        FileProblem: as :func:`opened`, or reading failed half-way.
    """
    digest = hashlib.sha256()
    with opened(path, limits) as file:
        try:
            while chunk := file.read(_CHUNK):
                check()
                digest.update(chunk)
        except OSError as error:
            raise unreadable(path, error) from error
    return digest.hexdigest()
