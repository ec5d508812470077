"""Fits a read-out to densities: epochs, early stopping, and checkpoints from which a training goes on."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from core.errors import FileProblem
from core.files import write_atomically
from core.model.card import ModelProblem
from core.model.checkpoint import load_tensors
from core.model.features import CHANNELS, Table
from core.model.optimise import gone_astray
from core.model.readout import Batch, ReadOut, cross_entropy
from core.model.trunks.vgg16 import sampled

_WARM = 0.1
"""Share of a training in which the rate rises: full steps from the start can kill both channels of the narrow layer."""
Progress = Callable[[str, int, int, float, float | None], None]
"""Takes stage, epoch (from 1), epochs, loss, and the IoU on the part that stops the training, if it has masks."""
Check = Callable[[], None]
"""Raises ``Cancelled`` once the owner wants an end."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how fast."""

    epochs: int = 30
    batch: int = 16
    rate: float = 1e-3
    decay: float = 1e-3
    dropout: float = 0.3
    patience: int = 8
    """Epochs without a better loss on the stopping part after which it ends."""
    mirror: bool = True
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Data:
    """Photos as numbers in a table of features, and what is wanted of each."""

    table: Table
    wanted: Sequence[torch.Tensor]
    """(height, width) on the read-out's grid: a mask's shares, or numbers of fixations; not empty."""
    train: Sequence[int]
    stop: Sequence[int]
    """Photos that only say when to stop. They are of the training's, never of those that it is judged on."""


def losses(readout: ReadOut, data: Data, numbers: Sequence[int], batch: int) -> tuple[list[float], list[torch.Tensor]]:
    """Return each photo's loss and log-density, without training."""
    readout.eval()
    found: list[float] = []
    maps: list[torch.Tensor] = []
    with torch.inference_mode():
        for start in range(0, len(numbers), batch):
            some = numbers[start : start + batch]
            answer = readout([data.table.get(number) for number in some])
            for place, number in enumerate(some):
                one = Batch(answer.log_density[place : place + 1], answer.sizes[place : place + 1])
                found.append(float(cross_entropy(one, [data.wanted[number]])))
                maps.append(answer.of(place).clone())
    return found, maps


def set_scale(readout: ReadOut, data: Data) -> None:
    """Let each sampled map come in at a spread of one, as measured on some training photos."""
    total, squares, count = torch.zeros(5 * CHANNELS // 3), torch.zeros(5 * CHANNELS // 3), 0
    for number in list(data.train)[:64]:
        cells = sampled(data.table.get(number).reshape(-1, CHANNELS)[:, :, None, None].float())[:, :, 0, 0]
        total, squares, count = total + cells.sum(0), squares + (cells**2).sum(0), count + len(cells)
    spread = (squares / count - (total / count) ** 2).clamp(min=0).sqrt()
    readout.scale = 1 / spread.clamp(min=float(spread.median()) * 0.05 + 1e-6)


def fit(
    readout: ReadOut,
    data: Data,
    schedule: Schedule,
    stage: str,
    *,
    progress: Progress,
    check: Check,
    resume: Path | None = None,
    measure: Callable[[list[torch.Tensor]], float] | None = None,
) -> float:
    """Train in place; the read-out ends with the weights that did best on the stopping part.

    Everything depends on the seed and the epoch's number alone, so a training that was cut off and goes on from its
    checkpoint ends where an undisturbed one does.

    Args:
        resume: a checkpoint's file: it is gone on from if it belongs to this training, and written after each epoch.
        measure: takes the log-densities of the stopping part, returns their IoU for ``progress``.

    Returns:
        The loss on the stopping part.
    """
    optimiser = torch.optim.Adam(_groups(readout, schedule.decay), lr=schedule.rate)
    readout.dropout = schedule.dropout
    run = _Run(stage, asdict(schedule), len(data.train), len(data.stop), _origin(readout))
    state = _resumed(resume, run, readout, optimiser)
    if state is None:
        state = _State(0, math.inf, 0, _copy(readout))
    while state.epoch < schedule.epochs and state.epoch - state.best_epoch < schedule.patience:
        loss = _epoch(readout, optimiser, data, schedule, epoch=state.epoch, check=check)
        stopping, maps = losses(readout, data, data.stop, schedule.batch)
        now = float(np.mean(stopping)) if stopping else loss
        better = now < state.best_loss
        state = _State(
            state.epoch + 1,
            now if better else state.best_loss,
            state.epoch + 1 if better else state.best_epoch,
            _copy(readout) if better else state.best,
        )
        progress(stage, state.epoch, schedule.epochs, now, measure(maps) if measure is not None and maps else None)
        if resume is not None:
            _keep(resume, run, state, readout, optimiser)
    readout.load_state_dict(state.best)
    readout.eval()
    return state.best_loss


def _groups(readout: ReadOut, decay: float) -> list[dict[str, object]]:
    """Return the parameters for the optimiser; only the convolutions are pulled towards nought."""
    free = [readout.log_sigma, readout.centre_weight]
    return [{"params": list(readout.layers.parameters()), "weight_decay": decay}, {"params": free}]


def _epoch(
    readout: ReadOut, optimiser: torch.optim.Adam, data: Data, schedule: Schedule, *, epoch: int, check: Check
) -> float:
    """Show every training photo once, in an order and with mirrorings of this epoch's own."""
    rng = np.random.default_rng([schedule.seed, epoch])
    order = rng.permutation(np.asarray(data.train))
    mirrored = rng.random(len(order)) < (0.5 if schedule.mirror else 0.0)
    steps = -(-len(order) // schedule.batch)
    total = 0.0
    readout.train()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(schedule.seed * 10_007 + epoch)  # for the dropout
        for step in range(steps):
            check()
            part = slice(step * schedule.batch, (step + 1) * schedule.batch)
            some = [(int(number), bool(side)) for number, side in zip(order[part], mirrored[part], strict=True)]
            done = (epoch + step / steps) / schedule.epochs
            for group in optimiser.param_groups:
                group["lr"] = schedule.rate * 0.5 * (1 + math.cos(math.pi * done)) * min(1.0, done / _WARM + 0.02)
            answer = readout([data.table.get(number, side) for number, side in some])
            wanted = [data.wanted[number].flip(1) if side else data.wanted[number] for number, side in some]
            loss = cross_entropy(answer, wanted)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            length = torch.nn.utils.clip_grad_norm_(readout.parameters(), 5.0)
            if not (torch.isfinite(loss) and torch.isfinite(length)):
                raise gone_astray(f"step {step + 1} of epoch {epoch + 1}")
            optimiser.step()
            total += float(loss.detach()) * len(some)
    return total / max(len(order), 1)


@dataclass(frozen=True, slots=True)
class _Run:
    """Tells one training from another, so that no checkpoint is taken up by the wrong one."""

    stage: str
    schedule: dict[str, object]
    train: int
    stop: int
    origin: str
    """Of the read-out as it starts: its scales and its centre bias tell trunk, size and photos apart."""


@dataclass(frozen=True, slots=True)
class _State:
    epoch: int
    best_loss: float
    best_epoch: int
    best: dict[str, torch.Tensor]


def _origin(readout: ReadOut) -> str:
    digest = hashlib.sha256()
    for name, value in sorted(readout.state_dict().items()):
        digest.update(name.encode() + value.detach().cpu().numpy().tobytes())
    return digest.hexdigest()[:16]


def _copy(readout: ReadOut) -> dict[str, torch.Tensor]:
    return {name: value.detach().clone() for name, value in readout.state_dict().items()}


def _keep(path: Path, run: _Run, state: _State, readout: ReadOut, optimiser: torch.optim.Adam) -> None:
    from safetensors.torch import save

    tensors = {f"now.{name}": value for name, value in _copy(readout).items()}
    tensors |= {f"best.{name}": value.clone() for name, value in state.best.items()}
    for number, held in optimiser.state_dict()["state"].items():
        tensors |= {f"adam.{number}.{name}": value.clone() for name, value in held.items()}
    plain = {"epoch": state.epoch, "best_loss": state.best_loss, "best_epoch": state.best_epoch}
    meta = {"run": json.dumps(asdict(run), sort_keys=True), "state": json.dumps(plain)}
    write_atomically(path, save(tensors, meta))


def _resumed(path: Path | None, run: _Run, readout: ReadOut, optimiser: torch.optim.Adam) -> _State | None:
    """Take up a checkpoint; None if there is none, or it is damaged or of another training."""
    if path is None or not path.is_file():
        return None
    from safetensors import safe_open

    try:
        tensors = load_tensors(path)
        with safe_open(path, "pt") as file:
            meta: Mapping[str, str] = file.metadata() or {}
        if meta["run"] != json.dumps(asdict(run), sort_keys=True):
            return None
        plain = json.loads(meta["state"])
        wanted = readout.state_dict()
        best = {name: tensors[f"best.{name}"] for name in wanted}
        now = {name: tensors[f"now.{name}"] for name in wanted}
        if any(now[name].shape != value.shape or best[name].shape != value.shape for name, value in wanted.items()):
            return None
        held: dict[int, dict[str, torch.Tensor]] = {}
        for name, value in tensors.items():
            if name.startswith("adam."):
                _, number, what = name.split(".", 2)
                held.setdefault(int(number), {})[what] = value
        state = _State(int(plain["epoch"]), float(plain["best_loss"]), int(plain["best_epoch"]), best)
        optimiser.load_state_dict({"state": held, "param_groups": optimiser.state_dict()["param_groups"]})
        readout.load_state_dict(now)
    except (ModelProblem, FileProblem, KeyError, ValueError, TypeError, RuntimeError):
        return None
    return state
