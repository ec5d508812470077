"""The training loop: AdamW, a cosine schedule, an average of the weights, and checkpoints from which it goes on."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

from core.files import write_atomically
from core.model.card import ModelProblem

Tensors = dict[str, torch.Tensor]


@dataclass(frozen=True, slots=True)
class Batch:
    """What one step is shown: inputs of the network, masks and weights on the logits' grid, (n, 1, h, w) each."""

    inputs: object
    mask: torch.Tensor
    inside: torch.Tensor


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how fast."""

    steps: int
    rates: tuple[tuple[str, float], ...]
    """Learning rate by the beginning of a parameter's name; parameters that match none stay as they are."""
    warm_up: int = 100
    weight_decay: float = 1e-2
    longest_gradient: float = 5.0
    average: float = 0.997


def gone_astray(when: str) -> ModelProblem:
    """Return what ends a training whose weights would be no numbers from now on."""
    return ModelProblem(
        f"The training went astray: at {when} its loss is no number any more.",
        "Train again with another seed, or start from another model. The model in use has not been touched.",
    )


def loss_of(logits: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Return cross-entropy plus one minus the soft Dice coefficient, the mean over the batch.

    Dice is left out for views without a portrait, where it says nothing; cells outside of the photo count for nothing.
    """
    weight, mask = batch.inside, batch.mask
    entropy = functional.binary_cross_entropy_with_logits(logits, mask, reduction="none")
    entropy = (entropy * weight).sum((1, 2, 3)) / weight.sum((1, 2, 3)).clamp(min=1)
    probability, truth = logits.sigmoid() * weight, mask * weight
    both = 2 * (probability * truth).sum((1, 2, 3)) + 1
    dice = 1 - both / (probability.sum((1, 2, 3)) + truth.sum((1, 2, 3)) + 1)
    return (entropy + dice * (truth.sum((1, 2, 3)) > 8)).mean()


class Optimiser:
    """One phase of a training; after a power cut the next one goes on from its last checkpoint."""

    def __init__(
        self, network: nn.Module, forward: Callable[[object], torch.Tensor], schedule: Schedule, checkpoint: Path
    ) -> None:
        """``forward`` takes a batch's inputs to logits."""
        self._network, self._forward = network, forward
        self._schedule, self._file = schedule, checkpoint
        groups, trained = [], []
        for name, parameter in network.named_parameters():
            rate = next((rate for prefix, rate in schedule.rates if name.startswith(prefix)), None)
            parameter.requires_grad_(rate is not None)
            if rate is not None:
                trained.append(name)
                groups.append({"params": [parameter], "lr": rate, "base": rate})
        self._optimiser = torch.optim.AdamW(groups, weight_decay=schedule.weight_decay, foreach=False)
        self._average = {name: network.state_dict()[name].clone() for name in trained}
        self.step = 0
        self._resume()

    def run(self, batches: Callable[[int], Batch], every: int, report: Callable[[int, float], None]) -> None:
        """Train to the end of the schedule.

        Args:
            batches: makes the batch of a step; the same step is always shown the same.
            every: steps between two reports, which are also checkpoints.
            report: takes the number of steps done and the mean loss since the last report. What it raises ends the
                training, which then goes on from this checkpoint the next time.

        Raises:
            ModelProblem: the loss is not finite any more.
        """
        losses: list[float] = []
        self._network.train()
        while self.step < self._schedule.steps:
            losses.append(self._one(batches(self.step)))
            self.step += 1
            if self.step % every == 0 or self.step == self._schedule.steps:
                self._save()
                report(self.step, sum(losses) / len(losses))
                losses.clear()
        self._network.eval()
        self.take_average()

    def take_average(self) -> None:
        """Put the averaged weights into the network."""
        state = self._network.state_dict()
        with torch.no_grad():
            for name, value in self._average.items():
                state[name].copy_(value)

    def _one(self, batch: Batch) -> float:
        schedule = self._schedule
        progress = min(1.0, (self.step + 1) / schedule.warm_up) * max(
            0.01, 0.5 + 0.5 * math.cos(math.pi * self.step / schedule.steps)
        )
        for group in self._optimiser.param_groups:
            group["lr"] = group["base"] * progress
        loss = loss_of(self._forward(batch.inputs).float(), batch)
        self._optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        length = nn.utils.clip_grad_norm_(_trained(self._network.parameters()), schedule.longest_gradient)
        if not (torch.isfinite(loss) and torch.isfinite(length)):
            raise gone_astray(f"step {self.step + 1}")
        self._optimiser.step()
        keep = min(schedule.average, (self.step + 1) / (self.step + 10))
        state = self._network.state_dict()
        with torch.no_grad():
            for name, value in self._average.items():
                value.lerp_(state[name], 1 - keep)
        return float(loss.detach())

    def _save(self) -> None:
        state = self._network.state_dict()
        buffer = BytesIO()
        torch.save(
            {
                "step": self.step,
                "network": {name: state[name] for name in self._average},
                "average": self._average,
                "optimiser": self._optimiser.state_dict(),
            },
            buffer,
        )
        write_atomically(self._file, buffer.getvalue())

    def _resume(self) -> None:
        """Go on from a checkpoint; one that is missing, damaged or of another training is not used."""
        try:
            found = torch.load(self._file, weights_only=True)
            if not isinstance(found, dict):
                return
            network, average = found["network"], found["average"]
            state = self._network.state_dict()
            for table in (network, average):
                if table.keys() != self._average.keys() or any(table[n].shape != state[n].shape for n in table):
                    return
            step = int(found["step"])
            self._optimiser.load_state_dict(found["optimiser"])
        except (
            OSError,
            LookupError,
            ValueError,
            TypeError,
            AttributeError,
            RuntimeError,
            pickle.UnpicklingError,
            EOFError,
        ):
            return
        with torch.no_grad():
            for name, value in network.items():
                state[name].copy_(value)
        self._average = average
        self.step = step


def _trained(parameters: Iterable[nn.Parameter]) -> list[nn.Parameter]:
    return [parameter for parameter in parameters if parameter.requires_grad]
