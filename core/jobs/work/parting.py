"""Which photos of a training are learned from and which judge the versions: fixed, counted, and said beforehand."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from core.errors import FileProblem, UserFacingError
from core.files import write_atomically
from core.jobs.answers import TrainPlan
from core.jobs.context import JobContext
from core.jobs.services import Services
from core.jobs.specs import PlanTraining, TrainOptions
from core.jobs.work.examples import examples_to_be
from core.jobs.work.predicting import project_folder
from core.model import versions
from core.model.card import ModelProblem
from core.model.data import Example, split

LEAST = 8
"""From fewer photos nothing can be learned."""
GOING = "going.json"
"""In a training's work folder: what was asked for, while it is not done."""
_SPLIT = "split.json"


@dataclass(frozen=True, slots=True)
class Parts:
    """The photos of a training."""

    learned: list[Example]
    judges: list[Example]
    """Held out for good; both versions are measured on them."""
    echoes: list[Example]
    """Held out as well, but their masks are a model's own cuts: on them that model could not be beaten."""

    @classmethod
    def of(cls, examples: Sequence[Example], share: float) -> Parts:
        """Part examples; a photo's side depends on its content alone."""
        learned, held = split(examples, share)
        return cls(learned, [one for one in held if one.by_hand], [one for one in held if not one.by_hand])

    @property
    def used(self) -> list[Example]:
        """Those that the training is given."""
        return [*self.learned, *self.judges]

    def problem(self, share: float, left_out: int) -> UserFacingError | None:
        """Return why they are too few, None if they are enough. ``left_out`` more give nothing."""
        if len(self.learned) >= LEAST and self.judges:
            return None
        missing = f" {left_out} more had to be left out." if left_out else ""
        if len(self.learned) >= LEAST and self.echoes:
            return UserFacingError(
                f"No photo can judge the new model: on the {len(self.echoes)} held out, the mask is a model's own cut, "
                f"accepted as it was.{missing}",
                "Correct some masks, or accept some of a reconciliation.",
            )
        least = math.ceil(LEAST / (1 - share))
        return UserFacingError(
            f"It takes {LEAST} photos to learn from and 1 to judge by; there are {len(self.learned)} and "
            f"{len(self.judges)}.{missing}",
            f"Accept or correct more pairs: about {least} are the least, 50 or more are worth it.",
        )


def work_of(examples: Sequence[Example], options: TrainOptions) -> str:
    """Return what tells a training from others: 16 hexadecimal digits."""
    told = [str(one.image) for one in examples], [str(one.mask) for one in examples], asdict(options)
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def note(folder: Path, options: TrainOptions, work: str) -> None:
    """Note in a work folder what is being trained, so that it can be gone on with as what it was."""
    write_atomically(folder / GOING, json.dumps({"options": asdict(options), "work": work}).encode())


def _stopped(folder: Path, examples: Sequence[Example]) -> TrainOptions | None:
    """Return what a training was asked for that can go on in this folder; None: there is none, or other masks now."""
    try:
        told = json.loads((folder / GOING).read_text("utf-8"))
        options = TrainOptions(**told["options"])
        return options if told["work"] == work_of(examples, options) else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def share_of(project: Path | None, wanted: float, log: Callable[[str], None]) -> float:
    """Return the share that is held out: a project's first training fixes it for all that come later.

    Raises:
        ModelProblem: what says so is damaged.
        FileProblem: it cannot be read.
    """
    if project is None:
        return wanted
    file = versions.folder_of(project) / _SPLIT
    try:
        told = float(json.loads(file.read_text("utf-8"))["held_out"])
        if not 0 < told < 1:
            raise ValueError("no share")
    except FileNotFoundError:
        return wanted
    except OSError as error:
        raise FileProblem(f"{file} cannot be read: {error.strerror or error}.") from error
    except (ValueError, TypeError, KeyError) as error:
        raise ModelProblem(
            f"{file} is damaged: nobody knows which photos are held out.",
            "Bring it back from a backup. If you remove it, old and new versions can no longer be compared.",
        ) from error
    if told != wanted:
        log(f"{told:.0%} of the photos are held out, as in this project's first training.")
    return told


def fix(project: Path | None, share: float) -> None:
    """Let the share stand for all trainings of the project that come later."""
    if project is not None and not (file := versions.folder_of(project) / _SPLIT).exists():
        write_atomically(file, json.dumps({"held_out": share}).encode())


def workdir_of(project: Path, model: str) -> Path:
    """Return where a project's training of a model keeps what it needs to go on."""
    return project / "training" / model


def plan_training(spec: PlanTraining, services: Services, ctx: JobContext) -> TrainPlan:
    """Count what a training of the open project would learn from and be judged by (see the spec).

    Raises:
        UsageProblem: no project is open.
        ModelProblem, FileProblem: nobody knows which photos are held out.
    """
    store = services.project()
    project = project_folder(store)
    share = share_of(project, TrainOptions().held_out, lambda _: None)
    folders = [workdir_of(project or Path(), name) for name in spec.models]
    found = examples_to_be(store, [folder / "masks" for folder in folders], ctx)
    parts = [(Parts.of(examples, share), left_out) for examples, left_out in found]
    stopped = None
    for folder, (mine, _) in zip(folders, parts, strict=True):
        ctx.check()
        stopped = stopped or _stopped(folder, mine.used)
    counted, left_out = parts[0]
    return TrainPlan(
        learned=len(counted.learned),
        judges=len(counted.judges),
        echoes=len(counted.echoes),
        left_out=left_out,
        problem=counted.problem(share, left_out),
        stopped=stopped,
    )
