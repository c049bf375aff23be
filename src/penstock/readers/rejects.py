from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from penstock.readers.faults import Fault
from penstock.readers.sheet import Sheet


def split_rejects(sheet: Sheet, faults: Sequence[Fault], out: Path) -> Sheet:
    raise NotImplementedError
