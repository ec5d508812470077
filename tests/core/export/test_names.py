"""File names from pairs' names."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.export.names import safe_name, unique_names


@pytest.mark.parametrize("name", ["rex", "1041 Mango", "Zoë, die Erste (2)", "狗", "a.b", "IMG_0001"])
def test_ordinary_names_stay(name: str) -> None:
    assert safe_name(name) == name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../x", "_._.._x"),
        ("/etc/passwd", "_etc_passwd"),
        ("C:\\x", "C__x"),
        ("con", "_con"),
        ("CON.tar", "_CON.tar"),
        ("console", "console"),
        ("COM1", "_COM1"),
        (".", "_"),
        ("", "pair"),
        ("   ", "pair"),
        ("name. ", "name"),
        ("nul\0byte", "nul_byte"),
        ("line\nbreak", "line_break"),
        ("lone \udce9", "lone _"),
        ("x" * 300, "x" * 180),
        ("狗" * 100, "狗" * 60),
    ],
)
def test_hostile_names_are_tamed(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_one_spelling_of_unicode() -> None:
    assert safe_name(unicodedata.normalize("NFD", "Zoë")) == "Zoë"


@given(st.text(st.characters(exclude_categories=()), max_size=300))
def test_a_safe_name_is_one_component_of_a_path(name: str) -> None:
    safe = safe_name(name)
    assert safe
    assert 0 < len(safe.encode()) <= 181
    assert not set(safe) & set('/\\:*?"<>|\0\n')
    assert not safe.startswith(".")
    assert not safe.endswith((".", " "))
    assert safe_name(safe) == safe


def test_equal_names_are_numbered_without_taking_a_name_that_is_there() -> None:
    assert unique_names(["rex", "Rex", "rex (2)", "rex"]) == ["rex", "Rex (2)", "rex (2) (2)", "rex (3)"]


_SOME = st.lists(st.sampled_from(["a", "A", "a (2)", "a/b", "a_b", "ß", "SS", ""]) | st.text(max_size=3), max_size=12)


@given(_SOME, _SOME)
def test_names_are_unique_in_any_case_and_do_not_depend_on_later_ones(names: list[str], more: list[str]) -> None:
    given_names = unique_names(names)
    assert len({name.casefold() for name in given_names}) == len(names)
    assert unique_names([*names, *more])[: len(names)] == given_names


def test_very_many_equal_names_take_no_time() -> None:
    assert unique_names(["rex"] * 40_000)[-1] == "rex (40000)"
