"""Export through the job: which pairs, which files, and what may never be written over."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.domain import Decision, MaskSource, Pair, Placement, Prediction, Reconciliation, Review
from core.edits import AddPair, Initiator, SetPrediction, SetReconciliation, SetReview, SetThreshold
from core.errors import FileProblem, StorageProblem, UsageProblem
from core.images.io import encode_mask
from core.jobs import inline
from core.jobs.answers import ExportReport
from core.jobs.context import ItemFailed
from core.jobs.services import Services
from core.jobs.specs import ExportPairs
from core.jobs.work import exporting

ANN = Initiator("ann")
SOFT = np.tile(np.linspace(0, 255, 40).round().astype(np.uint8), (30, 1))

pytestmark = pytest.mark.usefixtures("in_process")


@pytest.fixture
def add(services: Services, tmp_path: Path, draw: Callable[..., Path], reference: Any) -> Callable[..., Pair]:
    """Put a pair with a mask into the project."""
    store, count = services.project(), 0

    def add_pair(name: str, decision: Decision = Decision.ACCEPTED, masked: bool = True) -> Pair:
        nonlocal count
        count += 1
        original = reference(draw(tmp_path / "o" / f"{count}.png", count))
        (added,) = store.apply([AddPair(Pair(0, name, original, original))], ANN).pair_ids
        if masked:
            mask = store.put_mask(encode_mask(SOFT), 40, 30)
            found = Reconciliation("paper", Placement(1, 0, False, 0, 0), 0.9, "", 0.1, mask)
            store.apply([SetReconciliation(added, None, found)], ANN)
        if decision is not Decision.UNDECIDED:
            store.apply([SetReview(added, Review(), Review(decision))], ANN)
        return store.pairs([added])[0]

    return add_pair


def _run(services: Services, ctx: Any, out: Path, form: str = "masks", **more: Any) -> ExportReport:
    report = inline.run(ExportPairs(form, str(out), **more), services, ctx)
    assert isinstance(report, ExportReport)
    return report


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_accepted_and_corrected_masks_are_written_black_and_white(
    services: Services, ctx: Any, add: Callable[..., Pair], tmp_path: Path
) -> None:
    add("rex")
    add("mia", Decision.CORRECTED)
    add("max", Decision.REJECTED)
    add("ada", Decision.UNDECIDED)
    out = tmp_path / "new" / "out"
    assert _run(services, ctx, out) == ExportReport(written=2, skipped=0)
    assert _names(out) == {"rex.png", "mia.png"}
    written = np.asarray(Image.open(out / "rex.png"))
    assert np.array_equal(written, np.where(SOFT >= 128, 255, 0))
    assert ctx.steps[-1][:2] == (2, 2)


def test_a_decision_that_is_taken_back_while_others_are_exported_counts(
    services: Services, ctx: Any, add: Callable[..., Pair], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An export may take hours, and the desk goes on beside it."""
    add("ada")
    rex = add("rex")
    back = SetReview(rex.id, rex.review, Review(Decision.REJECTED))
    monkeypatch.setattr(exporting, "refuse_to_overwrite", lambda *args: services.project().apply([back], ANN))
    assert _run(services, ctx, tmp_path / "out") == ExportReport(written=1, skipped=0)
    assert _names(tmp_path / "out") == {"ada.png"}
    assert ctx.steps[-1][:2] == (2, 2)


def test_cutouts_keep_the_soft_edge_and_the_colours(
    services: Services, ctx: Any, add: Callable[..., Pair], tmp_path: Path
) -> None:
    pair = add("rex")
    _run(services, ctx, tmp_path / "out", "cutouts")
    written = np.asarray(Image.open(tmp_path / "out" / "rex.png"))
    assert np.array_equal(written[..., 3], SOFT)
    seen = SOFT > 0
    assert np.array_equal(written[..., :3][seen], np.asarray(Image.open(pair.original.path))[seen])


def test_the_asked_states_and_no_others(services: Services, ctx: Any, add: Callable[..., Pair], tmp_path: Path) -> None:
    add("rex")
    add("max", Decision.REJECTED)
    _run(services, ctx, tmp_path / "out", decisions=frozenset({Decision.REJECTED}))
    assert _names(tmp_path / "out") == {"max.png"}


def test_pairs_without_a_mask_are_counted(
    services: Services, ctx: Any, add: Callable[..., Pair], tmp_path: Path
) -> None:
    add("rex")
    add("mia", masked=False)
    assert _run(services, ctx, tmp_path / "out") == ExportReport(written=1, skipped=1)


HOSTILE = ["../../x", "..", "CON", "a/b", "a\\b", "x" * 400, "狗" * 200, "", ".hidden", "tab\tname", "dot.", "Zoë"]


def test_names_from_outside_stay_in_the_folder(
    services: Services, ctx: Any, add: Callable[..., Pair], tmp_path: Path
) -> None:
    for name in HOSTILE:
        add(name)
    out = tmp_path / "deep" / "out"
    assert _run(services, ctx, out).written == len(HOSTILE) == len(_names(out))
    assert {path.name for path in tmp_path.rglob("*.png")} - _names(tmp_path / "o") == _names(out)
    assert unicodedata.normalize("NFC", "Zoë.png") in _names(out)


def test_pairs_with_one_name_get_a_file_each_and_keep_it(
    services: Services, ctx: Any, add: Callable[..., Pair], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    add("rex", Decision.UNDECIDED)
    add("REX")
    _run(services, ctx, out)
    assert _names(out) == {"REX (2).png"}
    store = services.project()
    store.apply([SetReview(1, Review(), Review(Decision.ACCEPTED))], ANN)
    add("Rex")
    _run(services, ctx, out)
    assert _names(out) == {"rex.png", "REX (2).png", "Rex (3).png"}


def test_a_second_export_replaces_the_first(
    services: Services, ctx: Any, add: Callable[..., Pair], tmp_path: Path
) -> None:
    add("rex")
    out = tmp_path / "out"
    _run(services, ctx, out, "masks")
    _run(services, ctx, out, "cutouts")
    assert _names(out) == {"rex.png"}
    assert np.asarray(Image.open(out / "rex.png")).shape == (30, 40, 4)


@pytest.mark.parametrize("linked", [False, True], ids=["same folder", "by a link"])
def test_the_users_pictures_are_never_written_over(
    services: Services, ctx: Any, add: Callable[..., Pair], tmp_path: Path, linked: bool
) -> None:
    pair = add("1")
    before = Path(pair.original.path).read_bytes()
    out = tmp_path / "o"
    if linked:
        out = tmp_path / "link"
        out.symlink_to(tmp_path / "o", target_is_directory=True)
    with pytest.raises(UsageProblem, match="destroy") as caught:
        _run(services, ctx, out)
    assert caught.value.remedy
    assert Path(pair.original.path).read_bytes() == before


def test_a_file_of_somebody_else_is_never_written_over(
    services: Services, ctx: Any, add: Callable[..., Pair], tmp_path: Path, draw: Callable[..., Path]
) -> None:
    add("rex")
    theirs = draw(tmp_path / "out" / "rex.png", 7)
    before = theirs.read_bytes()
    with pytest.raises(UsageProblem, match="destroy"):
        _run(services, ctx, tmp_path / "out")
    assert theirs.read_bytes() == before
    theirs.unlink()
    for _ in range(2):  # our own earlier export may be replaced
        assert _run(services, ctx, tmp_path / "out").written == 1


def test_a_changed_original_fails_its_pair_only(
    services: Services, ctx: Any, add: Callable[..., Pair], tmp_path: Path, draw: Callable[..., Path]
) -> None:
    pair = add("rex")
    add("mia")
    draw(Path(pair.original.path), 99)
    report = _run(services, ctx, tmp_path / "out", "cutouts")
    (failure,) = report.failures
    assert (report.written, failure.item) == (1, "rex")
    assert ctx.of(ItemFailed) == [failure]
    assert _names(tmp_path / "out") == {"mia.png"}


def test_a_damaged_mask_fails_its_pair_only(
    services: Services, ctx: Any, add: Callable[..., Pair], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add("rex")
    add("mia")
    store = services.project()
    real, calls = store.mask_png, 0

    def mask_png(ref: Any) -> bytes:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise StorageProblem("The mask is damaged.", "Reconcile the pair again.")
        return real(ref)

    monkeypatch.setattr(store, "mask_png", mask_png)
    report = _run(services, ctx, tmp_path / "out")
    assert (report.written, [failure.item for failure in report.failures]) == (1, ["mia"])


def test_a_mask_of_another_size_fails_its_pair_only(
    services: Services, ctx: Any, add: Callable[..., Pair], tmp_path: Path
) -> None:
    pair = add("rex")
    add("mia")
    store = services.project()
    assert pair.reconciliation is not None
    small = replace(pair.reconciliation, mask=store.put_mask(encode_mask(SOFT[:20]), 40, 30))
    store.apply([SetReconciliation(pair.id, pair.reconciliation, small)], ANN)
    report = _run(services, ctx, tmp_path / "out")
    (failure,) = report.failures
    assert (report.written, failure.item) == (1, "rex")
    assert "40 × 20" in failure.message and "40 × 30" in failure.message
    assert failure.remedy


def test_a_name_that_no_file_can_have_is_no_obstacle(
    services: Services, ctx: Any, add: Callable[..., Pair], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A damaged or hostile project may hold it."""
    pair = add("rex")
    assert _run(services, ctx, tmp_path / "out").written == 1
    (row,) = services.project().summaries([pair.id])
    odd = replace(row, designer=replace(row.original, path="/photos/\0.png"))
    monkeypatch.setattr(services.project(), "summaries", lambda ids: [odd])
    assert _run(services, ctx, tmp_path / "out").written == 1


def test_a_full_disk_stops_the_export_and_what_is_there_is_whole(
    services: Services, ctx: Any, add: Callable[..., Pair], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abc":
        add(name)
    real = exporting.write_atomically

    def write(path: Path, data: bytes) -> None:
        if path.name == "b.png":
            raise FileProblem("The disk is full.", "Free some space.")
        real(path, data)

    monkeypatch.setattr(exporting, "write_atomically", write)
    with pytest.raises(FileProblem):
        _run(services, ctx, tmp_path / "out")
    assert _names(tmp_path / "out") == {"a.png"}


def test_a_cancelled_export_says_so(
    services: Services, ctx: Any, cancelled_at: Any, add: Callable[..., Pair], tmp_path: Path
) -> None:
    for name in "abc":
        add(name)
    _run(services, ctx, tmp_path / "whole")
    report = _run(services, cancelled_at(ctx.checks), tmp_path / "out")
    assert (report.cancelled, report.written, _names(tmp_path / "out")) == (True, 2, {"a.png", "b.png"})


def test_an_unknown_format_is_a_wrong_usage(services: Services, ctx: Any, tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="masks or cutouts"):
        _run(services, ctx, tmp_path / "out", "hologram")


def test_a_decision_about_a_prediction_exports_its_map_where_it_is_cut(
    services: Services, ctx: Any, add: Callable[..., Pair], tmp_path: Path
) -> None:
    store = services.project()
    alone, both, other = add("alone", masked=False), add("both"), add("other")
    small = np.zeros((15, 20), np.uint8)
    small[5:10, 5:15], small[6:9, 8:12] = 120, 250
    said = Prediction(
        "pawtrait", "0" * 12, store.put_mask(encode_mask(small), 20, 15), 0.3, (0.3, 0.5), 0.9, 1.0, "", 0
    )
    for pair in (alone, both, other):
        store.apply([SetPrediction(pair.id, None, said)], ANN)
    about = Review(Decision.ACCEPTED, source=MaskSource.PREDICTION)
    store.apply([SetReview(both.id, Review(Decision.ACCEPTED), about), SetThreshold(both.id, None, 0.8)], ANN)
    assert _run(services, ctx, tmp_path / "out").written == 3
    masks = {name: np.asarray(Image.open(tmp_path / "out" / f"{name}.png")) for name in ("alone", "both", "other")}
    assert {mask.shape for mask in masks.values()} == {(30, 40)}
    inside = np.argwhere(masks["alone"])
    assert (inside.min(0).tolist(), inside.max(0).tolist()) == ([10, 10], [19, 29])
    narrow = np.argwhere(masks["both"])
    assert (narrow.min(0).tolist(), narrow.max(0).tolist()) == ([12, 16], [17, 23])
    assert np.array_equal(masks["other"], np.where(SOFT >= 128, 255, 0)), "the reconciliation's stands without a word"
    _run(services, ctx, tmp_path / "cut", "cutouts")
    alpha = np.asarray(Image.open(tmp_path / "cut" / "alone.png"))[..., 3]
    assert np.array_equal(alpha >= 128, masks["alone"] == 255)
    store.apply([SetPrediction(both.id, store.pairs([both.id])[0].prediction, None)], ANN)
    report = _run(services, ctx, tmp_path / "new")
    assert (report.written, report.skipped) == (2, 1), "what was accepted is gone: no other mask takes its place"
