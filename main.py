"""Composition root: no sub-command starts the desk, anything else the command line."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code; Qt is imported only on the way to the desk."""
    args = list(sys.argv[1:] if argv is None else argv)
    if not args:
        return _desk(None, exit_code_without=1)
    try:
        from core.cli import run_command_line

        outcome = run_command_line(args)
    except KeyboardInterrupt:  # before it listens for Ctrl-C itself
        return 130
    if outcome.desk_project is None:
        return outcome.exit_code
    return _desk(outcome.desk_project, exit_code_without=outcome.exit_code)


def _desk(project: str | None, exit_code_without: int) -> int:
    """Open the desk; where no window can be shown, say why and return ``exit_code_without``."""
    from gui.app import display_problem, run_desk

    problem = display_problem()
    if problem is not None:
        sys.stderr.write(f"{problem}\n")
        return exit_code_without
    return run_desk(project)


if __name__ == "__main__":
    sys.exit(main())
