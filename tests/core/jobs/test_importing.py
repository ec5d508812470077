"""Import: what comes in, what stays out and why, again, and interrupted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.domain import Decision, MaskSource, Pair, PairOrder, PairQuery, Prediction, Review
from core.edits import AddPair, Initiator, Origin, SetPrediction, SetReview, inverse_of
from core.errors import FileProblem, StorageProblem
from core.jobs import inline
from core.jobs.answers import ImportReport
from core.jobs.services import Services
from core.jobs.specs import ImportPairs
from core.jobs.work import importing
from core.store.changes import ChangeKind, ChangeSet
from core.store.memory import MemoryStore

Draw = Callable[..., Path]


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    for name in ("originals", "designers"):
        (tmp_path / name).mkdir()
    return tmp_path / "originals", tmp_path / "designers"


def _spec(folders: tuple[Path, Path], csv: Path | None = None) -> ImportPairs:
    return ImportPairs(str(folders[0]), str(folders[1]), None if csv is None else str(csv), "ann")


def _run(spec: ImportPairs, services: Services, ctx: Any) -> ImportReport:
    report = inline.run(spec, services, ctx)
    assert isinstance(report, ImportReport)
    return report


def _pairs(services: Services) -> list[Pair]:
    store = services.project()
    return store.pairs(store.pair_ids(PairQuery(order=PairOrder.NAME)))


def _fill(folders: tuple[Path, Path], draw: Draw, *names: str) -> None:
    for number, name in enumerate(names):
        draw(folders[0] / f"{name}.jpg", 10 * number, size=(64, 48))
        draw(folders[1] / f"{name}.png", 10 * number + 1)


def test_pairs_come_in_with_size_hash_and_absolute_path(
    folders: tuple[Path, Path],
    services: Services,
    ctx: Any,
    draw: Draw,
    reference: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _fill(folders, draw, "rex", "mia")
    monkeypatch.chdir(folders[0].parent)
    report = _run(ImportPairs("originals", "designers", None, "ann"), services, ctx)
    assert report == ImportReport(added=2, already_there=0)
    mia, rex = _pairs(services)
    assert (mia.name, rex.name) == ("mia", "rex")
    assert rex.original == reference(folders[0] / "rex.jpg")
    assert rex.designer == reference(folders[1] / "rex.png")
    assert (rex.original.width, rex.original.height) == (64, 48)
    assert ctx.steps[-1][:2] == (2, 2)


def test_an_import_is_journalled_as_a_batch(
    folders: tuple[Path, Path], services: Services, ctx: Any, draw: Draw
) -> None:
    _fill(folders, draw, "rex")
    _run(_spec(folders), services, ctx)
    (change,) = services.project().journal()
    assert change.initiator == Initiator("ann", Origin.JOB, label="Import")
    assert ctx.of(ChangeSet) == [change]


def test_the_same_folders_again_add_nothing(
    folders: tuple[Path, Path], services: Services, ctx: Any, draw: Draw
) -> None:
    _fill(folders, draw, "rex", "mia")
    _run(_spec(folders), services, ctx)
    assert _run(_spec(folders), services, ctx) == ImportReport(added=0, already_there=2)
    assert len(services.project().journal()) == 1


def test_a_pair_that_was_renamed_is_known_by_its_content(
    folders: tuple[Path, Path], services: Services, ctx: Any, draw: Draw
) -> None:
    _fill(folders, draw, "rex")
    _run(_spec(folders), services, ctx)
    (folders[0] / "rex.jpg").rename(folders[0] / "max.jpg")
    (folders[1] / "rex.png").rename(folders[1] / "max.png")
    assert _run(_spec(folders), services, ctx).already_there == 1


def test_files_without_a_partner_are_listed_and_others_passed_over(
    folders: tuple[Path, Path], services: Services, ctx: Any, draw: Draw
) -> None:
    _fill(folders, draw, "rex")
    lonely, stray = draw(folders[0] / "lonely.jpg", 90), draw(folders[1] / "stray.png", 91)
    draw(folders[0] / ".hidden.jpg", 92)
    draw(folders[0] / "folder" / "deep.jpg", 93)
    (folders[0] / "readme.txt").write_text("no picture")
    report = _run(_spec(folders), services, ctx)
    assert (report.added, report.unmatched) == (1, (str(lonely), str(stray)))


@pytest.mark.parametrize("content", [b"", b"\xff\xd8\xff\xe0 cut off", b"GIF89a but called jpg"])
def test_an_unreadable_file_is_named_with_a_remedy_and_the_others_come_in(
    folders: tuple[Path, Path], services: Services, ctx: Any, draw: Draw, content: bytes
) -> None:
    _fill(folders, draw, "rex", "mia")
    (folders[0] / "mia.jpg").write_bytes(content)
    report = _run(_spec(folders), services, ctx)
    assert report.added == 1
    (failure,) = report.unreadable
    assert failure.item == str(folders[0] / "mia.jpg")
    assert failure.message
    assert failure.remedy


def test_both_files_of_a_bad_pair_are_named(
    folders: tuple[Path, Path], services: Services, ctx: Any, draw: Draw
) -> None:
    (folders[0] / "rex.jpg").touch()
    (folders[1] / "rex.png").touch()
    assert [failure.item for failure in _run(_spec(folders), services, ctx).unreadable] == [
        *(str(folders[0] / "rex.jpg"), str(folders[1] / "rex.png"))
    ]


def _csv(folder: Path, *rows: str) -> Path:
    path = folder / "pairs.csv"
    path.write_text("\n".join(["pair,original,designer", *rows]), "utf-8")
    return path


def test_a_table_names_the_pairs_and_what_it_leaves_over_is_unmatched(
    folders: tuple[Path, Path], services: Services, ctx: Any, draw: Draw
) -> None:
    _fill(folders, draw, "rex", "mia")
    csv = _csv(folders[0].parent, "Rex of Ann,originals/rex.jpg,designers/rex.png", "bad row,,")
    report = _run(_spec(folders, csv), services, ctx)
    assert [pair.name for pair in _pairs(services)] == ["Rex of Ann"]
    assert report.unmatched == (str(folders[0] / "mia.jpg"), str(folders[1] / "mia.png"))
    assert [failure.item for failure in report.unreadable] == ["pairs.csv, line 3"]


def test_files_that_the_table_names_and_that_are_gone_are_unreadable(
    folders: tuple[Path, Path], services: Services, ctx: Any
) -> None:
    csv = _csv(folders[0].parent, "rex,originals/none.jpg,designers/none.png")
    report = _run(_spec(folders, csv), services, ctx)
    assert (report.added, len(report.unreadable)) == (0, 2)


def test_the_second_designer_image_of_a_photo_stays_out(
    folders: tuple[Path, Path], services: Services, ctx: Any, draw: Draw
) -> None:
    _fill(folders, draw, "rex", "mia")
    csv = _csv(folders[0].parent, "one,originals/rex.jpg,designers/rex.png", "two,originals/rex.jpg,designers/mia.png")
    report = _run(_spec(folders, csv), services, ctx)
    assert report.added == 1
    (sentence,) = report.duplicates
    assert sentence.startswith("pairs.csv, line 3: ")
    assert "mia.png is a second designer image for one photo" in sentence


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (["one,originals/rex.jpg,designers/rex.png", "two,originals/rex.jpg,designers/rex.png"], "same content"),
        (["one,originals/rex.jpg,designers/rex.png", "two,originals/mia.jpg,designers/rex.png"], "same content"),
        (["one,originals/rex.jpg,originals/rex.jpg"], "same content"),
        (["one,originals/rex.jpg,designers/rex.png", "one,originals/mia.jpg,designers/mia.png"], "claimed twice"),
    ],
    ids=["pair twice", "designer image twice", "one file as both", "name twice"],
)
def test_duplicates_stay_out_and_say_why(
    folders: tuple[Path, Path], services: Services, ctx: Any, draw: Draw, rows: list[str], reason: str
) -> None:
    _fill(folders, draw, "rex", "mia")
    report = _run(_spec(folders, _csv(folders[0].parent, *rows)), services, ctx)
    assert report.added == len(rows) - 1
    (sentence,) = report.duplicates
    assert reason in sentence


def test_a_copy_under_another_name_is_found_by_content(
    folders: tuple[Path, Path], services: Services, ctx: Any, draw: Draw
) -> None:
    _fill(folders, draw, "rex")
    _run(_spec(folders), services, ctx)
    draw(folders[0] / "copy.jpg", 0, size=(64, 48))
    draw(folders[1] / "copy.png", 5)
    report = _run(_spec(folders), services, ctx)
    assert (report.added, report.already_there, len(report.duplicates)) == (0, 1, 1)


def test_a_name_that_is_not_unicode_is_unreadable_not_a_crash(
    folders: tuple[Path, Path], services: Services, ctx: Any, draw: Draw
) -> None:
    _fill(folders, draw, "rex")
    odd = "caf\udce9"
    try:
        (folders[0] / "rex.jpg").rename(folders[0] / f"{odd}.jpg")
    except (OSError, UnicodeError):
        pytest.skip("this file system takes Unicode only")
    (folders[1] / "rex.png").rename(folders[1] / f"{odd}.png")
    report = _run(_spec(folders), services, ctx)
    assert (report.added, len(report.unreadable)) == (0, 2)
    assert "Unicode" in report.unreadable[0].message
    report.unreadable[0].message.encode()


def test_a_missing_folder_fails_the_import(folders: tuple[Path, Path], services: Services, ctx: Any) -> None:
    with pytest.raises(FileProblem):
        _run(_spec((folders[0], folders[1] / "none")), services, ctx)


def test_a_cancelled_import_keeps_whole_batches_and_says_so(
    folders: tuple[Path, Path],
    services: Services,
    cancelled_at: Any,
    ctx: Any,
    draw: Draw,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importing, "_PAIRS_AT_ONCE", 2)
    _fill(folders, draw, *"abcdef")
    _run(_spec(folders), Services(services.settings, services.previews, MemoryStore()), ctx)
    outcomes = set()
    for call in range(1, ctx.checks + 1):
        store = MemoryStore()
        report = _run(_spec(folders), Services(services.settings, services.previews, store), cancelled_at(call))
        assert report.cancelled
        assert len(store.pair_ids(PairQuery())) == report.added
        outcomes.add(report.added)
    assert outcomes == {0, 2, 4}


def test_a_store_that_refuses_stops_the_import(
    folders: tuple[Path, Path], services: Services, ctx: Any, draw: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "_PAIRS_AT_ONCE", 1)
    _fill(folders, draw, "a", "b", "c")
    store = services.project()
    real = store.apply

    def apply(edits: Any, initiator: Initiator, **how: Any) -> ChangeSet:
        if isinstance(edits[0], AddPair) and edits[0].pair.name == "b":
            raise StorageProblem("The disk is full.")
        return real(edits, initiator, **how)

    monkeypatch.setattr(store, "apply", apply)
    with pytest.raises(StorageProblem):
        _run(_spec(folders), services, ctx)
    assert [pair.name for pair in _pairs(services)] == ["a"]


# --- Photos alone ------------------------------------------------------------------------------------------------


def test_without_a_folder_of_designer_images_each_photo_comes_in_alone(
    folders: tuple[Path, Path], services: Services, ctx: Any, draw: Draw, reference: Any
) -> None:
    _fill(folders, draw, "rex", "mia")
    spec = ImportPairs(str(folders[0]), None, None, "ann")
    assert _run(spec, services, ctx) == ImportReport(added=2, already_there=0, alone=2)
    mia, rex = _pairs(services)
    assert (mia.name, rex.name, mia.designer, rex.designer) == ("mia", "rex", None, None)
    assert rex.original == reference(folders[0] / "rex.jpg")
    assert _run(spec, services, ctx) == ImportReport(added=0, already_there=2)
    assert not ImportReport(added=2, already_there=0, alone=2).to_reconcile
    assert services.project().statistics().alone == 2


def test_photos_without_a_designer_image_come_in_on_demand_alone(
    folders: tuple[Path, Path], services: Services, ctx: Any, draw: Draw
) -> None:
    _fill(folders, draw, "rex")
    lonely, stray = draw(folders[0] / "lonely.jpg", 90), draw(folders[1] / "stray.png", 91)
    assert _run(_spec(folders), services, ctx).unmatched == (str(lonely), str(stray))
    report = _run(replace(_spec(folders), photos_alone=True), services, ctx)
    assert report == ImportReport(added=1, already_there=1, unmatched=(str(stray),), alone=1)
    assert [(pair.name, pair.designer is None) for pair in _pairs(services)] == [("lonely", True), ("rex", False)]


def test_a_table_may_name_photos_alone_and_says_which(
    folders: tuple[Path, Path], services: Services, ctx: Any, draw: Draw
) -> None:
    _fill(folders, draw, "rex", "mia", "tim", "eve")
    rows = (
        "r,originals/rex.jpg,designers/rex.png",
        "m,originals/mia.jpg,",
        "twice,originals/mia.jpg,designers/mia.png",
    )
    table = _csv(folders[0].parent, *rows)
    report = _run(ImportPairs(str(folders[0]), None, str(table), "ann"), services, ctx)
    assert (report.added, report.alone) == (2, 1)
    assert report.unmatched == (str(folders[0] / "eve.jpg"), str(folders[0] / "tim.jpg"))
    (sentence,) = report.duplicates
    assert "mia.jpg is there twice: alone, as “m”, and with" in sentence
    assert report.to_reconcile


def test_a_photo_alone_is_added_once_whatever_it_is_called(
    folders: tuple[Path, Path], services: Services, ctx: Any, draw: Draw
) -> None:
    _fill(folders, draw, "rex")
    draw(folders[0] / "copy.jpg", 0, size=(64, 48))
    draw(folders[0] / "rex.png", 70)
    report = _run(ImportPairs(str(folders[0]), None), services, ctx)
    assert [pair.name for pair in _pairs(services)] == ["copy", "rex"]
    (sentence,) = report.duplicates
    assert "rex.jpg has the same content as a picture of “copy”" in sentence
    draw(folders[0] / "rex.tif", 71)
    (*_, sentence) = _run(ImportPairs(str(folders[0]), None), services, ctx).duplicates
    assert "“rex” is claimed twice" in sentence


def test_a_photo_that_is_there_alone_gets_its_designer_image(
    folders: tuple[Path, Path], services: Services, ctx: Any, draw: Draw, reference: Any
) -> None:
    _fill(folders, draw, "rex", "mia")
    store = services.project()
    _run(ImportPairs(str(folders[0]), None), services, ctx)
    mia, rex = _pairs(services)
    ref = store.put_mask(b"a map", 64, 48)
    said = Prediction("pawtrait", "0" * 12, ref, 0.5, (0.4, 0.6), 0.9, 1.0, "Clear.", 0.2)
    accepted = Review(Decision.ACCEPTED, comment="fine")
    store.apply([SetPrediction(rex.id, None, said), SetReview(rex.id, Review(), accepted)], Initiator("ann"))
    (folders[0] / "mia.jpg").rename(folders[0] / "max.jpg")
    (folders[1] / "mia.png").rename(folders[1] / "max.png")
    report = _run(_spec(folders), services, ctx)
    assert report == ImportReport(added=0, already_there=0, completed=2)
    assert report.to_reconcile
    assert [pair.id for pair in _pairs(services)] == [mia.id, rex.id]
    (rex,) = store.pairs([rex.id])
    assert rex.designer == reference(folders[1] / "rex.png")
    assert rex.prediction == said
    assert rex.review == replace(accepted, source=MaskSource.PREDICTION), "about the mask that there was, for ever"
    assert _run(_spec(folders), services, ctx) == ImportReport(added=0, already_there=2)
    change = store.journal()[-1]
    store.apply(inverse_of(change.edits), Initiator("ann"), kind=ChangeKind.UNDO, target=change.revision)
    assert store.statistics().alone == 2


def test_a_designer_image_that_another_pair_has_completes_nothing(
    folders: tuple[Path, Path], services: Services, ctx: Any, draw: Draw
) -> None:
    _fill(folders, draw, "rex", "mia")
    _run(ImportPairs(str(folders[0]), None), services, ctx)
    draw(folders[1] / "mia.png", 11)
    draw(folders[1] / "rex.png", 11)
    report = _run(_spec(folders), services, ctx)
    assert report.completed == 1
    assert "same content as pictures of" in report.duplicates[0]
