"""The two families of error: the environment's, which a user can mend, and ours, which are bugs."""

from __future__ import annotations


def printable(text: str) -> str:
    """Return ``text`` fit for a sentence: what no screen can show (line breaks, control characters) is replaced."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether the memory ran out; OpenCV has an error of its own for that (Error::StsNoMem)."""
    return isinstance(error, MemoryError) or (type(error).__module__ == "cv2" and getattr(error, "code", 0) == -4)


class UserFacingError(Exception):
    """Something outside the program went wrong: a file, a disk, a device, a database, a wrong argument.

    It is shown without a traceback, as one sentence and a remedy. Everything else that is raised is a bug.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        """Keep ``message`` (one full sentence) and ``remedy`` (what to do about it, may be empty)."""
        super().__init__(message, remedy)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".rstrip()


class FileProblem(UserFacingError):
    """A file cannot be read or written."""


class StorageProblem(UserFacingError):
    """A project cannot be opened or changed."""


class DeviceProblem(UserFacingError):
    """A compute device is missing or ran out of memory."""


class UsageProblem(UserFacingError):
    """The program was asked for something that makes no sense (command line: exit code 2)."""


class EditConflict(UserFacingError):
    """An edit was made against a state that somebody else has changed in the meantime."""


class Cancelled(Exception):
    """Raised by ``check()`` inside a job once its owner has asked it to stop."""
