"""Readers: what other systems write, turned into the canonical history. One module per shape, one recipe per product.

Here: loading files as text, typing columns, choosing a shape, and each shape. Not here: what a history means (the ledger).
"""

from __future__ import annotations

from penstock.readers.faults import Fault, Note, ReadError
from penstock.readers.options import Options
from penstock.readers.reading import Reading, read
from penstock.readers.stages import Stage

__all__ = ["Fault", "Note", "Options", "ReadError", "Reading", "Stage", "read"]
