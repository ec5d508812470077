"""The command line: the same jobs as the desk's, without a window."""

from core.cli.app import Outcome, run_command_line

__all__ = ["Outcome", "run_command_line"]
