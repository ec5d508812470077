"""Composition root: no sub-command starts the desk, anything else the command line."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code; Qt is imported only on the way to the desk."""
    args = list(sys.argv[1:] if argv is None else argv)
    if not args:
        from gui.app import run_desk

        return run_desk(None)
    from core.cli import run_command_line

    outcome = run_command_line(args)
    if outcome.desk_project is None:
        return outcome.exit_code
    from gui.app import run_desk

    return run_desk(outcome.desk_project)


if __name__ == "__main__":
    sys.exit(main())
