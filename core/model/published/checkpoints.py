"""Tells by the names in a file which DeepGaze it is, and takes it apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from torch import nn

from core.model.card import ModelProblem
from core.model.published.files import REMEDY, State, numbered, read, see_that_it_is_finite, under
from core.model.published.network import Member, Mixture
from core.model.published.readouts import Component, Layer, layers
from core.model.published.trunks import VGG16, Tapped, Trunk, trunk_in

_ROOT = re.compile(r"(.*?)(?:models\.\d+\.saliency_networks|saliency_networks?|readout_network)\.")
"""What stands before a DeepGaze's own names, such as "module."."""
_REFUSED = (
    ("scanpath_networks.", "DeepGaze III, which has to be told where a person has looked before"),
    ("dataset_sigmas", "DeepGaze MSDB, which reads CLIP and DINOv2"),
)


@dataclass(frozen=True, slots=True)
class Part:
    """A member of the mixture that a checkpoint is; most have one alone."""

    trunk: Trunk | None
    """None: the file holds read-outs alone; they are taken for a VGG's."""
    features: State
    networks: tuple[tuple[State, ...], ...]
    """The networks of each read-out, one after the other."""
    finalisers: tuple[State, ...]

    def layers(self, number: int) -> list[Layer]:
        """Return the layers of a read-out.

        Raises:
            KeyError, ValueError, RuntimeError: they are not as they were published.
        """
        made = layers(*self.networks[number])
        if made[0].inside != (self.trunk or VGG16).channels:
            raise ValueError("the read-out belongs to another trunk")
        return made

    def component(self, number: int) -> Component:
        """Return a read-out with its finaliser.

        Raises:
            KeyError, ValueError, RuntimeError: it is not as it was published.
        """
        return Component(self.layers(number), self.finalisers[number], (self.trunk or VGG16).map_factor)

    def member(self, vgg: nn.Module | None) -> Member:
        """Return it ready for use, with the file's own trunk, or with ``vgg`` where it has none.

        Raises:
            KeyError, ValueError, RuntimeError: it is not as it was published.
        """
        components = [self.component(number) for number in range(len(self.networks))]
        if self.trunk is None:
            assert vgg is not None
            return Member(vgg, components, VGG16.readout_factor)
        return Member(Tapped(self.trunk, self.features), components, self.trunk.readout_factor)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A published checkpoint taken apart."""

    path: Path
    parts: tuple[Part, ...]

    @property
    def title(self) -> str:
        """Which DeepGaze it is."""
        if len(self.parts) > 1:
            return "DeepGaze IIE"
        trunk = self.parts[0].trunk
        return "DeepGaze I" if trunk is not None and trunk.title == "AlexNet" else "DeepGaze II"

    def mixture(self, vgg: nn.Module | None = None) -> Mixture:
        """Return it whole, with the file's own trunks, or with ``vgg`` where it has none.

        Raises:
            ModelProblem: it has other layers than those that were published, or numbers that are not finite.
        """
        with blamed(self.path):
            mixture = Mixture([part.member(vgg) for part in self.parts])
        see_that_it_is_finite(mixture, self.path.name)
        return mixture.eval()


@contextmanager
def blamed(path: Path) -> Iterator[None]:
    """Turn what a checkpoint of another form raises into one sentence."""
    try:
        yield
    except (KeyError, ValueError, RuntimeError) as error:
        raise ModelProblem(
            f"{path.name} is a DeepGaze checkpoint, but not as published: layers are missing, or of another kind.",
            REMEDY,
        ) from error


def taken_apart(path: Path) -> Checkpoint:
    """Return what a file holds.

    Raises:
        FileProblem: it cannot be read.
        ModelProblem: it is no DeepGaze checkpoint, or one that cannot be used here.
    """
    state = read(path)
    root = next((found[1] for name in state if (found := _ROOT.match(name))), None)
    if root is None:
        raise ModelProblem(f"{path.name} holds weights, but not of a read-out.", REMEDY)
    state = under(state, root)
    for mark, words in _REFUSED:
        if any(mark in name for name in state):
            raise ModelProblem(f"{path.name} holds {words}.", REMEDY)
    with blamed(path):
        many = any(name.startswith("models.") for name in state)
        checkpoint = Checkpoint(path, tuple(map(_part, numbered(state, "models.") if many else [state])))
    if any(part.trunk is None and (many or part.features) for part in checkpoint.parts):
        raise ModelProblem(f"{path.name} reads a network that Pawtrait does not have.", REMEDY)
    return checkpoint


def _part(state: State) -> Part:
    features = under(state, "features.features.")
    if readout := under(state, "readout_network."):
        networks: list[tuple[State, ...]] = [(readout,)]
        finalisers = [under(state, "finalizer.")]
    else:
        saliency, selection = (numbered(state, f"{name}_networks.") for name in ("saliency", "fixation_selection"))
        networks, finalisers = list(zip(saliency, selection, strict=True)), numbered(state, "finalizers.")
    if len(networks) != len(finalisers):
        raise KeyError("finalizers")
    return Part(trunk_in(features), features, tuple(networks), tuple(finalisers))
