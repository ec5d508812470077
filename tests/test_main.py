"""The composition root: light to import, and the right door for each way in."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import main

ROOT = Path(main.__file__).parent
HEAVY = ("PySide6", "torch", "cv2", "sqlalchemy", "skimage", "scipy")


def _modules_after(code: str) -> set[str]:
    tail = "; import sys; print('\\n' + ' '.join(sorted({name.partition('.')[0] for name in sys.modules})))"
    done = subprocess.run([sys.executable, "-c", code + tail], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_importing_it_is_light() -> None:
    assert _modules_after("import main").isdisjoint(HEAVY)


@pytest.mark.parametrize("args", [["--help"], ["register", "--help"], ["demo", "--help"]])
def test_help_waits_for_nothing_heavy(args: list[str]) -> None:
    assert _modules_after(f"import main; code = main.main({args}); assert code == 0").isdisjoint(HEAVY)


def test_help_as_a_user_asks_for_it() -> None:
    done = subprocess.run([sys.executable, ROOT / "main.py", "--help"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "register" in done.stdout


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A desk that remembers what it was opened with, in place of the real one."""
    stand_in = ModuleType("gui.app")
    stand_in.opened = []  # type: ignore[attr-defined]
    stand_in.display_problem = lambda: None  # type: ignore[attr-defined]

    def run_desk(project: str | None) -> int:
        stand_in.opened.append(project)
        return 7

    stand_in.run_desk = run_desk  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "gui.app", stand_in)
    return stand_in


def test_no_sub_command_opens_the_desk(desk: ModuleType) -> None:
    assert main.main([]) == 7
    assert desk.opened == [None]


def test_open_hands_the_project_to_the_desk(desk: ModuleType) -> None:
    assert main.main(["open", "somewhere"]) == 7
    assert desk.opened == ["somewhere"]


@pytest.mark.parametrize("args", [[], ["open", "somewhere"]])
def test_without_a_display_the_desk_says_so(
    desk: ModuleType, capsys: pytest.CaptureFixture[str], args: list[str]
) -> None:
    desk.display_problem = lambda: "No window can be shown."  # type: ignore[attr-defined]
    assert main.main(args) == 1
    assert capsys.readouterr().err == "No window can be shown.\n"
    assert desk.opened == []


def test_a_command_without_a_window_never_asks_for_one(desk: ModuleType) -> None:
    assert main.main(["nonsense"]) == 2
    assert desk.opened == []


def test_ctrl_c_while_the_command_line_is_still_loading_is_130_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Loading(ModuleType):
        def __getattr__(self, name: str) -> object:
            signal.raise_signal(signal.SIGINT)
            return None

    monkeypatch.setitem(sys.modules, "core.cli", Loading("core.cli"))
    assert main.main(["stats", "somewhere"]) == 130
