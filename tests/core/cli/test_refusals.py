"""A command line that makes no sense is told so as everything else is: one line, and where to look."""

from __future__ import annotations

import pytest

from tests.core.cli.conftest import run


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (
            ["export", "p", "--format", "jpeg", "--out", "o"],
            "Invalid value for '--format': 'jpeg' is not one of 'masks', 'cutouts', 'clean-cutouts'. "
            "`pawtrait export --help` says what can be given.",
        ),
        (["reconcile", "p", "--workers", "0"], "Invalid value for '--workers': "),
        (["stats"], "Missing argument 'PROJECT'. `pawtrait stats --help` says what can be given."),
        (["stats", "p", "--wrong"], "No such option: --wrong"),
        (["statistics"], "No such command 'statistics'. "),
    ],
)
def test_a_wrong_command_line_is_told_in_one_line(
    args: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*args) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"pawtrait: {said}")
    assert printed.err.count("\n") == 1
    assert "Value error" not in printed.err
