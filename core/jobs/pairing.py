"""Which file belongs to which: a table of pairs (CSV), or two folders matched by file stem."""

from __future__ import annotations

import csv
import io
import os.path
import stat
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from core.errors import FileProblem
from core.files import remedy_for
from core.images.source import shown, unreadable
from core.jobs.context import ItemFailed

_COLUMNS = ("pair", "original", "designer")
_MAY_BE_THERE = ("prior",)
_MAX_CSV_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True)
class FilePair:
    """Two files that belong together, under the pair's name; ``place`` says where that stands, for messages.

    ``designer`` is None for a photo alone. ``prior`` is a file that says where to search, if the table names one.
    """

    name: str
    original: Path
    designer: Path | None
    place: str = ""
    prior: Path | None = None


@dataclass(frozen=True, slots=True)
class PairsTable:
    """A pairs file, line by line: a pair, or what is wrong with the line."""

    lines: tuple[FilePair | ItemFailed, ...]

    @property
    def rows(self) -> tuple[FilePair, ...]:
        """The good lines, in order."""
        return tuple(line for line in self.lines if isinstance(line, FilePair))

    @property
    def problems(self) -> tuple[ItemFailed, ...]:
        """The bad lines, in order."""
        return tuple(line for line in self.lines if isinstance(line, ItemFailed))


@dataclass(frozen=True, slots=True)
class Matching:
    """Two folders matched by file stem: pairs by name, files without a partner, and what is not clear."""

    pairs: tuple[FilePair, ...]
    unmatched: tuple[Path, ...]
    ambiguous: tuple[str, ...]
    """One sentence for each stem that several files of one folder share; none of them is in ``pairs``."""


def absolute(path: Path) -> Path:
    """Return the path made absolute and cleaned of ``..``, with symbolic links as the user wrote them."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - Path.resolve would replace links by what they point to


def identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from all others, by whatever name or link it is called; None: nothing is there."""
    try:
        status = path.stat()
    except (OSError, ValueError):  # the second: a NUL in the name
        return None
    return status.st_dev, status.st_ino


def is_one_of(path: Path, files: Iterable[Path]) -> bool:
    """Return whether a path leads to one of these files."""
    there = identity(path)
    return there is not None and any(identity(file) == there for file in files)


def read_pairs_csv(path: Path, alone: bool = False) -> PairsTable:
    """Read a table with the columns ``pair``, ``original`` and ``designer``; paths are relative to the file.

    A column ``prior`` may be there too, and may be empty. With ``alone`` a line may name no designer image: that is a
    photo alone. UTF-8 with or without a byte order mark; separated by commas, semicolons or tabs (as the header has
    it); further columns and empty lines are ignored, upper and lower case of the header is one.

    Raises:
        FileProblem: the file cannot be read, is not UTF-8, or lacks a column.
    """
    text = _read_text(path)
    header = text.lstrip("\r\n ").partition("\n")[0]
    separator = max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    lines: list[FilePair | ItemFailed] = []
    columns: dict[str, int] | None = None
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise FileProblem(
                f"{shown(path)}, line {reader.line_num}: {error}.", "Save the table again as a CSV file in UTF-8."
            ) from error
        if cells is None:
            break
        if not any(cell.strip() for cell in cells):
            continue
        if columns is None:
            columns = _columns(path, cells)
            continue
        values = {name: cells[at].strip() if at < len(cells) else "" for name, at in columns.items()}
        place = f"{path.name}, line {reader.line_num}"
        needed = _COLUMNS[:2] if alone else _COLUMNS
        missing = [name for name in needed if not values[name]]
        if missing or "\0" in "".join(values.values()):
            what = f"Nothing stands under {' and '.join(missing)}." if missing else "It holds a NUL character."
            lines.append(ItemFailed(place, what, "Mend that line and try again."))
            continue
        designer, prior = (
            absolute(path.parent / name) if name else None for name in map(values.get, ("designer", "prior"))
        )
        original = absolute(path.parent / values["original"])
        lines.append(FilePair(unicodedata.normalize("NFC", values["pair"]), original, designer, place, prior))
    if columns is None:
        raise FileProblem(f"{shown(path)} is empty.", f"Its first line should be {','.join(_COLUMNS)}.")
    return PairsTable(tuple(lines))


def _read_text(path: Path) -> str:
    try:
        if path.stat().st_size > _MAX_CSV_BYTES:
            raise FileProblem(f"{shown(path)} is too large for a table of pairs.", "Split it into smaller files.")
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise unreadable(path, error) from error
    except UnicodeDecodeError as error:
        raise FileProblem(f"{shown(path)} is not a text file in UTF-8.", "Save it as “CSV UTF-8”.") from error


def _columns(path: Path, header: list[str]) -> dict[str, int]:
    found = {cell.strip().casefold(): at for at, cell in reversed(list(enumerate(header)))}
    missing = [name for name in _COLUMNS if name not in found]
    if missing:
        raise FileProblem(
            f"{shown(path)} lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}.",
            f"Its first line should be {','.join(_COLUMNS)}.",
        )
    return {name: found[name] for name in (*_COLUMNS, *_MAY_BE_THERE) if name in found}


def list_files(folder: Path, wanted: Callable[[Path], bool], check: Callable[[], None]) -> list[Path]:
    """Return the files of a folder that are ``wanted``, sorted by name; hidden ones and sub-folders are skipped.

    A link that leads nowhere, or where nobody may look, is among them: whoever reads it says so.

    Raises:
        FileProblem: the folder cannot be read.
    """
    found = []
    try:
        for entry in absolute(folder).iterdir():
            check()
            if not entry.name.startswith(".") and wanted(entry) and _may_be_file(entry):
                found.append(entry)
    except OSError as error:
        raise FileProblem(
            f"The folder {shown(folder)} cannot be read: {error.strerror or error}.", remedy_for(error)
        ) from error
    return sorted(found, key=lambda path: path.name)


def _may_be_file(entry: Path) -> bool:
    try:
        return stat.S_ISREG(entry.stat().st_mode)
    except OSError:
        return True


def match_by_stem(originals: Iterable[Path], designers: Iterable[Path]) -> Matching:
    """Pair the files of two folders that have the same stem; upper and lower case count only where they must.

    Stems are compared in Unicode's NFC (macOS writes NFD). A pair is called by its original's stem.
    """
    pairs: list[FilePair] = []
    ambiguous: list[str] = []
    photos_left, edits_left = list(originals), list(designers)
    for key in (_exact, str.casefold):
        photos_by, edits_by = _grouped(photos_left, key), _grouped(edits_left, key)
        shared = photos_by.keys() & edits_by.keys()
        for stem in sorted(shared):
            photos, edits = photos_by[stem], edits_by[stem]
            if len(photos) == len(edits) == 1:
                pairs.append(FilePair(_stem(photos[0]), photos[0], edits[0]))
            else:
                ambiguous.append(_sentence(photos, edits))
        photos_left = [path for path in photos_left if key(_stem(path)) not in shared]
        edits_left = [path for path in edits_left if key(_stem(path)) not in shared]
    pairs.sort(key=lambda pair: pair.name)
    return Matching(tuple(pairs), (*photos_left, *edits_left), tuple(ambiguous))


def alone(photo: Path) -> FilePair:
    """Return a photo alone, called by its stem."""
    return FilePair(_stem(photo), photo, None)


def _exact(stem: str) -> str:
    return stem


def _stem(path: Path) -> str:
    return unicodedata.normalize("NFC", path.stem)


def _grouped(paths: list[Path], key: Callable[[str], str]) -> dict[str, list[Path]]:
    groups: dict[str, list[Path]] = defaultdict(list)
    for path in paths:
        groups[key(_stem(path))].append(path)
    return groups


def _sentence(photos: list[Path], edits: list[Path]) -> str:
    several = "originals" if len(photos) > 1 else "designer images"
    names = ", ".join(shown(path) for path in (*photos, *edits))
    return (
        f"Several {several} have the same name, so it is not clear what belongs together: {names}. "
        "Rename all but one, or name the pairs in a table."
    )
