"""Options that several commands share; their choices, defaults and help come from the table of settings."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import Enum, StrEnum
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from core.errors import UsageProblem
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


def _like(key: str, *names: str, metavar: str | None = None) -> Any:
    """Return an option that overrules a setting: its help, range and default."""
    setting = BY_KEY[f"reconcile.{key}"]
    default = setting.default
    shown = ("yes" if default else "no") if isinstance(default, bool) else str(default).removesuffix(".0")
    return typer.Option(
        *names,
        help=setting.help,
        show_default=f"{shown}, or as set",
        min=setting.low,
        max=setting.high,
        metavar=metavar,
    )


def _for_paper(field: str, help_text: str, bounds: tuple[float, float], metavar: str) -> Any:
    """Return an option of the method paper, which is for reference and has no settings."""
    name = "--paper-" + field.removesuffix("_deg").replace("_", "-")
    default = str(getattr(ReconcileOptions(), f"paper_{field}"))
    return typer.Option(name, help=help_text, show_default=default, min=bounds[0], max=bounds[1], metavar=metavar)


GuidedOption = Annotated[bool | None, _like("guided", "--guided/--not-guided")]
WorkersOption = Annotated[int | None, _like("workers", "--workers")]
JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON lines to the standard output instead of words.")]
ProjectArgument = Annotated[Path, typer.Argument(metavar="PROJECT", help="The project's folder.", readable=False)]

SEARCH_OPTIONS: dict[str, Any] = {
    "method": Annotated[Method | None, _like("method", "--method")],
    "device": Annotated[Device | None, _like("device", "--device")],
    "max_rotation_deg": Annotated[float | None, _like("max_rotation_deg", "--max-rotation", metavar="DEGREES")],
    "mirror": Annotated[bool | None, _like("mirror", "--mirror/--no-mirror")],
    "max_memory_mb": Annotated[int | None, _like("max_memory_megabytes", "--max-memory", metavar="MB")],
    "paper_long_side": Annotated[
        int | None,
        _for_paper(
            "long_side",
            "Long side to which the method paper shrinks the photo; its cost grows with the fourth power of it.",
            (16, 4096),
            "PIXELS",
        ),
    ],
    "paper_rotation_step_deg": Annotated[
        float | None,
        _for_paper("rotation_step_deg", "Step of the rotations that the method paper tries.", (0.1, 180), "DEGREES"),
    ],
    "paper_smallest": Annotated[
        float | None,
        _for_paper("smallest", "Smallest designer image that it tries, as a share of the photo.", (0.01, 4), "SHARE"),
    ],
    "paper_largest": Annotated[float | None, _for_paper("largest", "The largest one.", (0.01, 4), "SHARE")],
    "paper_scale_step": Annotated[
        float | None, _for_paper("scale_step", "How much larger each one is than the one before.", (1.001, 4), "FACTOR")
    ],
}
"""Options of every command that searches, by the field of ``ReconcileOptions`` that each sets: a new one is a row."""

SearchWishes = Mapping[str, Any]
"""What was asked for on the command line: fields of ``ReconcileOptions``."""


def with_search_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of :data:`SEARCH_OPTIONS`; what was asked for comes as ``search``, a mapping."""

    @wraps(command)
    def taking(**given: Any) -> None:
        search = {name: value for name in SEARCH_OPTIONS if (value := given.pop(name)) is not None}
        command(search=search, **given)

    own = inspect.signature(command, eval_str=True)
    kept = [parameter for name, parameter in own.parameters.items() if name != "search"]
    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=option)
        for name, option in SEARCH_OPTIONS.items()
    ]
    taking.__signature__ = own.replace(parameters=[*kept, *added])  # type: ignore[attr-defined]  # Typer reads it
    return taking


def chosen_options(settings: Settings, search: SearchWishes) -> ReconcileOptions:
    """Return the user's settings with the command line's wishes over them.

    Raises:
        UsageProblem: a number is none.
    """
    plain = {name: value.value if isinstance(value, Enum) else value for name, value in search.items()}
    if any(isinstance(value, float) and math.isnan(value) for value in plain.values()):
        raise UsageProblem("“nan” is no number to search with.", "Give a number.")
    return replace(reconcile_options(settings), **plain)


def chosen_workers(settings: Settings, workers: int | None) -> int:
    """Return the number of pairs to work on at a time."""
    return int(settings.number("reconcile.workers")) if workers is None else workers
