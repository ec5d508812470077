"""Trains a read-out on a project's masks or on two folders, measures it beside the one in use, and keeps it."""

from __future__ import annotations

import contextlib
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from core.errors import Cancelled, StorageProblem, UsageProblem, UserFacingError
from core.files import write_atomically
from core.images import io
from core.jobs import pool
from core.jobs.answers import Score, TrainPoint, TrainReport
from core.jobs.context import ItemFailed, JobContext, Notes
from core.jobs.services import Services
from core.jobs.specs import TrainModel
from core.jobs.work import measuring, parting, predictor, trainer
from core.jobs.work.examples import examples_of
from core.jobs.work.parting import Parts
from core.jobs.work.predicting import announce, project_folder
from core.jobs.work.predictor import Loading
from core.jobs.work.trainer import Training
from core.model import registry, versions
from core.model.card import ModelProblem
from core.model.data import Example, from_folders
from core.store.plan import utc_now

SCRATCH = "scratch"
"""Word for a training that goes on from no read-out."""
PAPERS, PRETRAINED = "deepgaze2-vgg16", "deepgaze2-vgg16-fixations"
"""The paper's model, and the read-out of the same kind that was trained on eye tracking: it goes on from that."""
_ALL = 1000
_MASKS = (0, 50)
_SPANS = {"coarse": (50, 475), "fine": (475, 900)}
"""Which part of one bar each part fills, of ``_ALL``: making masks, each of our stages (a training of one stage …"""
_JUDGED = {"judging the new version": (900, 950), "judging the one in use": (950, 1000)}
"""… fills both), and what judges in the end."""
_TAIL_SECONDS = 0.25
_LEFTOVER = re.compile(r"[0-9a-f]{16}")


def train_model(spec: TrainModel, services: Services, ctx: JobContext) -> TrainReport:
    """Train a read-out (see the spec).

    The work folder is the project's ``training``, or stands beside ``out``. What is in it makes a training that was
    cancelled or killed go on when it is asked for again, and saves the next one work.

    Raises:
        UsageProblem: there is too little to train on, or the wishes make no sense.
        StorageProblem: the project can only be read.
        ModelProblem, FileProblem, DeviceProblem: what it starts from cannot be used, or nothing can be written.
    """
    return _Training(spec, services, ctx).run()


class _Training:
    """One training while it runs."""

    def __init__(self, spec: TrainModel, services: Services, ctx: JobContext) -> None:
        self._spec, self._ctx = spec, ctx
        self._limits = io.Limits.from_settings(services.settings)
        self._cache_megabytes = services.settings.number("model.feature_cache_megabytes")
        self._store = services.store if spec.images is None else None
        self._project = self._own_project() if spec.images is None else None
        self._out = Path(spec.out) if spec.out is not None else None
        self._started = time.perf_counter()
        self._failures: list[ItemFailed] = []
        self._say = Notes(ctx.log)
        self._see_that_it_makes_sense()

    def _own_project(self) -> Path:
        if self._store is None:
            raise UsageProblem("No project is open, and no folders are given.", "Give a project, or --images, --masks.")
        folder = project_folder(self._store)
        if folder is None:
            raise UsageProblem("A project in memory cannot keep a model.", "Train in a project on the disk.")
        if self._store.info.read_only:
            raise StorageProblem(
                f"The project can only be read: {self._store.info.read_only_reason}",
                "Close it where it is open, or check the permissions of its folder.",
            )
        return folder

    def _see_that_it_makes_sense(self) -> None:
        spec = self._spec
        if (spec.images is None) != (spec.masks is None):
            raise UsageProblem("A folder of photos and one of masks go together.", "Give both, or a project.")
        if self._project is None and self._out is None:
            raise UsageProblem("train has no file to write the model to.", "Give --out FILE.safetensors.")
        if not 0 < spec.options.held_out < 0.9:
            raise UsageProblem(f"A share of {spec.options.held_out} cannot be held out.", "Give one between 0 and 0.9.")
        if self._out is not None and self._out.exists() and not registry.is_ours(self._out):
            raise UsageProblem(
                f"Writing {self._out} would destroy a file that Pawtrait has not written.", "Choose another name."
            )

    @property
    def _workdir(self) -> Path:
        if self._project is not None:
            return parting.workdir_of(self._project, self._spec.options.model)
        assert self._out is not None
        return self._out.with_name(f"{self._out.name}.training")

    def run(self) -> TrainReport:
        """Do it."""
        try:
            examples = self._examples()
            share = parting.share_of(self._project, self._spec.options.held_out, self._ctx.log)
            parts = Parts.of(examples, share)
            if (problem := parts.problem(share, len(self._failures))) is not None:
                raise problem
            self._tell(parts)
            parting.fix(self._project, share)
            made = self._workdir / "made.safetensors"
            trained_on = self._train(parts.used, share, made)
            new = self._score(made, parts, "judging the new version")
            old_file = self._old()
            version = registry.version_of(made)
            is_new = old_file is None or registry.version_of(old_file) != version
            old = self._score(old_file, parts, "judging the one in use") if old_file is not None and is_new else None
        except Cancelled:
            seconds = time.perf_counter() - self._started
            failures = tuple(self._failures)
            model = self._spec.options.model
            return TrainReport(model, "", "", 0, 0, None, None, False, True, seconds, failures)
        file, promoted = self._keep(made, trained_on, new, old)
        seconds = time.perf_counter() - self._started
        model = self._spec.options.model
        counts, failures = (trained_on, new.photos), tuple(self._failures)
        notes = self._say.told
        return TrainReport(model, version, str(file), *counts, new, old, promoted, False, seconds, failures, notes)

    def _examples(self) -> list[Example]:
        if self._project is None:
            assert self._spec.images is not None
            assert self._spec.masks is not None
            return from_folders(Path(self._spec.images), Path(self._spec.masks))
        assert self._store is not None
        examples, self._failures = examples_of(self._store, self._workdir / "masks", _Part(self._ctx, *_MASKS))
        return examples

    def _tell(self, parts: Parts) -> None:
        self._ctx.log(f"{len(parts.learned)} photos are learned from, {len(parts.judges)} judge the versions.")
        if parts.echoes:
            whose = "whose masks are a model's own cuts, accepted as they were"
            self._ctx.log(f"Held out without judging: {len(parts.echoes)}, {whose}.")

    def _train(self, examples: list[Example], share: float, made: Path) -> int:
        options = self._spec.options
        where = "the project's accepted and corrected pairs" if self._project else self._spec.images
        work = parting.work_of(examples, options)
        without = tuple(_pictures(self._spec.without)) if self._spec.without else ()
        task = Training(
            options,
            tuple(examples),
            made,
            self._workdir,
            self._workdir / f"points-{work}.jsonl",
            self._limits,
            share,
            self._start(),
            data=f"{len(examples)} photos of {where}, {share:.0%} of them held out",
            licence=self._spec.licence or ("the studio's own photos" if self._project else "unknown"),
            command=self._command(),
            without=without,
            cache_megabytes=self._cache_megabytes,
        )
        if options.model == PAPERS:
            announce(task.start_from, None if options.weights is None else Path(options.weights), self._ctx)
        parting.note(self._workdir, options, work)
        tail = _Tail(task.points, self._ctx, self._failures, self._say)
        (answer,) = pool.compute(trainer.train, [task], tail.check)
        tail.read()
        if isinstance(answer, UserFacingError):
            raise answer
        return answer

    def _command(self) -> str:
        spec, options = self._spec, self._spec.options
        words = ["pawtrait", "train"]
        if spec.images is not None:
            words += ["--images", Path(spec.images).name, "--masks", Path(spec.masks or "").name]
        words += ["--model", options.model, "--seed", str(options.seed)]
        words += [] if options.quick else ["--full"]
        words += ["--from", options.start_from] if options.start_from else []
        return " ".join(words)

    def _start(self) -> Path | None:
        """Return the read-out to go on from; None: the trunk's own weights alone."""
        options = self._spec.options
        if options.start_from == SCRATCH:
            return None
        if options.start_from:
            return versions.resolve(self._project, options.start_from)
        if options.model == PAPERS:
            return self._first_of(options.model, PRETRAINED) if self._project else self._first_of(PRETRAINED)
        if self._project is None and not options.quick:
            return None
        return versions.resolve(self._project, options.model)

    def _first_of(self, *names: str) -> Path | None:
        for name in names:
            with contextlib.suppress(ModelProblem):
                return versions.resolve(self._project, name)
        return None

    def _old(self) -> Path | None:
        """Return the read-out to compare with: what a project uses, or what ships; None if there is none."""
        try:
            return versions.resolve(self._project, self._spec.options.model)
        except ModelProblem:
            return None

    def _score(self, file: Path, parts: Parts, label: str) -> Score:
        context = _Part(self._ctx, *_JUDGED[label])
        context.progress(0, len(parts.judges), label)
        options = self._spec.options
        weights = None if options.weights is None else Path(options.weights)
        (ready,) = pool.compute(predictor.prepare, [Loading(file, options.device, weights)], self._ctx.check)
        if isinstance(ready, UserFacingError):
            raise ready
        self._say(ready.note)
        loading = Loading(file, ready.device, weights)
        score, failures = measuring.on_masks(
            loading, parts.judges, self._limits, context, label=label, known=parts.learned, say=self._say
        )
        self._failures += [one for one in failures if one not in self._failures]
        return score

    def _keep(self, made: Path, trained_on: int, new: Score, old: Score | None) -> tuple[Path, bool]:
        """Put the read-out where it belongs; return its file, and whether it is used from now on."""
        if self._out is not None:
            write_atomically(self._out, made.read_bytes())
        if self._project is None:
            assert self._out is not None
            shutil.rmtree(self._workdir, ignore_errors=True)
            return self._out, False
        record = {
            "at": utc_now(),
            "who": self._spec.who,
            "trained_on": trained_on,
            "held_out": new.photos,
            "new": asdict(new),
            "old": None if old is None else asdict(old),
        }
        kept = versions.keep(self._project, made, record)
        is_better = old is None or new.is_better_than(old)
        promoted = self._spec.promote == "always" or (self._spec.promote == "better" and is_better)
        if promoted:
            versions.put_in_use(self._project, kept.card.name, kept.version)
        self._tidy(made)
        return kept.file, promoted

    def _tidy(self, made: Path) -> None:
        """Remove what a finished training leaves; shrunk photos and features stay for the next one."""
        with contextlib.suppress(OSError):
            made.unlink()
            for path in self._workdir.iterdir():
                if path.name.startswith("points-") or path.name in (trainer.RESUME, parting.GOING):
                    path.unlink()
                elif path.is_dir() and _LEFTOVER.fullmatch(path.name):
                    shutil.rmtree(path, ignore_errors=True)


class _Part:
    """The context of a part of the training, which fills its part of the one bar."""

    def __init__(self, whole: JobContext, begin: int, end: int) -> None:
        self._whole, self._begin, self._end = whole, begin, end
        self.check, self.partial, self.log = whole.check, whole.partial, whole.log

    def progress(self, done: int, total: int, label: str = "") -> None:
        """Say how far the part is."""
        at = self._begin + round((self._end - self._begin) * done / max(total, 1))
        self._whole.progress(at, _ALL, label)


class _Tail:
    """Reads the points that the child writes, now and then while the parent waits for it."""

    def __init__(self, path: Path, ctx: JobContext, failures: list[ItemFailed], say: Callable[[str], None]) -> None:
        """``failures`` takes what the training leaves out, ``say`` what the user should know."""
        self._path, self._ctx, self._failures, self._say = path, ctx, failures, say
        self._offset, self._next = 0, 0.0

    def check(self) -> None:
        """Hand out new points, and raise ``Cancelled`` once the owner has asked to stop."""
        self._ctx.check()
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _TAIL_SECONDS
            self.read()

    def read(self) -> None:
        """Hand out new points."""
        told, self._offset = trainer.read_told(self._path, self._offset)
        points = [one for one in told if isinstance(one, TrainPoint)]
        for one in told:
            if isinstance(one, str):
                self._say(one)
                continue
            if isinstance(one, ItemFailed):
                if one in self._failures:  # told again when it goes on
                    continue
                self._failures.append(one)
            self._ctx.partial(one)
        if points and points[-1].epochs > 0:
            self._tell(points[-1])

    def _tell(self, last: TrainPoint) -> None:
        begin, end = _SPANS.get(last.stage, (50, 900))
        done = begin + round((end - begin) * last.epoch / last.epochs)
        self._ctx.progress(done, _ALL, f"{last.stage}, epoch {last.epoch:.0f} of {last.epochs:.0f}")


def _pictures(folder: str) -> list[Path]:
    home = Path(folder)
    if not home.is_dir():
        raise UsageProblem(f"There is no folder {home}.", "Give a folder of pictures without a portrait.")
    return sorted(path for path in home.iterdir() if io.is_picture(path))
