"""What a file can have wrong with it, said so that a person can act on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from penstock.readers.notes import SENTENCES
from penstock.readers.wording import worded


@dataclass(frozen=True)
class Fault:
    """One thing wrong with an input.

    what: a sentence that says what is wrong.
    remedy: what to do about it; names the command-line option that settles it, if there is one.
    file, column: where; empty where it does not apply.
    rows: numbers of the first rows concerned (1 is the first row under the header); at most ten.
    values: their values, beside `rows`.
    count: how many rows are concerned in all.
    where: a DuckDB predicate over the sheet's table, true for exactly the rows concerned; empty where the fault is of the
    whole column or file and setting rows aside would not mend it.
    """

    what: str
    remedy: str = ""
    file: str = ""
    column: str = ""
    rows: Sequence[int] = field(default_factory=tuple)
    values: Sequence[str] = field(default_factory=tuple)
    count: int = 0
    where: str = ""


class ReadError(Exception):
    """An input was refused; `faults` lists everything that is wrong with it, not only the first thing."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        # A column may be looked at for two purposes; what is wrong with it is told once.
        self.faults = tuple(fault for place, fault in enumerate(faults) if fault not in faults[:place])
        super().__init__("\n".join(fault.what for fault in self.faults))


@dataclass(frozen=True)
class Note:
    """Something that a reader assumed, set aside or could not know; shown with every figure that rests on it.

    key: of its sentence in `notes.SENTENCES`. count: rows or opportunities concerned. kind: assumed, set_aside or unknown.
    values: what the sentence names besides.
    """

    key: str
    count: int = 0
    kind: str = "assumed"
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def what(self) -> str:
        """The sentence in English."""
        return self.said()

    def said(self, language: str = "en", number: Callable[[int], str] = "{:,}".format) -> str:
        """The sentence in a language that `notes` has, English in any other. number: writes its count."""
        spoken = language if language in SENTENCES else "en"
        return worded(SENTENCES[spoken][self.key], self.count, spoken, **{"count": number(self.count), **self.values})
