"""Photos and masks are paired by name; a photo's side of the split is its own affair."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UsageProblem
from core.model.data import Example, from_folders, split


def _examples(keys: list[str]) -> list[Example]:
    return [Example(key, Path(key), Path(key)) for key in keys]


@given(st.lists(st.text(), unique=True), st.lists(st.text(), unique=True), st.floats(0, 1))
def test_nobody_changes_sides_when_others_come(first: list[str], more: list[str], held_out: float) -> None:
    train, rest = split(_examples(first), held_out)
    later_train, later_rest = split(_examples([*more, *first]), held_out)
    assert {e.key for e in train} <= {e.key for e in later_train}
    assert {e.key for e in rest} <= {e.key for e in later_rest}
    assert not {e.key for e in later_train} & {e.key for e in later_rest}


def test_the_split_is_the_same_on_every_machine() -> None:
    _, rest = split(_examples([f"photo {n}" for n in range(20)]), 0.2)
    assert [e.key for e in rest] == [f"photo {n}" for n in (9, 12, 16, 18)]


def test_the_share_is_about_what_was_asked_for() -> None:
    train, rest = split(_examples([str(n) for n in range(4000)]), 0.2)
    assert len(train) + len(rest) == 4000
    assert 720 < len(rest) < 880


@pytest.mark.parametrize(("held_out", "counts"), [(0.0, (5, 0)), (1.0, (0, 5))])
def test_all_or_none(held_out: float, counts: tuple[int, int]) -> None:
    assert tuple(map(len, split(_examples(list("abcde")), held_out))) == counts


def test_a_name_that_is_no_unicode_has_a_side() -> None:
    train, rest = split(_examples(["photo\udcff"]), 0.5)
    assert len(train) + len(rest) == 1


def test_folders_are_paired_by_stem(tmp_path: Path) -> None:
    images, masks = tmp_path / "images", tmp_path / "masks"
    for folder, names in ((images, ["b.jpg", "a.PNG", "alone.jpg", "notes.txt"]), (masks, ["a.png", "b.PNG", "c.png"])):
        folder.mkdir()
        for name in names:
            (folder / name).touch()
    found = from_folders(images, masks)
    assert [(e.key, e.image.name, e.mask.name) for e in found] == [("a", "a.PNG", "a.png"), ("b", "b.jpg", "b.PNG")]


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="There is no folder"):
        from_folders(tmp_path, tmp_path / "masks")
    (tmp_path / "masks").mkdir()
    with pytest.raises(UsageProblem, match="Masks are PNG files with the names of their photos"):
        from_folders(tmp_path, tmp_path / "masks")


def test_two_files_of_one_name_are_a_problem_that_names_them(tmp_path: Path) -> None:
    images, masks = tmp_path / "images", tmp_path / "masks"
    for folder, names in ((images, ("a.jpg", "a.png", "b.jpg")), (masks, ("a.png", "b.png"))):
        folder.mkdir()
        for name in names:
            (folder / name).touch()
    with pytest.raises(UsageProblem, match=r"a\.jpg and a\.png in .*images have the same name"):
        from_folders(images, masks)
    (images / "a.png").unlink()
    (masks / "b.PNG").touch()
    if len(list(masks.iterdir())) == 3:  # the disk tells upper from lower case
        with pytest.raises(UsageProblem, match=r"b\.PNG and b\.png in .*masks"):
            from_folders(images, masks)
