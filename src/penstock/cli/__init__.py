"""The command line: one module per command, and what they share.

Here live options, tables for people, JSON and CSV for machines, exit codes. Every figure is asked of `penstock.library`, in the
way a notebook would. Nothing heavy is imported before a command runs, so that help is there at once.

Exit codes: 0 done · 1 `check` found errors, or what its --fail-on names · 2 an input or an option was refused · 3 a report does
not tie out.
"""

from __future__ import annotations

from penstock.cli.app import app, main

__all__ = ["app", "main"]
