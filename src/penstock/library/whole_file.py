"""A file that is written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` to write to; it takes the place of `path` at the end, and is gone if that is not reached.

    Raises ValueError where the folder is not there, or `path` is one.
    """
    if not path.parent.is_dir():
        raise ValueError(f"There is no folder {path.parent} for {path.name}. Make it first.")
    if path.is_dir():
        raise ValueError(f"{path} is a folder. Name a file in it.")
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
