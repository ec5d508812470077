"""Makes file names of pairs' names: safe on every system, and no two alike."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_MAX_BYTES = 180  # file systems allow 255; room for a number, a suffix and the name of a temporary file
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\..*)?", re.IGNORECASE)


def safe_name(name: str) -> str:
    """Return ``name`` as a file name without suffix that every file system takes and that stays in its folder.

    Ordinary names come back as they are (in Unicode's NFC). Separators, control characters and what Windows forbids
    become ``_``; so does a leading dot (hidden files); names that Windows keeps for devices get a ``_`` in front;
    long names are cut.
    """
    text = unicodedata.normalize("NFC", name)
    text = "".join("_" if unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") else letter for letter in text)
    text = _FORBIDDEN.sub("_", text).strip(" ")
    if text.startswith("."):
        text = "_" + text[1:]
    text = _cut(text, _MAX_BYTES).rstrip(" .")
    if _RESERVED.fullmatch(text):
        text = f"_{text}"
    return text or "pair"


def unique_names(names: Iterable[str]) -> list[str]:
    """Return a safe name for each of ``names``, in order; one that is taken gets a number: ``rex (2)``.

    Two names that differ only in upper and lower case count as alike, as they do on Windows and macOS. The answer
    for a name depends only on those before it, so appending names never changes the others.
    """
    taken: set[str] = set()
    next_number: dict[str, int] = {}
    answer = []
    for name in names:
        base = candidate = safe_name(name)
        while candidate.casefold() in taken:
            number = next_number.get(base.casefold(), 2)
            next_number[base.casefold()] = number + 1
            candidate = f"{base} ({number})"
        taken.add(candidate.casefold())
        answer.append(candidate)
    return answer


def _cut(text: str, limit: int) -> str:
    """Cut to at most ``limit`` bytes of UTF-8, between letters."""
    return text.encode()[:limit].decode(errors="ignore")
