"""``register``: two files or a table, what it prints, and what it writes."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from core.cli.options import SEARCH_OPTIONS
from core.domain import Placement
from core.images.io import decode_mask
from core.jobs.work.searching import Search
from core.reconcile.options import ReconcileOptions
from tests.core.cli.conftest import interrupt_at, lines, run

KEYS = ["pair", "matrix", "mirrored", "rotation_deg", "scale", "confidence", "reason", "seconds"]


def test_register_two_files(folders: Path, found: list[Search], capsys: pytest.CaptureFixture[str]) -> None:
    ada, bob = ([folders / kind / f"{name}.png" for kind in ("originals", "designers")] for name in ("ada", "bob"))
    mask = folders / "masks" / "m.png"
    assert run("register", *ada, "--mask", mask) == 0
    assert "Found: turned by 90.00°, scale 2.0000." in capsys.readouterr().out
    assert mask.is_file()
    assert run("register", *ada, "--json", "--method", "paper") == 0
    (line,) = lines(capsys.readouterr().out)
    assert list(line) == KEYS
    assert line["matrix"] == [list(row) for row in Placement(2.0, 90.0, False, 3.0, 4.0).matrix()]
    assert run("register", *bob) == 0
    assert capsys.readouterr().out.startswith("No match.")
    (folders / "originals" / "ada.png").write_bytes(b"")
    assert run("register", *ada) == 1
    assert "ada.png is empty" in capsys.readouterr().err


def test_what_may_not_be_read_is_found_out_by_reading_it(
    folders: Path, found: list[Search], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *args, **how: False)
    assert run("register", *_two(folders)) == 0
    assert run("stats", folders) == 1  # no project, which is no bad usage


def _table(folders: Path, *rows: str) -> Path:
    path = folders / "pairs.csv"
    path.write_text("\n".join(["pair,original,designer", *rows]), "utf-8")
    return path


def test_register_a_table(folders: Path, found: list[Search]) -> None:
    (folders / "designers" / "cut.png").write_bytes((folders / "designers" / "ada.png").read_bytes()[:60])
    table = _table(
        folders,
        "Zoë/1,originals/ada.png,designers/ada.png",
        "gone,originals/none.png,designers/ada.png",
        ",originals/ada.png,designers/ada.png",
        "other,originals/bob.png,designers/bob.png",
    )
    out = folders / "new" / "out.jsonl"
    assert run("register", "--pairs", table, "--out", out, "--masks", folders / "masks", "--workers", 1) == 1
    told = lines(out.read_text("utf-8"))
    assert [line["pair"] for line in told] == ["Zoë/1", "gone", "pairs.csv, line 4", "other"]
    assert ["error" in line for line in told] == [False, True, True, False]
    assert list(told[0]) == KEYS == list(told[3])
    assert told[3]["matrix"] is None
    assert [path.name for path in (folders / "masks").iterdir()] == ["Zoë_1.png"]
    assert [path.name for path in out.parent.iterdir()] == ["out.jsonl"]


def test_register_a_table_with_events(folders: Path, found: list[Search], capsys: pytest.CaptureFixture[str]) -> None:
    table = _table(folders, "a,originals/ada.png,designers/ada.png")
    assert run("register", "--pairs", table, "--out", folders / "o.jsonl", "--json") == 0
    events = lines(capsys.readouterr().out)
    assert {event["event"] for event in events} == {"progress", "result", "report"}


def test_register_does_not_write_over_its_own_table(folders: Path, found: list[Search]) -> None:
    table = _table(folders, "a,originals/ada.png,designers/ada.png")
    before = table.read_bytes()
    assert run("register", "--pairs", table, "--out", table) == 2
    assert table.read_bytes() == before


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="POSIX only")
def test_a_table_is_not_begun_where_its_lines_cannot_have_their_name(
    folders: Path, found: list[Search], capsys: pytest.CaptureFixture[str]
) -> None:
    """The finished file takes the place of what has its name: that must be a file, and not /dev/null."""
    table = _table(folders, "a,originals/ada.png,designers/ada.png")
    os.mkfifo(folders / "device")
    for name in ("originals", "device"):
        assert run("register", "--pairs", table, "--out", folders / name) == 2
        assert f"{name} is no file" in capsys.readouterr().err
    assert found == []


@pytest.mark.parametrize("name", ["away/ada.png", "part"])
def test_lines_are_never_written_over_what_they_are_made_from_by_whatever_name(
    folders: Path, found: list[Search], capsys: pytest.CaptureFixture[str], name: str
) -> None:
    table = _table(folders, "a,originals/ada.png,designers/ada.png")
    (folders / "away").symlink_to(folders / "originals")
    (folders / "part.part").symlink_to(table)  # what the lines are called until they are complete
    before = [path.read_bytes() for path in (table, folders / "originals" / "ada.png")]
    assert run("register", "--pairs", table, "--out", folders / name) == 2
    assert "destroy" in capsys.readouterr().err
    assert [path.read_bytes() for path in (table, folders / "originals" / "ada.png")] == before


def test_an_interrupted_table_keeps_its_lines_under_another_name(
    folders: Path, found: list[Search], monkeypatch: pytest.MonkeyPatch
) -> None:
    table = _table(folders, *(f"{name},originals/{name}.png,designers/{name}.png" for name in ("ada", "bob", "cleo")))
    out = folders / "out.jsonl"
    out.write_text("the last whole run\n")
    interrupt_at(1, monkeypatch)
    assert run("register", "--pairs", table, "--out", out) == 130
    assert out.read_text() == "the last whole run\n"
    assert [line["pair"] for line in lines((folders / "out.jsonl.part").read_text())] == ["ada"]


def _two(folders: Path, name: str = "ada") -> list[Path]:
    return [folders / kind / f"{name}.png" for kind in ("originals", "designers")]


def test_footprint_and_painted_are_written_and_never_over_a_picture(
    folders: Path, found: list[Search], capsys: pytest.CaptureFixture[str]
) -> None:
    out = [folders / "out" / f"{name}.png" for name in ("mask", "footprint", "painted")]
    flags = [
        word for name, path in zip(("mask", "footprint", "painted"), out, strict=True) for word in (f"--{name}", path)
    ]
    assert run("register", *_two(folders), "--mask", folders / "m.jpg") == 2
    for _ in range(2):  # the second time over files of our own
        assert run("register", *_two(folders), *flags) == 0
        values = [np.unique(decode_mask(path.read_bytes())).tolist() for path in out]
        assert values == [[255], [255], [0]]
    original, designer = _two(folders)
    before = original.read_bytes()
    for flag in ("--footprint", "--painted"):
        assert run("register", original, designer, flag, original) == 2
        assert "destroy" in capsys.readouterr().err
    assert original.read_bytes() == before
    assert run("register", original, designer, "--mask", out[0], "--footprint", out[0]) == 2
    assert "Two results" in capsys.readouterr().err


def test_a_prior_is_handed_to_the_search_and_never_written_over(folders: Path, found: list[Search]) -> None:
    prior = folders / "prior.json"
    prior.write_text("{}", "utf-8")
    assert run("register", *_two(folders), "--prior", prior) == 0
    assert run("register", *_two(folders)) == 0
    assert [task.prior for task in found] == [prior, None]
    assert run("register", *_two(folders), "--prior", prior, "--mask", prior) == 2
    assert prior.read_text("utf-8") == "{}"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "no JSON"),
        ('{"matrix": [[NaN, 0, 0], [0, 1, 0]]}', "NaN"),
        ('{"matrix": [[1, 2, 0], [2, 4, 0]]}', "singular"),
        ('{"landmarks": [[1, 2, 3, 4]]}', "two landmarks"),
        ("[" * 2_000_000, "short piece of JSON"),
    ],
)
def test_a_hostile_prior_is_a_sentence_and_1(
    folders: Path, searching: None, capsys: pytest.CaptureFixture[str], content: str, said: str
) -> None:
    (folders / "prior.json").write_text(content, "utf-8")
    assert run("register", *_two(folders), "--prior", folders / "prior.json") == 1
    shown = capsys.readouterr()
    assert said in shown.err
    assert "Traceback" not in shown.err + shown.out


def test_a_table_may_name_priors_beside_it(folders: Path, found: list[Search]) -> None:
    table = folders / "pairs.csv"
    rows = ["a,originals/ada.png,designers/ada.png,priors/a.json", "c,originals/cleo.png,designers/cleo.png,"]
    table.write_text("\n".join(["pair,original,designer,Prior", *rows]), "utf-8")
    assert run("register", "--pairs", table, "--out", folders / "o.jsonl") == 0
    assert [task.prior for task in found] == [folders / "priors" / "a.json", None]
    (folders / "priors").mkdir()
    (folders / "priors" / "a.json").write_text("{}", "utf-8")
    assert run("register", "--pairs", table, "--out", folders / "priors" / "a.json") == 2
    assert (folders / "priors" / "a.json").read_text("utf-8") == "{}"


def test_what_is_asked_for_reaches_the_search(folders: Path, found: list[Search]) -> None:
    wishes = ["--max-rotation", 15, "--no-mirror", "--max-memory", 256, "--device", "cpu", "--paper-long-side", 96]
    assert run("register", *_two(folders), *wishes) == 0
    assert found[0].options == ReconcileOptions(
        device="cpu", max_rotation_deg=15.0, mirror=False, max_memory_mb=256, paper_long_side=96
    )
    assert run("register", *_two(folders), "--mirror") == 0
    assert found[1].options == ReconcileOptions()


def test_every_search_option_sets_a_field() -> None:
    fields = set(ReconcileOptions.__dataclass_fields__)
    assert set(SEARCH_OPTIONS) <= fields


def test_the_paper_method_takes_no_prior(
    folders: Path, found: list[Search], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("register", *_two(folders), "--prior", folders / "p.json", "--method", "paper") == 2
    assert "takes no prior" in capsys.readouterr().err
    assert run("register", *_two(folders), "--guided", "--method", "paper") == 2
    assert "not guided" in capsys.readouterr().err
    assert found == []
