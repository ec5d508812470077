"""EfficientNet-Lite0: 2.9 million parameters."""

from __future__ import annotations

from pathlib import Path

from core.model.trunks import lite

SIZE = lite.Size.scaled(0, width=1.0, depth=1.0)


def load(weights: Path | None) -> lite.Lite:
    """Return the trunk with its weights (see :func:`core.model.trunks.load_trunk`)."""
    return lite.load(SIZE, weights)


def build() -> lite.Lite:
    """Return the trunk without weights, for a read-out that brings its own."""
    return lite.Lite(SIZE)
