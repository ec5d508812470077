"""The training loop: its loss by hand, and that a power cut changes nothing."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from core.errors import Cancelled, FileProblem
from core.model.card import ModelProblem
from core.model.optimise import Batch, Optimiser, Schedule, loss_of

SCHEDULE = Schedule(24, (("head.", 1e-2), ("trunk.", 1e-3)), warm_up=5)


class _Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(4)
        self.trunk, self.head, self.frozen = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 1, 1), nn.Conv2d(1, 1, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.frozen(self.head(self.trunk(x).relu()))
        return logits


def _batch(step: int) -> Batch:
    made = torch.Generator().manual_seed(step)
    x = torch.randn(2, 3, 8, 8, generator=made)
    return Batch(x, (x.sum(1, keepdim=True) > 0).float(), torch.ones(2, 1, 8, 8))


def _silent(step: int, loss: float) -> None:
    assert math.isfinite(loss)


def _optimiser(net: _Net, file: Path, schedule: Schedule = SCHEDULE) -> Optimiser:
    return Optimiser(net, net, schedule, file)


def _trained(file: Path, schedule: Schedule = SCHEDULE) -> dict[str, torch.Tensor]:
    net = _Net()
    _optimiser(net, file, schedule).run(_batch, 4, _silent)
    return net.state_dict()


def _same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(one[name], other[name]) for name in one)


def test_the_loss_is_cross_entropy_plus_dice() -> None:
    logits = torch.zeros(1, 1, 4, 4)
    mask = torch.zeros(1, 1, 4, 4)
    mask[..., :3] = 1  # twelve cells; every probability is one half
    found = loss_of(logits, Batch(None, mask, torch.ones(1, 1, 4, 4)))
    assert float(found) == pytest.approx(math.log(2) + 1 - (2 * 6 + 1) / (8 + 12 + 1))


def test_cells_beyond_the_photo_count_for_nothing() -> None:
    logits, mask, inside = torch.zeros(1, 1, 4, 4), torch.ones(1, 1, 4, 4), torch.ones(1, 1, 4, 4)
    inside[..., 3] = 0
    found = loss_of(logits, Batch(None, mask, inside))
    logits[..., 3] = -50
    assert float(loss_of(logits, Batch(None, mask, inside))) == pytest.approx(float(found))
    assert float(found) == pytest.approx(math.log(2) + 1 - (2 * 6 + 1) / (6 + 12 + 1))


def test_views_without_a_portrait_have_no_dice() -> None:
    logits = torch.full((2, 1, 4, 4), 2.0)
    found = loss_of(logits, Batch(None, torch.zeros(2, 1, 4, 4), torch.ones(2, 1, 4, 4)))
    assert float(found) == pytest.approx(math.log(1 + math.exp(2)))


def test_a_perfect_answer_costs_nothing() -> None:
    mask = torch.zeros(1, 1, 8, 8)
    mask[..., 2:6, 2:6] = 1
    found = loss_of((mask * 2 - 1) * 40, Batch(None, mask, torch.ones(1, 1, 8, 8)))
    assert float(found) == pytest.approx(0, abs=1e-5)


def test_a_photo_that_is_all_padding_is_no_division_by_nought() -> None:
    nothing = torch.zeros(1, 1, 4, 4)
    assert float(loss_of(nothing, Batch(None, nothing, nothing))) == 0


def test_it_learns_and_leaves_alone_what_it_was_not_told(tmp_path: Path) -> None:
    losses: list[float] = []
    net, before = _Net(), _Net().state_dict()
    schedule = Schedule(120, (("head.", 0.1), ("trunk.", 0.1)), warm_up=5)
    _optimiser(net, tmp_path / "c.pt", schedule).run(_batch, 40, lambda _, loss: losses.append(loss))
    assert losses[-1] < 0.8 * losses[0]
    after = net.state_dict()
    assert torch.equal(before["frozen.weight"], after["frozen.weight"])
    assert not torch.equal(before["head.weight"], after["head.weight"])
    assert not torch.equal(before["trunk.weight"], after["trunk.weight"])


@pytest.mark.parametrize("stop", [1, 4, 7, 12, 23, 24])
def test_after_a_power_cut_the_result_is_the_same(tmp_path: Path, stop: int) -> None:
    whole = _trained(tmp_path / "whole.pt")
    shown: list[int] = []

    def until(step: int) -> Batch:
        if step >= stop:
            raise Cancelled
        return _batch(step)

    def noted(step: int) -> Batch:
        shown.append(step)
        return _batch(step)

    try:
        _optimiser(_Net(), tmp_path / "cut.pt").run(until, 4, _silent)
    except Cancelled:
        torch.manual_seed(99)
    net = _Net()
    again = _optimiser(net, tmp_path / "cut.pt")
    assert again.step == stop // 4 * 4
    again.run(noted, 4, _silent)
    assert shown == list(range(stop // 4 * 4, 24))
    assert _same(net.state_dict(), whole)


def test_what_a_report_raises_leaves_a_checkpoint(tmp_path: Path) -> None:
    def refuse(step: int, loss: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        _optimiser(_Net(), tmp_path / "c.pt").run(_batch, 4, refuse)
    assert _optimiser(_Net(), tmp_path / "c.pt").step == 4


def _torn(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def _changed(change: Callable[[dict[str, object]], object]) -> Callable[[Path], None]:
    def apply(path: Path) -> None:
        state = torch.load(path, weights_only=True)
        torch.save(change(state), path)

    return apply


@pytest.mark.parametrize(
    "damage",
    [
        _torn,
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"nonsense" * 40),
        _changed(lambda state: {**state, "step": None}),
        _changed(lambda state: {name: value for name, value in state.items() if name != "step"}),
        _changed(lambda state: {**state, "network": {}}),
        _changed(lambda state: {**state, "average": {"head.weight": torch.zeros(9)}}),
        _changed(lambda state: {**state, "optimiser": {"state": {}, "param_groups": []}}),
        _changed(lambda state: [1, 2]),
        _changed(lambda state: torch.zeros(3)),
    ],
)
def test_a_damaged_checkpoint_is_not_used(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    whole = _trained(tmp_path / "c.pt")
    damage(tmp_path / "c.pt")
    assert _optimiser(_Net(), tmp_path / "c.pt").step == 0
    assert _same(_trained(tmp_path / "c.pt"), whole)


def test_a_checkpoint_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(FileProblem, match="cannot be written"):
        _trained(tmp_path / "file" / "c.pt")


@pytest.mark.parametrize("where", ["loss", "gradient"])
def test_a_loss_that_is_no_number_ends_it_with_a_sentence(tmp_path: Path, where: str) -> None:
    net = _Net()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    if where == "gradient":
        net.head.weight.register_hook(lambda gradient: gradient * math.nan)

    def batch(step: int) -> Batch:
        made = _batch(step)
        return Batch(made.inputs, made.mask * math.nan, made.inside) if where == "loss" else made

    with pytest.raises(ModelProblem, match=r"went astray: at step 1 its loss is no number.*another seed"):
        _optimiser(net, tmp_path / "checkpoint.pt").run(batch, 4, _silent)
    assert _same(net.state_dict(), before)
    assert not (tmp_path / "checkpoint.pt").exists()
