"""Files without a project: a line each, and masks that replace nothing but masks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import FileProblem, UsageProblem
from core.images.io import decode_mask
from core.jobs import inline
from core.jobs.answers import BatchReport, RegisterLine
from core.jobs.context import ItemFailed
from core.jobs.services import Services
from core.jobs.specs import RegisterFiles, RegisterRow
from core.jobs.work import searching
from core.jobs.work.searching import Found, Search
from core.reconcile.options import ReconcileOptions
from tests.core.jobs.conftest import FOOTPRINT, MASK, PAINTED, PLACEMENT

OPTIONS = ReconcileOptions(device="cpu")
Draw = Callable[..., Path]

pytestmark = pytest.mark.usefixtures("in_process")


def _rows(tmp_path: Path, draw: Draw, *names: str) -> tuple[RegisterRow, ...]:
    return tuple(
        RegisterRow(
            name,
            str(draw(tmp_path / f"o{number}.png", 2 * number)),
            str(draw(tmp_path / f"d{number}.png", 2 * number + 1)),
        )
        for number, name in enumerate(names)
    )


def test_files_give_one_line_each_in_input_order(
    services: Services, ctx: Any, tmp_path: Path, draw: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = _rows(tmp_path, draw, "found", "none", "bad")

    def search(task: Search) -> Found:
        assert task.two_valued
        kind = {row.original: row.pair for row in rows}[str(task.original)]
        if kind == "bad":
            raise FileProblem("It is damaged.", "Copy it.")
        return Found(PLACEMENT if kind == "found" else None, 0.7, "So.", 0.1, MASK if kind == "found" else None, 40, 30)

    monkeypatch.setattr(searching, "search", search)
    report = inline.run(RegisterFiles(rows, OPTIONS, str(tmp_path / "masks")), services, ctx)
    assert ctx.of(RegisterLine) == [
        RegisterLine("found", PLACEMENT.matrix(), True, 30.0, 2.0, 0.7, "So.", 0.1),
        RegisterLine("none", None, False, None, None, 0.7, "So.", 0.1),
        RegisterLine("bad", error="It is damaged. Copy it."),
    ]
    assert isinstance(report, BatchReport)
    assert (report.asked, report.done, report.matched) == (3, 2, 1)
    assert report.failures == (ItemFailed("bad", "It is damaged.", "Copy it."),)
    assert [path.name for path in (tmp_path / "masks").iterdir()] == ["found.png"]


@pytest.mark.parametrize("failed", [False, True], ids=["no match", "an error"])
def test_a_line_without_a_placement_leaves_no_mask_of_an_earlier_run(
    services: Services,
    ctx: Any,
    tmp_path: Path,
    draw: Draw,
    searched: list[Search],
    monkeypatch: pytest.MonkeyPatch,
    failed: bool,
) -> None:
    def search(task: Search) -> Found:
        if failed:
            raise FileProblem("It is damaged.", "Copy it.")
        return Found(None, 0.9, "Another photo.", 0.1, None, 40, 30)

    spec = RegisterFiles((_asked(tmp_path, *_rows(tmp_path, draw, "rex")),), OPTIONS)
    inline.run(spec, services, ctx)
    assert len(list((tmp_path / "out").iterdir())) == 3
    monkeypatch.setattr(searching, "search", search)
    inline.run(spec, services, ctx)
    assert list((tmp_path / "out").iterdir()) == []


def test_masks_of_hostile_and_equal_names_stay_apart_and_in_their_folder(
    services: Services, ctx: Any, tmp_path: Path, draw: Draw, searched: list[Search]
) -> None:
    rows = _rows(tmp_path, draw, "../../rex", "a/b", "A_b", "CON")
    inline.run(RegisterFiles(rows, OPTIONS, str(tmp_path / "masks")), services, ctx)
    names = {path.name for path in (tmp_path / "masks").iterdir()}
    assert names == {"_._.._rex.png", "a_b.png", "A_b (2).png", "_CON.png"}


def test_a_row_may_say_where_its_mask_goes(
    services: Services, ctx: Any, tmp_path: Path, draw: Draw, searched: list[Search]
) -> None:
    (row,) = _rows(tmp_path, draw, "rex")
    target = tmp_path / "there" / "mask.png"
    inline.run(RegisterFiles((replace(row, mask_file=str(target)),), OPTIONS), services, ctx)
    assert decode_mask(target.read_bytes()).shape == (30, 40)


def test_a_mask_never_replaces_a_picture(
    services: Services, ctx: Any, tmp_path: Path, draw: Draw, searched: list[Search]
) -> None:
    photo = draw(tmp_path / "rex.png", 1)
    before = photo.read_bytes()
    row = RegisterRow("rex", str(photo), str(draw(tmp_path / "edit.png", 2)))
    with pytest.raises(UsageProblem, match="destroy"):
        inline.run(RegisterFiles((row,), OPTIONS, str(tmp_path)), services, ctx)
    assert photo.read_bytes() == before
    assert searched == []


def test_cancelled_files_keep_their_lines(
    services: Services, cancelled_at: Any, tmp_path: Path, draw: Draw, searched: list[Search]
) -> None:
    ctx = cancelled_at(2)
    report = inline.run(RegisterFiles(_rows(tmp_path, draw, "a", "b", "c"), OPTIONS), services, ctx)
    assert isinstance(report, BatchReport)
    assert report.cancelled
    assert [line.pair for line in ctx.of(RegisterLine)] == ["a"]


def _asked(tmp_path: Path, row: RegisterRow) -> RegisterRow:
    """Ask for all three masks of a row."""
    files = {f"{name}_file": str(tmp_path / "out" / f"{name}.png") for name in ("mask", "footprint", "painted")}
    return replace(row, **files)


def test_footprint_and_what_was_painted_on_are_written_where_asked(
    services: Services, ctx: Any, tmp_path: Path, draw: Draw, searched: list[Search]
) -> None:
    (row,) = _rows(tmp_path, draw, "rex")
    inline.run(RegisterFiles((_asked(tmp_path, row),), OPTIONS), services, ctx)
    written = {path.stem: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert written == {"mask": MASK, "footprint": FOOTPRINT, "painted": PAINTED}


def test_nothing_painted_on_is_a_black_file_and_not_an_older_one(
    services: Services, ctx: Any, tmp_path: Path, draw: Draw, searched: list[Search], monkeypatch: pytest.MonkeyPatch
) -> None:
    (row,) = _rows(tmp_path, draw, "rex")
    spec = RegisterFiles((_asked(tmp_path, row),), OPTIONS)
    inline.run(spec, services, ctx)
    plain = Found(PLACEMENT, 0.9, "Clear.", 0.5, MASK, 40, 30, FOOTPRINT)
    monkeypatch.setattr(searching, "search", lambda task: plain)
    inline.run(spec, services, ctx)
    painted = decode_mask((tmp_path / "out" / "painted.png").read_bytes())
    assert np.array_equal(painted, np.zeros((30, 40), np.uint8))
    assert ctx.logs == []


def test_what_a_method_does_not_tell_is_not_written_and_said(
    services: Services, ctx: Any, tmp_path: Path, draw: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "search", lambda task: Found(PLACEMENT, 0.9, "Clear.", 0.5, MASK, 40, 30))
    (row,) = _rows(tmp_path, draw, "rex")
    inline.run(RegisterFiles((_asked(tmp_path, row),), OPTIONS), services, ctx)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mask.png"]
    assert ["footprint" in line or "painted on" in line for line in ctx.logs] == [True, True]


def test_two_results_never_share_a_file(
    services: Services, ctx: Any, tmp_path: Path, draw: Draw, searched: list[Search]
) -> None:
    (row,) = _rows(tmp_path, draw, "rex")
    row = replace(row, mask_file=str(tmp_path / "a.png"), painted_file=str(tmp_path / "b" / ".." / "a.png"))
    with pytest.raises(UsageProblem, match="Two results"):
        inline.run(RegisterFiles((row,), OPTIONS), services, ctx)
    assert searched == []


@pytest.mark.parametrize("output", ["mask_file", "footprint_file", "painted_file"])
def test_no_result_replaces_the_prior_or_a_strangers_file(
    services: Services, ctx: Any, tmp_path: Path, draw: Draw, searched: list[Search], output: str
) -> None:
    (row,) = _rows(tmp_path, draw, "rex")
    ours = tmp_path / "ours.png"
    ours.write_bytes(MASK)
    for kept, prior in ((ours, str(ours)), (draw(tmp_path / "theirs.png", 9), None)):
        before = kept.read_bytes()
        asked = replace(row, prior_file=prior, **{output: str(kept)})
        with pytest.raises(UsageProblem, match="destroy"):
            inline.run(RegisterFiles((asked,), OPTIONS), services, ctx)
        assert kept.read_bytes() == before
    assert searched == []


def test_a_prior_that_makes_no_sense_fails_its_row_alone(
    services: Services, ctx: Any, tmp_path: Path, draw: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reconcile_many(pairs: list[Any], *args: Any) -> list[Any]:
        return [FileProblem("Not searched for.") for _ in pairs]

    monkeypatch.setattr("core.reconcile.pipeline.reconcile_many", reconcile_many)
    bad, good = _rows(tmp_path, draw, "bad", "good")
    (tmp_path / "bad.json").write_text("{", "utf-8")
    rows = (replace(bad, prior_file=str(tmp_path / "bad.json")), good)
    inline.run(RegisterFiles(rows, OPTIONS), services, ctx)
    first, second = ctx.of(RegisterLine)
    assert "bad.json is no prior" in first.error
    assert second.error == "Not searched for."


def test_a_method_that_takes_no_prior_says_so_before_it_begins(
    services: Services, ctx: Any, tmp_path: Path, draw: Draw, searched: list[Search]
) -> None:
    (row,) = _rows(tmp_path, draw, "rex")
    row = replace(row, prior_file="p.json")
    with pytest.raises(UsageProblem, match="takes no prior"):
        inline.run(RegisterFiles((row,), replace(OPTIONS, method="paper")), services, ctx)
    assert searched == []
