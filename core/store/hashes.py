"""The names of mask files, wherever a project mentions them."""

from __future__ import annotations

import re
from collections.abc import Iterable

HASH = re.compile(r"[0-9a-f]{64}")


def hashes_in(texts: Iterable[str | None]) -> set[str]:
    """Return all hashes that texts hold, whatever stands around them; some of them name other files, or none."""
    return {found for text in texts if text for found in HASH.findall(text)}
