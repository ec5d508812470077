"""Predicts pairs of a project, or files without one; the computing goes on in child processes."""

from __future__ import annotations

import contextlib
import json
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

from core.domain import Pair, Prediction, Run
from core.edits import Initiator, Origin, SetPrediction
from core.errors import Cancelled, UsageProblem, UserFacingError
from core.export.names import unique_names
from core.files import write_atomically
from core.images import io
from core.jobs import pool
from core.jobs.answers import BatchReport, PredictLine, Trial
from core.jobs.context import ItemFailed, JobContext, Notes
from core.jobs.pairing import absolute
from core.jobs.services import Services
from core.jobs.settled import is_settled
from core.jobs.specs import PredictFiles, PredictOptions, PredictPairs, TryModel
from core.jobs.work import predictor
from core.jobs.work.batches import PairBatch
from core.jobs.work.files import refuse_to_overwrite
from core.jobs.work.loading import map_layer
from core.jobs.work.predictor import Loading, Look, Ready, Said
from core.model import registry, settled, versions
from core.store.base import Store

T = TypeVar("T")
FOUND = 0.5
"""From this probability on a photo counts as one with a portrait."""


def predict_pairs(spec: PredictPairs, services: Services, ctx: JobContext) -> BatchReport:
    """Predict pairs of the open project, one change set each (see the spec).

    What becomes of pairs that fail or are removed meanwhile, and of the run's record, says ``PairBatch``.

    Raises:
        UsageProblem, ModelProblem, FileProblem, DeviceProblem: nothing can be predicted with this model.
        StorageProblem: the project cannot be written; the pairs stored before are kept.
    """
    batch = PredictionBatch(spec, services, ctx)
    return batch.run("predict", batch.ready.name, batch.record(), spec.who)


class PredictionBatch(PairBatch[Said]):
    """One batch over pairs of a project while it runs."""

    doing = "predicted"

    def __init__(self, spec: PredictPairs, services: Services, ctx: JobContext) -> None:
        super().__init__(spec.pair_ids, services.project(), ctx)
        self._spec = spec
        self._limits = io.Limits.from_settings(services.settings)
        self._loading, self.ready = loaded(spec.options, self._store, ctx)
        # Only this version's: one that was trained on the masks which people cut has learned from them already.
        self._moved = settled.offset(self._store.settled_cuts(self.ready.version, settled.NEWEST))

    def record(self) -> str:
        """Return what was asked for as JSON, with the version that answers."""
        told = {**asdict(self._spec.options), "version": self.ready.version, "device": self.ready.device}
        return json.dumps({**told, "moved": round(self._moved, 6)})

    def answers(self) -> Generator[Said | UserFacingError, None, None]:
        """Predict in child processes."""
        self.say(self.ready.note)
        return looked(self._tasks(), self.ready, self._spec.workers, self._ctx.check, self.say)

    def _tasks(self) -> Iterator[Look]:
        for pair in self.pairs():
            if self._stays(pair):
                self.pass_over()
                continue
            self.take(pair)
            yield Look(pair.original, self._loading, self._limits, portrait=self._wanted(pair), moved=self._moved)

    def _wanted(self, pair: Pair) -> int:
        """Return which portrait to predict; a batch leaves the choice of another one as it is."""
        chosen = pair.prediction.portrait if pair.prediction is not None and not self._spec.as_user else 0
        return self._spec.options.portrait or chosen

    def _stays(self, pair: Pair) -> bool:
        """Return whether a pair is passed over."""
        said = pair.prediction
        if said is None or self._spec.as_user:
            return False
        if self._spec.keep_newer and said.version == self.ready.version:
            return True
        return self._spec.keep_decided and is_settled(pair)

    def is_match(self, answer: Said) -> bool:
        """Return whether a portrait was found."""
        return answer.found >= FOUND

    def initiator(self, pair: Pair) -> Initiator:
        """Return who makes the change, and what it is called."""
        return Initiator(self._spec.who, Origin.USER if self._spec.as_user else Origin.JOB, label="Predict")

    def edit(self, pair: Pair, answer: Said, run: Run) -> SetPrediction:
        """Store the map, and return the prediction that refers to it.

        A threshold set by hand stays with the version whose map it was set on.
        """
        assert answer.map_png is not None
        before = pair.prediction
        same = before is not None and (before.version, before.portrait) == (answer.version, answer.portrait)
        after = Prediction(
            model=answer.model,
            version=answer.version,
            map=self._store.put_mask(answer.map_png, answer.width, answer.height),
            threshold=answer.threshold,
            interval=answer.interval,
            expected_iou=answer.expected_iou,
            found=answer.found,
            reason=answer.reason,
            seconds=answer.seconds,
            chosen=before.chosen if same and before is not None else self._spec.options.threshold,
            portraits=answer.portraits,
            portrait=answer.portrait,
            run_id=run.id,
            moved=self._moved,
        )
        return SetPrediction(pair.id, before, after)


def loaded(options: PredictOptions, store: Store | None, ctx: JobContext) -> tuple[Loading, Ready]:
    """Find a model and load it once, in a child: what would fail for every photo fails here.

    Before anything is fetched from the network, ``ctx`` hears of it.

    Raises:
        UsageProblem: the options make no sense.
        ModelProblem, FileProblem, DeviceProblem: the model cannot be used.
    """
    if options.threshold is not None and not 0 <= options.threshold <= 1:
        raise UsageProblem(f"A threshold of {options.threshold} makes no sense.", "Give a number from 0 to 1.")
    if options.views not in (1, 2, 4):
        raise UsageProblem(f"A model looks at a photo 1, 2 or 4 times, not {options.views}.")
    if options.portrait < 0:
        raise UsageProblem("Portraits are counted from 0.")
    project = project_folder(store)
    weights = None if options.weights is None else Path(options.weights)
    wanted = Loading(versions.resolve(project, options.model), options.device, weights, options.views)
    if registry.card_of(wanted.file).trunk == "vgg16":
        announce(wanted.file, weights, ctx)
    (answer,) = pool.compute(predictor.prepare, [wanted], ctx.check)
    if isinstance(answer, UserFacingError):
        raise answer
    return Loading(wanted.file, answer.device, weights, options.views), answer


def announce(file: Path | None, weights: Path | None, ctx: JobContext) -> None:
    """Say so if the weights of a read-out's VGG-16 are going to be fetched.

    Raises:
        ModelProblem, FileProblem: the read-out's file cannot be used, so that nothing need be fetched for it.
    """
    if weights is not None:
        return
    (sentence,) = pool.compute(predictor.announcement, [file], ctx.check)
    if isinstance(sentence, UserFacingError):
        raise sentence
    if sentence:
        ctx.log(sentence)
        ctx.progress(0, 0, sentence)  # the desk shows no log


def project_folder(store: Store | None) -> Path | None:
    """Return where the open project lies; None without one, or if it lies in memory."""
    return Path(store.info.path) if store is not None and store.info.path else None


def workers_for(ready: Ready, asked: int) -> int:
    """Return how many children predict at a time: on a GPU one, whose memory several would share."""
    return 1 if ready.device == "cuda" else max(asked, 1)


def looked(
    tasks: Iterable[Look],
    ready: Ready,
    workers: int,
    check: Callable[[], None],
    say: Callable[[str], None] = lambda note: None,
) -> Generator[Said | UserFacingError, None, None]:
    """Predict in child processes, as many photos at a time as are worth it; ``say`` takes the notes.

    Yields:
        The answer to each task, in order.
    """
    groups: deque[tuple[Look, ...]] = deque()

    def grouped() -> Iterator[tuple[Look, ...]]:
        for group in batched(tasks, predictor.TOGETHER.get(ready.device, 1)):
            groups.append(group)
            yield group

    with contextlib.closing(pool.compute(predictor.look, grouped(), check, workers_for(ready, workers))) as answers:
        for answer in answers:
            group = groups.popleft()
            for one in [answer] * len(group) if isinstance(answer, UserFacingError) else answer:
                if isinstance(one, Said) and one.note:
                    say(one.note)
                yield one


def batched(items: Iterable[T], count: int) -> Iterator[tuple[T, ...]]:
    """Return items in groups of so many, the last one smaller (Python 3.12 has it)."""
    rest = iter(items)
    while group := tuple(islice(rest, count)):
        yield group


def try_model(spec: TryModel, services: Services, ctx: JobContext) -> Trial:
    """Predict one photo and keep nothing (see the spec).

    Raises:
        ModelProblem, FileProblem, DeviceProblem: the model cannot be used, or the photo cannot be read.
    """
    loading, ready = loaded(spec.options, services.store, ctx)
    limits = io.Limits.from_settings(services.settings)
    task = Look(spec.ref, loading, limits, portrait=spec.options.portrait)
    (answer,) = looked([task], ready, 1, ctx.check)
    if isinstance(answer, UserFacingError):
        raise answer
    assert answer.map_png is not None
    name = f"{ready.name} {ready.version}"
    layer = map_layer(io.decode_mask(answer.map_png))
    return Trial(name, answer.threshold, answer.expected_iou, answer.found, answer.portraits, layer)


def predict_files(spec: PredictFiles, services: Services, ctx: JobContext) -> BatchReport:
    """Predict files without a project: one ``PredictLine`` each, in input order (see the spec).

    Raises:
        UsageProblem, ModelProblem, DeviceProblem: nothing can be predicted with this model, or a mask would be
            written over one of the photos, or over another mask.
        FileProblem: a mask cannot be written; those written before are whole.
    """
    started = time.perf_counter()
    outputs = _outputs(spec)
    refuse_to_overwrite(spec.images, (path for output in outputs for path in output.files()), ctx.check)
    loading, ready = loaded(spec.options, None, ctx)
    limits = io.Limits.from_settings(services.settings)
    tasks = (_task(image, spec, loading, limits) for image in spec.images)
    done = matched = 0
    failures: list[ItemFailed] = []
    cancelled = False
    say = Notes(ctx.log)
    say(ready.note)
    total = len(spec.images)
    ctx.progress(0, total)
    try:
        with contextlib.closing(looked(tasks, ready, spec.workers, ctx.check, say)) as answers:
            for number, (image, output, answer) in enumerate(zip(spec.images, outputs, answers, strict=False), start=1):
                if isinstance(answer, UserFacingError):
                    failures.append(ItemFailed.from_error(image, answer))
                    ctx.partial(PredictLine(image, error=str(answer)))
                else:
                    output.write(answer)
                    done, matched = done + 1, matched + (answer.found >= FOUND)
                    ctx.partial(_line(image, output, answer, spec.options.threshold))
                ctx.progress(number, total, Path(image).name)
    except Cancelled:
        cancelled = True
    seconds = time.perf_counter() - started
    return BatchReport(total, done, matched, tuple(failures), cancelled, seconds, say.told)


def _task(image: str, spec: PredictFiles, loading: Loading, limits: io.Limits) -> Look:
    return Look(
        Path(image),
        loading,
        limits,
        portrait=spec.options.portrait,
        threshold=spec.options.threshold,
        whole=True,
        deep_map=spec.maps,
    )


@dataclass(frozen=True, slots=True)
class _Output:
    """Where the mask of one photo goes, and its map; None: nowhere."""

    mask: Path
    map: Path | None

    def files(self) -> list[Path]:
        """Those that are asked for."""
        return [self.mask] if self.map is None else [self.mask, self.map]

    def write(self, answer: Said) -> None:
        """Write them."""
        assert answer.mask_png is not None
        if self.map is not None:
            assert answer.deep_png is not None
            write_atomically(self.map, answer.deep_png)
        write_atomically(self.mask, answer.mask_png)


def _outputs(spec: PredictFiles) -> list[_Output]:
    if not spec.images:
        raise UsageProblem("There is no photo to predict.", "Give photos, or a folder of photos.")
    folder = Path(spec.out_dir)
    twice = [image for image, count in Counter(absolute(Path(image)) for image in spec.images).items() if count > 1]
    if twice:
        raise UsageProblem(f"{twice[0]} is given twice.", "Give each photo once.")
    names = unique_names(Path(image).stem for image in spec.images)
    outputs = [_Output(folder / f"{name}.png", folder / f"{name}.map.png" if spec.maps else None) for name in names]
    files = Counter(path for output in outputs for path in output.files())
    if clash := [path for path, count in files.items() if count > 1]:
        raise UsageProblem(f"Two results would be written to {clash[0]}.", "Rename one of the photos.")
    return outputs


def _line(image: str, output: _Output, answer: Said, threshold: float | None) -> PredictLine:
    return PredictLine(
        image,
        model=answer.model,
        version=answer.version,
        threshold=answer.threshold if threshold is None else threshold,
        interval=answer.interval,
        expected_iou=answer.expected_iou,
        found=answer.found,
        portraits=answer.portraits,
        reason=answer.reason,
        seconds=answer.seconds,
        mask_file=str(output.mask),
        map_file=None if output.map is None else str(output.map),
    )
