"""One table of settings; the dialog, the command line's help and the docs are made from it."""

from __future__ import annotations

import getpass
import json
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from core.errors import FileProblem, UsageProblem
from core.files import remedy_for, write_atomically

Value = bool | int | float | str

MOST_MEGAPIXELS = 4000
"""No picture that can be read is larger, whatever is set."""
_KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table. ``low`` and ``high`` bound numbers (inclusive); ``choices`` bounds words."""

    key: str
    default: Value
    label: str
    help: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    unit: str = ""

    @property
    def group(self) -> str:
        """First part of the key: the page of the dialog it stands on."""
        return self.key.partition(".")[0]

    def check(self, value: object) -> Value:
        """Return ``value`` in the setting's type.

        Raises:
            UsageProblem: wrong type, out of range, or not one of the choices.
        """
        kind = type(self.default)
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if type(value) is not kind:
            raise UsageProblem(f"The setting {self.key} takes {_KINDS[kind]}, not {value!r}.")
        assert isinstance(value, (bool, int, float, str))
        if self.choices and value not in self.choices:
            raise UsageProblem(f"The setting {self.key} takes one of {', '.join(self.choices)}, not {value!r}.")
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            too_low = self.low is not None and value < self.low
            too_high = self.high is not None and value > self.high
            if too_low or too_high or math.isnan(value):
                raise UsageProblem(f"The setting {self.key} must lie between {self.low} and {self.high}.")
        return value


TABLE: tuple[Setting, ...] = (
    Setting(
        "images.max_megapixels",
        250.0,
        "Largest picture",
        "Larger pictures are refused before they are decoded.",
        low=1,
        high=MOST_MEGAPIXELS,
        unit="MP",
    ),
    Setting(
        "images.max_file_megabytes",
        1024.0,
        "Largest file",
        "Larger files are refused unread.",
        low=1,
        high=16384,
        unit="MB",
    ),
    Setting(
        "images.preview_cache_megabytes",
        2048,
        "Preview cache",
        "Disk space for previews; the oldest go first.",
        low=64,
        high=1_000_000,
        unit="MB",
    ),
    Setting(
        "reconcile.method",
        "pawtrait",
        "Method",
        "How the designer image is searched for in the photo.",
        choices=("pawtrait", "paper"),
    ),
    Setting(
        "reconcile.max_rotation_deg",
        60.0,
        "Largest rotation",
        "Designer images turned further than this are not found; 180 searches all directions and takes longer.",
        low=0,
        high=180,
        unit="°",
    ),
    Setting("reconcile.mirror", True, "Search mirrored", "Try the designer image mirrored as well."),
    Setting(
        "reconcile.device",
        "auto",
        "Device",
        "Where the search runs.",
        choices=("auto", "cpu", "cuda"),
    ),
    Setting(
        "reconcile.max_memory_megabytes",
        1024,
        "Search memory",
        "The search works in chunks below this size.",
        low=128,
        high=65536,
        unit="MB",
    ),
    Setting("reconcile.workers", 1, "Parallel pairs", "Pairs worked on at a time in a batch.", low=1, high=64),
    Setting(
        "reconcile.guided",
        False,
        "Guided by predictions",
        "Let a photo's prediction narrow the search and break ties.",
    ),
    Setting(
        "model.name",
        "pawtrait",
        "Model",
        "Which model predicts portraits.",
        choices=("pawtrait", "deepgaze2-vgg16"),
    ),
    Setting("model.device", "auto", "Device", "Where predictions are computed.", choices=("auto", "cpu", "cuda")),
    Setting(
        "model.views",
        "4",
        "Views",
        "Each photo is looked at so many times, mirrored and at other sizes; more is better and slower.",
        choices=("1", "2", "4"),
    ),
    Setting(
        "model.vgg16_weights",
        "",
        "Weights of VGG-16",
        "File with the weights of the paper's trunk; empty: torchvision's are fetched once.",
    ),
    Setting(
        "model.feature_cache_megabytes",
        4096,
        "Training cache",
        "Disk space for what quick trainings compute of photos; the oldest goes first.",
        low=64,
        high=1_000_000,
        unit="MB",
    ),
    Setting("review.auto_advance", True, "Go on after a decision", "Show the next undecided pair after each decision."),
    Setting(
        "review.predict_ahead",
        3,
        "Predict ahead",
        "Pairs after the one on the screen that are predicted while you look at it; 0 predicts none.",
        low=0,
        high=50,
        unit="pairs",
    ),
    Setting("review.reviewer", "", "Reviewer", "Name written beside your decisions; empty: the name you log in with."),
    Setting(
        "view.theme",
        "system",
        "Theme",
        "Follow the system, or always dark or light.",
        choices=("system", "dark", "light"),
    ),
    Setting("view.overlay_colour", "#00b4ff", "Overlay colour", "Colour of the mask over the photo."),
    Setting("view.overlay_opacity", 0.45, "Overlay opacity", "0 is invisible, 1 is solid.", low=0, high=1),
    Setting("view.overlay_outline", True, "Outline", "Draw the mask's edge as a line."),
    Setting("view.footprint", True, "Footprint", "Draw what the designer image covers of the photo as a dashed line."),
    Setting("view.painted", True, "Painted on", "Hatch what was painted on: hats, names, frames."),
)
BY_KEY: dict[str, Setting] = {setting.key: setting for setting in TABLE}


def default_path() -> Path:
    """Return where the overrides are kept: PAWTRAIT_SETTINGS if set, else the user's configuration folder."""
    told = os.environ.get("PAWTRAIT_SETTINGS")
    return Path(told) if told else Path(platformdirs.user_config_dir("pawtrait", appauthor=False)) / "settings.json"


class Settings(Mapping[str, Value]):
    """The values in force: the table's defaults with the user's overrides over them."""

    def __init__(self, overrides: Mapping[str, Value] | None = None, path: Path | None = None) -> None:
        """Start from checked ``overrides``; ``path`` is where :meth:`set` saves them (None: nowhere)."""
        self._overrides = {key: BY_KEY[key].check(value) for key, value in (overrides or {}).items()}
        self._path = path

    @classmethod
    def load(cls, path: Path | None = None) -> Settings:
        """Read the overrides from a file; no file means none.

        Unknown keys are ignored, so that an older program can read a newer file.

        Raises:
            FileProblem: the file is there but is damaged; it is left as it is.
        """
        path = path or default_path()
        told = _read(path)
        try:
            return cls({key: value for key, value in told.items() if key in BY_KEY}, path)
        except (UsageProblem, OverflowError) as error:
            raise _damaged(path, error) from error

    def __getitem__(self, key: str) -> Value:
        return self._overrides.get(key, BY_KEY[key].default)

    def __iter__(self) -> Iterator[str]:
        return iter(BY_KEY)

    def __len__(self) -> int:
        return len(BY_KEY)

    def flag(self, key: str) -> bool:
        """Return a yes/no setting."""
        return bool(self[key])

    def number(self, key: str) -> float:
        """Return a number setting as float."""
        value = self[key]
        assert not isinstance(value, str)
        return float(value)

    def text(self, key: str) -> str:
        """Return a word setting."""
        return str(self[key])

    def set(self, key: str, value: Value) -> None:
        """Change one setting and save (atomically); a value equal to the default is no override.

        The rest of the file stays as it is: other desks, and newer programs, have their words in it.

        Raises:
            UsageProblem: the value does not fit the setting.
            FileProblem: the file cannot be written, or is damaged; the old file and the old value stand.
        """
        checked = BY_KEY[key].check(value)
        told: dict[str, Any] = {} if self._path is None else _read(self._path)
        overrides = dict(self._overrides)
        for values in (told, overrides):
            if checked == BY_KEY[key].default:
                values.pop(key, None)
            else:
                values[key] = checked
        if self._path is not None:
            write_atomically(self._path, (json.dumps(told, indent=2, sort_keys=True) + "\n").encode())
        self._overrides = overrides


def _read(path: Path) -> dict[str, Any]:
    """Return what a settings file says, unchecked; no file says nothing.

    Raises:
        FileProblem: the file is there but is damaged.
    """
    try:
        told = json.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise FileProblem(
            f"The settings file {path} cannot be read: {error.strerror or error}.", remedy_for(error)
        ) from error
    except UnicodeDecodeError as error:
        raise _damaged(path, "it is no text in UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise _damaged(path, error) from error
    if not isinstance(told, dict):
        raise _damaged(path, "it does not hold a table of settings")
    return told


def _damaged(path: Path, what: object) -> FileProblem:
    message = f"The settings file {path} is damaged: {str(what).rstrip('.')}."
    return FileProblem(message, "Mend or remove that file; until then nothing is changed in it.")


def reviewer(settings: Settings) -> str:
    """Return the name that is written beside changes: the one in the settings, else the login name."""
    told = settings.text("review.reviewer").strip()
    if told:
        return told
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no such user in the system's tables: containers, odd Windows set-ups
        return "unknown"
