"""`python -m tests.docs.refill PAGE...`: runs the pages and writes what their commands print now into their transcripts.

For when the words of the program have changed. A transcript that still holds stays as it is, with its `...`; one that does
not is written in full, to be read again and shortened by hand.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path

from penstock.demo import write_history
from tests.docs.pages import run_page, trimmed

SCREEN = {"COLUMNS": "100", "LC_ALL": "en_US.UTF-8", "LANGUAGE": ""}


def refill(page: Path) -> list[str]:
    """Bring the transcripts of a page up to date; what else is wrong with the page, in words."""
    changes: list[tuple[str, str, str]] = []
    desk = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            Path("sample").mkdir()
            write_history(Path("sample/history.csv"))
            wrong = run_page(page, lambda *change: changes.append(change))
        finally:
            os.chdir(desk)
    text, place = page.read_text(encoding="utf-8"), 0
    for command, expected, printed in changes:
        words = r"(?:[ \t]*\\\n[ \t]*| )".join(map(re.escape, command.split(" ")))
        found = re.compile(rf"^\$ {words}\n", re.MULTILINE).search(text, place)
        assert found is not None, command
        rest = text[found.end() + len(expected) :]
        shown = f"{trimmed(printed)}\n" if trimmed(printed) else ""
        gap = "\n" if rest.startswith("$ ") else ""
        text, place = text[: found.end()] + shown + gap + rest, found.end() + len(shown)
    page.write_text(text, encoding="utf-8")
    return [fault for fault in wrong if ": $ " not in fault.splitlines()[0]]


def main(names: list[str]) -> int:
    """Refill the pages named; 1 if something is wrong that output alone does not mend."""
    os.environ.update(SCREEN)
    faults = [fault for name in names for fault in refill(Path(name).resolve())]
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
