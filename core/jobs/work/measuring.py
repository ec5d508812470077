"""Measures models in child processes, a few photos at a time: however many there are, few are in memory."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.errors import UsageProblem, UserFacingError
from core.images import io
from core.images.source import unreadable
from core.jobs import pool
from core.jobs.answers import FixationScore, Score
from core.jobs.context import ItemFailed, JobContext
from core.jobs.work import predictor
from core.jobs.work.predictor import Loading
from core.model.data import Example
from core.model.shelf import read_example

if TYPE_CHECKING:
    from core.model.centre_bias import CentreBias
    from core.model.fixation_tables import Picture
    from core.model.fixations import Seen

T = TypeVar("T")
LONG_SIDE = 1600
"""Photos are measured at this long side at most, as the desk shows their maps."""
_TOGETHER = 4
_FOR_BIAS = 500
"""So many masks make the centre bias, evenly drawn."""


@dataclass(frozen=True, slots=True)
class Measuring:
    """What a child is asked: a model on some photos."""

    loading: Loading
    limits: io.Limits
    examples: tuple[Example, ...]
    bias: CentreBias


@dataclass(frozen=True, slots=True)
class Gazes:
    """A table of fixations, the folder of its pictures, and the model that is to be judged by them."""

    model: Path
    table: Path
    images: Path


@dataclass(frozen=True, slots=True, eq=False)
class Looking:
    """What a child is asked: a model on pictures that people looked at."""

    loading: Loading
    limits: io.Limits
    pictures: tuple[Picture, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Judging:
    """What a child is asked: how good that is."""

    pictures: Sequence[Picture]
    seen: Sequence[Seen]
    others: Sequence[Picture]


@dataclass(frozen=True, slots=True)
class Measured:
    """What a child answers for one photo."""

    score: Score | None
    failure: ItemFailed | None = None
    note: str = ""
    """What the user should know of how it was computed; empty: nothing."""


def on_masks(
    loading: Loading,
    examples: Sequence[Example],
    limits: io.Limits,
    ctx: JobContext,
    *,
    label: str,
    known: Sequence[Example] = (),
    say: Callable[[str], None] = lambda note: None,
) -> tuple[Score, list[ItemFailed]]:
    """Measure a model on photos with masks, each cut where the model would cut it.

    Args:
        loading: the model, on a device that is there.
        examples: what it is measured on.
        limits: of pictures.
        ctx: told of the progress, under ``label``.
        label: what the progress is called.
        known: photos whose masks make the centre bias; none: those that are measured on.
        say: takes what the user should know of how it is computed, as often as it happens.

    Returns:
        Means over photos, and the photos that could not be read.

    Raises:
        UsageProblem: no photo could be measured.
        ModelProblem, FileProblem, DeviceProblem: the model cannot be used.
    """
    bias = _bias_of(known or examples, ctx)
    scores: list[Score] = []
    failures: list[ItemFailed] = []
    groups = [tuple(examples[at : at + _TOGETHER]) for at in range(0, len(examples), _TOGETHER)]
    tasks = (Measuring(loading, limits, group, bias) for group in groups)
    with contextlib.closing(pool.compute(measure, tasks, ctx.check)) as answers:
        for group, answer in zip(groups, answers, strict=False):
            if isinstance(answer, UserFacingError):
                raise answer
            scores += [one.score for one in answer if one.score is not None]
            for note in {one.note for one in answer if one.note}:
                say(note)
            failures += [one.failure for one in answer if one.failure is not None]
            ctx.progress(len(scores) + len(failures), len(examples), f"{label}, {group[-1].image.name}")
    if not scores:
        first = failures[0] if failures else None
        raise UsageProblem(
            "There is no photo with a mask to measure on." if first is None else f"{first.item}: {first.message}",
            "Give photos, and masks of the same names." if first is None else first.remedy,
        )
    return mean_of(scores), failures


def mean_of(scores: Sequence[Score]) -> Score:
    """Return the means of scores of one photo each; what is not a number (no pixel in the mask) is left out."""

    def mean(name: str) -> float:
        values = np.array([getattr(one, name) for one in scores], np.float64)
        finite = values[np.isfinite(values)]
        return float(finite.mean()) if finite.size else 0.0

    curve = np.mean([[overlap for _, overlap in one.curve] for one in scores], axis=0)
    return Score(
        photos=len(scores),
        iou=mean("iou"),
        dice=mean("dice"),
        boundary_f=mean("boundary_f"),
        nll=mean("nll"),
        information_gain_bits=mean("information_gain_bits"),
        by_photo=tuple(row for one in scores for row in one.by_photo),
        curve=tuple((at, float(overlap)) for (at, _), overlap in zip(scores[0].curve, curve, strict=True)),
    )


def measure(task: Measuring) -> list[Measured]:
    """Measure some photos, in a child.

    Raises:
        ModelProblem, FileProblem: the model cannot be used.
    """
    return [_measured(example, task) for example in task.examples]


def _measured(example: Example, task: Measuring) -> Measured:
    from core.model import evaluate

    try:
        photo, truth = read_example(example, task.limits, LONG_SIDE)
    except UserFacingError as error:
        return Measured(None, ItemFailed.from_error(example.image.name, error))
    ((_, found, note),) = predictor.predict_all(task.loading, [(photo, 0)])
    answer = evaluate.Answer(example.key, found.mask(), found.probability, found.raw, truth)
    with warnings.catch_warnings():  # the mean over photos with a mask, of one without
        warnings.simplefilter("ignore", RuntimeWarning)
        one = evaluate.score([answer], task.bias)
    return Measured(
        Score(1, one.iou, one.dice, one.boundary_f, one.nll, one.information_gain_bits, one.by_photo, one.curve),
        note=note,
    )


def _bias_of(examples: Sequence[Example], ctx: JobContext) -> CentreBias:
    from core.model import centre_bias

    count = min(len(examples), _FOR_BIAS)
    drawn = [examples[number * len(examples) // count] for number in range(count)]
    counts: list[NDArray[np.float64]] = []
    with contextlib.closing(pool.compute(place_of, iter(drawn), ctx.check)) as answers:
        for done, answer in enumerate(answers, start=1):
            if not isinstance(answer, UserFacingError):
                counts.append(answer)
            ctx.progress(done, len(drawn), "where portraits lie")
    return centre_bias.fit(counts)


def place_of(example: Example) -> NDArray[np.float64]:
    """Return where a mask lies, on the centre bias's grid.

    Raises:
        FileProblem: it cannot be read.
    """
    from core.model import centre_bias

    try:
        mask = io.decode_mask(example.mask.read_bytes())
    except OSError as error:
        raise unreadable(example.mask, error) from error
    return centre_bias.of_mask((mask >= 128).astype(np.float32))


def on_fixations(
    loading: Loading, gazes: Gazes, limits: io.Limits, ctx: JobContext, say: Callable[[str], None]
) -> FixationScore:
    """Measure a model on pictures that people looked at; those that it was trained on are left out, and that is said.

    Raises:
        UsageProblem: too few pictures are left, or the table makes no sense.
        ModelProblem, FileProblem: the model, the table or a picture cannot be used.
    """
    from core.model import fixations

    ctx.progress(0, 0, "reading the fixations")
    strange, known = _one(pool.compute(pictures_of, [gazes], ctx.check))
    if known:
        say(f"The model was trained on {len(known)} of the {len(strange) + len(known)} pictures: they are left out.")
    judges = fixations.usable(strange)
    together = predictor.TOGETHER.get(loading.device, 1)
    groups = [tuple(judges[at : at + together]) for at in range(0, len(judges), together)]
    tasks = (Looking(loading, limits, group) for group in groups)
    seen: list[Seen] = []
    with contextlib.closing(pool.compute(looked_at, tasks, ctx.check)) as answers:
        for group, answer in zip(groups, answers, strict=False):
            if isinstance(answer, UserFacingError):
                raise answer
            for one, note in answer:
                seen.append(one)
                say(note)
            ctx.progress(len(seen), len(judges), f"measuring, {group[-1].name}")
    return _one(pool.compute(judged, [Judging(judges, seen, known)], ctx.check))


def _one(answers: Iterable[T | UserFacingError]) -> T:
    (answer,) = answers
    if isinstance(answer, UserFacingError):
        raise answer
    return answer


def pictures_of(task: Gazes) -> tuple[list[Picture], list[Picture]]:
    """Read a table, in a child (see :func:`core.model.evaluate.pictures_for`)."""
    from core.model import evaluate, registry

    return evaluate.pictures_for(registry.card_of(task.model), task.table, task.images)


def looked_at(task: Looking) -> list[tuple[Seen, str]]:
    """Return what a model says of where people looked at some pictures, each with a note; in a child.

    Raises:
        ModelProblem, FileProblem: the model or a picture cannot be used.
    """
    from core.model import fixations

    photos = [io.read(picture.file, task.limits).rgb for picture in task.pictures]
    found = predictor.densities(task.loading, photos)
    return [
        (fixations.look(picture, density), note) for picture, (density, note) in zip(task.pictures, found, strict=True)
    ]


def judged(task: Judging) -> FixationScore:
    """Score what a model said, in a child."""
    from core.model import fixations

    return FixationScore(**asdict(fixations.score(task.pictures, task.seen, task.others)))
