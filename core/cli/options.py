"""Options that several commands share; their choices, defaults and help come from the table of settings."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from core.jobs.specs import reconcile_options
from core.reconcile.options import ReconcileOptions
from core.settings import BY_KEY, Settings


class Method(StrEnum):
    """Choices of the setting ``reconcile.method``."""

    PAWTRAIT = "pawtrait"
    PAPER = "paper"


class Device(StrEnum):
    """Choices of the setting ``reconcile.device``."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


def _default(key: str) -> str:
    return f"{BY_KEY[key].default}, or as set"


_METHOD, _DEVICE, _WORKERS = (BY_KEY[f"reconcile.{name}"] for name in ("method", "device", "workers"))
assert _WORKERS.low is not None and _WORKERS.high is not None

MethodOption = Annotated[Method | None, typer.Option("--method", help=_METHOD.help, show_default=_default(_METHOD.key))]
DeviceOption = Annotated[Device | None, typer.Option("--device", help=_DEVICE.help, show_default=_default(_DEVICE.key))]
WorkersOption = Annotated[
    int | None,
    typer.Option(
        "--workers",
        help=_WORKERS.help,
        show_default=_default(_WORKERS.key),
        min=int(_WORKERS.low),
        max=int(_WORKERS.high),
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON lines to the standard output instead of words.")]
ProjectArgument = Annotated[Path, typer.Argument(metavar="PROJECT", help="The project's folder.")]


def chosen_options(settings: Settings, method: Method | None, device: Device | None) -> ReconcileOptions:
    """Return the user's settings with the command line's wishes over them."""
    options = reconcile_options(settings)
    if method is not None:
        options = replace(options, method=method.value)
    if device is not None:
        options = replace(options, device=device.value)
    return options


def chosen_workers(settings: Settings, workers: int | None) -> int:
    """Return the number of pairs to work on at a time."""
    return int(settings.number("reconcile.workers")) if workers is None else workers
