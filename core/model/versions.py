"""The read-outs that a project has trained for itself: every one is kept, and a small file says which are in use."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import FileProblem, UserFacingError
from core.files import remedy_for, write_atomically
from core.model import registry
from core.model.card import ModelCard, ModelProblem
from core.model.checkpoint import read_card, version_of

FOLDER = "models"
READ_OUT = "readout.safetensors"
_RECORD = "record.json"
_CURRENT = "current.json"
_VERSION = re.compile(r"[0-9a-f]{12}")
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Version:
    """One read-out of a project."""

    card: ModelCard
    version: str
    file: Path
    record: Mapping[str, Any]
    """When it was made, by whom, how it did on the held-out photos; empty where nobody knows."""


def folder_of(project: Path) -> Path:
    """Return where a project keeps its read-outs."""
    return project / FOLDER


def versions(project: Path) -> list[Version]:
    """Return a project's read-outs, oldest first; files that are none are passed over."""
    found = []
    for file in sorted(folder_of(project).glob(f"*/{READ_OUT}")):
        try:
            version = version_of(file)
            if file.parent.name == version:
                found.append(Version(read_card(file), version, file, _record(file.parent / _RECORD)))
        except UserFacingError:
            continue
    return sorted(found, key=lambda one: str(one.record.get("at", "")))


def in_use(project: Path, name: str) -> Path | None:
    """Return the file of the version of a model that a project uses; None: the one that ships.

    Raises:
        ModelProblem: what says so is damaged, or the version is gone.
    """
    version = _current(project).get(name)
    if version is None:
        return None
    file = folder_of(project) / version / READ_OUT
    if not file.is_file():
        raise ModelProblem(
            f"The version {version} of {name} is in use, but {file} is missing.",
            "Bring it back from a backup, or put another version in use.",
        )
    return file


def resolve(project: Path | None, name: str) -> Path:
    """Return the file of a model, by name, version or path: a project's own version of a name comes first.

    Raises:
        ModelProblem: there is none.
    """
    if project is None:
        return registry.find(name)
    return in_use(project, name) or registry.find(name, (folder_of(project),))


def keep(project: Path, made: Path, record: Mapping[str, object]) -> Version:
    """Move a read-out into a project's folder, under its version; it is there whole, or not at all.

    Raises:
        FileProblem: the folder cannot be written.
    """
    version, card = version_of(made), read_card(made)
    home = folder_of(project) / version
    text = json.dumps({"format": _FORMAT, "version": version, **record}, indent=1)
    try:
        folder_of(project).mkdir(parents=True, exist_ok=True)
        if not (home / READ_OUT).is_file():
            aside = Path(tempfile.mkdtemp(dir=folder_of(project), prefix=".keeping-"))
            try:
                (aside / _RECORD).write_text(text, "utf-8")
                write_atomically(aside / READ_OUT, made.read_bytes())
                aside.chmod(folder_of(project).stat().st_mode)  # mkdtemp makes folders that only their owner may read
                aside.rename(home)
            finally:
                shutil.rmtree(aside, ignore_errors=True)
        else:
            write_atomically(home / _RECORD, text.encode())
    except OSError as error:
        raise FileProblem(f"{home} cannot be written: {error.strerror or error}.", remedy_for(error)) from error
    return Version(card, version, home / READ_OUT, record)


def put_in_use(project: Path, name: str, version: str | None) -> None:
    """Say which version of a model a project uses from now on; None: the one that ships.

    Raises:
        ModelProblem: the project has no such version of it, or what says so is damaged.
        FileProblem: the folder cannot be written; what was in use still is.
    """
    current = _current(project)
    if version is None:
        current.pop(name, None)
    else:
        known = {one.version: one.card.name for one in versions(project)}
        if known.get(version) != name:
            raise ModelProblem(f"The project has no version {version} of {name}.", "`models PROJECT` lists them.")
        current[name] = version
    text = json.dumps({"format": _FORMAT, "in_use": current}, indent=1)
    write_atomically(folder_of(project) / _CURRENT, text.encode())


def _current(project: Path) -> dict[str, str]:
    file = folder_of(project) / _CURRENT
    remedy = "Remove it to use the models that ship, or bring it back from a backup."
    try:
        told = json.loads(file.read_text("utf-8"))
        table = told["in_use"]
        if not all(isinstance(key, str) and _VERSION.fullmatch(value) for key, value in table.items()):
            raise ValueError("it names no versions")
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise FileProblem(f"{file} cannot be read: {error.strerror or error}.", remedy_for(error)) from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ModelProblem(f"{file} is damaged: nobody knows which models are in use.", remedy) from error
    return dict(table)


def _record(file: Path) -> Mapping[str, Any]:
    try:
        told = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
