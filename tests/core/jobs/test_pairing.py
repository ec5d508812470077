"""Tables of pairs as people save them, and folders matched by stem."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Cancelled, FileProblem
from core.jobs.pairing import list_files, match_by_stem, read_pairs_csv


def _table(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "pairs.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    "content",
    [
        "pair,original,designer\nrex,a/1.jpg,b/2.png\n",
        "\ufeffpair,original,designer\r\nrex,a/1.jpg,b/2.png\r\n",
        "Pair;Original;Designer\nrex;a/1.jpg;b/2.png\n",
        "designer\tnote\toriginal\tpair\nb/2.png\tnice\ta/1.jpg\trex\n",
        'pair,original,designer\n\n"rex","a/1.jpg","b/2.png"\n,,\n',
        "pair , original,designer\n rex , a/../a/1.jpg ,b/2.png",
        "\n \r\npair;original;designer\nrex;a/1.jpg;b/2.png\n",
    ],
    ids=["plain", "BOM and CRLF", "semicolons", "tabs, other order", "quotes, empty lines", "spaces", "empty lines"],
)
def test_the_same_table_in_many_dialects(tmp_path: Path, content: str) -> None:
    table = read_pairs_csv(_table(tmp_path, content))
    assert table.problems == ()
    (row,) = table.rows
    assert (row.name, row.original, row.designer) == ("rex", tmp_path / "a/1.jpg", tmp_path / "b/2.png")


def test_unicode_quoted_commas_and_absolute_paths(tmp_path: Path) -> None:
    name = unicodedata.normalize("NFD", "Zoë, die Erste")
    table = read_pairs_csv(_table(tmp_path, f'pair,original,designer\n"{name}",/photos/ü.jpg,狗.png\n'))
    (row,) = table.rows
    assert row.name == unicodedata.normalize("NFC", name)
    assert (row.original, row.designer) == (Path("/photos/ü.jpg"), tmp_path / "狗.png")


def test_bad_rows_are_named_by_line_and_the_others_are_kept_in_order(tmp_path: Path) -> None:
    content = 'pair,original,designer\na,1,2\n,1,2\n"b\nb",3,4\nc,5\nd,\0,7\ne,8,9\n'
    table = read_pairs_csv(_table(tmp_path, content))
    assert [row.name for row in table.rows] == ["a", "b\nb", "e"]
    assert [problem.item for problem in table.problems] == [f"pairs.csv, line {line}" for line in (3, 6, 7)]
    assert "pair" in table.problems[0].message
    assert "designer" in table.problems[1].message
    assert [type(line).__name__ for line in table.lines] == [
        *("FilePair", "ItemFailed", "FilePair", "ItemFailed", "ItemFailed", "FilePair")
    ]


def test_a_line_without_a_designer_image_is_a_photo_alone_where_that_is_wanted(tmp_path: Path) -> None:
    path = _table(tmp_path, "pair,original,designer\nrex,a.jpg,\n,b.jpg,\nmia,c.jpg,d.png\n")
    table = read_pairs_csv(path, alone=True)
    assert [(row.name, row.designer) for row in table.rows] == [("rex", None), ("mia", tmp_path / "d.png")]
    assert [problem.message for problem in table.problems] == ["Nothing stands under pair."]
    assert [row.name for row in read_pairs_csv(path).rows] == ["mia"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"pair,photo,designer\n", "lacks the column original"),
        (b"1,2,3\n", "lacks the columns pair, original, designer"),
        ("pair,original,designer\nZo\xeb,1,2\n".encode("latin-1"), "UTF-8"),
        (b"pair,original,designer\n" + b"x" * 200_000 + b",1,2\n", "line 2"),
    ],
    ids=["empty", "blank lines", "lacks a column", "no header", "Latin-1", "huge field"],
)
def test_what_is_no_table_of_pairs_is_refused_with_a_remedy(tmp_path: Path, content: bytes, sentence: str) -> None:
    with pytest.raises(FileProblem, match=sentence) as caught:
        read_pairs_csv(_table(tmp_path, content))
    assert caught.value.remedy


def test_a_missing_table_is_a_file_problem(tmp_path: Path) -> None:
    with pytest.raises(FileProblem):
        read_pairs_csv(tmp_path / "none.csv")


def test_hidden_files_folders_and_unwanted_files_are_passed_over(tmp_path: Path) -> None:
    for name in ("b.jpg", "a.jpg", ".hidden.jpg", "notes.txt"):
        (tmp_path / name).touch()
    (tmp_path / "folder.jpg").mkdir()
    found = list_files(tmp_path, lambda path: path.suffix == ".jpg", lambda: None)
    assert [path.name for path in found] == ["a.jpg", "b.jpg"]


@pytest.mark.parametrize("target", ["none.jpg", "link.jpg", "x" * 300], ids=["nowhere", "itself", "too long"])
def test_a_link_that_leads_nowhere_stays_in_the_list_so_that_whoever_reads_it_can_say_so(
    tmp_path: Path, target: str
) -> None:
    (tmp_path / "a.jpg").touch()
    (tmp_path / "link.jpg").symlink_to(target)
    found = list_files(tmp_path, lambda path: True, lambda: None)
    assert [path.name for path in found] == ["a.jpg", "link.jpg"]


def test_listing_a_folder_can_be_cancelled(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()

    def check() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        list_files(tmp_path, lambda path: True, check)


def test_a_missing_folder_is_a_file_problem(tmp_path: Path) -> None:
    with pytest.raises(FileProblem):
        list_files(tmp_path / "none", lambda path: True, lambda: None)


def _paths(*names: str) -> list[Path]:
    return [Path(name) for name in names]


def test_stems_match_whatever_the_suffix_and_case_counts_only_where_it_must() -> None:
    matching = match_by_stem(
        _paths("o/rex.jpg", "o/REX.jpg", "o/Mia.jpg", "o/lonely.jpg"),
        _paths("d/rex.png", "d/REX.psd", "d/mia.PNG", "d/stray.png"),
    )
    assert [(pair.name, pair.designer.name) for pair in matching.pairs] == [
        *(("Mia", "mia.PNG"), ("REX", "REX.psd"), ("rex", "rex.png"))
    ]
    assert matching.unmatched == (Path("o/lonely.jpg"), Path("d/stray.png"))
    assert matching.ambiguous == ()


def test_both_forms_of_unicode_are_one_name() -> None:
    photo, edit = unicodedata.normalize("NFD", "Zoë.jpg"), unicodedata.normalize("NFC", "Zoë.png")
    assert photo[:4] != edit[:4]
    (pair,) = match_by_stem(_paths(photo), _paths(edit)).pairs
    assert pair.name == "Zoë"


@pytest.mark.parametrize(
    ("originals", "designers", "several"),
    [
        (["a.jpg", "a.png"], ["a.png"], "originals"),
        (["a.jpg"], ["a.png", "a.psd"], "designer images"),
        (["A.jpg"], ["a.png", "a.psd"], "designer images"),
    ],
)
def test_what_is_not_clear_is_reported_not_guessed(originals: list[str], designers: list[str], several: str) -> None:
    matching = match_by_stem(_paths(*originals), _paths(*designers))
    assert matching.pairs == matching.unmatched == ()
    (sentence,) = matching.ambiguous
    assert several in sentence
    assert all(name in sentence for name in (*originals, *designers))


_NAMES = st.lists(st.text("aAbBéß", min_size=1, max_size=2), unique=True, max_size=8)


@given(_NAMES, _NAMES)
def test_every_file_ends_in_exactly_one_place(originals: list[str], designers: list[str]) -> None:
    photos, edits = [Path("o", name) for name in originals], [Path("d", name) for name in designers]
    matching = match_by_stem(photos, edits)
    paired = [path for pair in matching.pairs for path in (pair.original, pair.designer)]
    in_sentences = [path for path in (*photos, *edits) for text in matching.ambiguous if _names(text, path)]
    assert sorted([*paired, *matching.unmatched, *in_sentences]) == sorted([*photos, *edits])


def _names(sentence: str, path: Path) -> bool:
    return str(path) in sentence.partition(". Rename")[0].partition(": ")[2].split(", ")
