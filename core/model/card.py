"""What is written on a read-out: what it is, what it was trained on, how well it does. Needs no torch."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from core.errors import UserFacingError

FORMAT = 1
_KINDS = {"str": str, "int": int, "dict[str, Any]": dict}


class ModelProblem(UserFacingError):
    """A read-out or a trunk's weights cannot be used."""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """The card in a read-out's file."""

    name: str
    """As the registry calls it, such as "pawtrait"."""
    architecture: str
    """"portrait" (ours) or "deepgaze2" (the paper's)."""
    trunk: str
    """Name of the trunk in the table of trunks."""
    title: str
    """One line for people."""
    data: str
    """What it was trained on."""
    licence: str
    """Of that data."""
    command: str
    """What made it."""
    seed: int
    trained_on: int
    """Number of photos (of pictures, for fixations)."""
    options: dict[str, Any] = field(default_factory=dict)
    """What the architecture needs to be built again: sizes, channels, layers."""
    calibration: dict[str, Any] = field(default_factory=dict)
    """Learned after the training: thresholds, expected overlap, whether anything was found."""
    metrics: dict[str, Any] = field(default_factory=dict)
    """Measured on photos that were not trained on; which ones stands in ``data``."""

    def to_json(self) -> str:
        """Return the card as JSON with sorted keys."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> ModelCard:
        """Read a card, which may come from anywhere.

        Raises:
            ModelProblem: it is none, or was written by a newer version.
        """
        remedy = "Choose a read-out that Pawtrait has written."
        try:
            data = json.loads(text)
            if not isinstance(data, dict):
                raise ValueError("it is no table")
            version = data.pop("format", None)
            if isinstance(version, int) and version > FORMAT:
                raise ModelProblem("The model was made by a newer version of Pawtrait.", "Install the newest version.")
            card = cls(**data)
            for entry in fields(cls):
                value = getattr(card, entry.name)
                if not isinstance(value, _KINDS[str(entry.type)]):
                    raise ValueError(f"{entry.name} is of another kind")
                if isinstance(value, str):
                    value.encode()  # half of a surrogate pair would fail only once it is shown
        except (ValueError, TypeError, RecursionError) as error:
            raise ModelProblem("The model's card is damaged or incomplete.", remedy) from error
        return card
