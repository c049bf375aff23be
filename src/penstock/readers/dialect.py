"""How a text file is cut into fields: the delimiter, the header and the names of the columns."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from penstock.readers.encodings import SPACES, Prepared, open_bytes
from penstock.readers.faults import Fault, ReadError

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
NAMED = {"comma": ",", "semicolon": ";", "tab": "\t", "\\t": "\t", "pipe": "|", "bar": "|"}
SAMPLE_BYTES = 1 << 20
WHITE = " \t\r\n\v\f" + SPACES
# Longer than any field that a person wrote; Python's own limit of 128 KB is not.
csv.field_size_limit(1 << 27)


@dataclass(frozen=True)
class Dialect:
    """delimiter: one character. header: the names as written, trimmed, '' where there is none.

    lead: records that stand before the header (blank ones, or Excel's `sep=`), which DuckDB cannot be told of.
    """

    delimiter: str
    header: tuple[str, ...]
    lead: int


def is_blank(record: list[str]) -> bool:
    return all(not value.strip(WHITE) for value in record)


def records(stream: io.TextIOBase, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The records of a text with the number of the line each begins at; csv.Error where the quoting is broken."""
    reader = csv.reader(stream, delimiter=delimiter, quotechar='"', doublequote=True, strict=True)
    line = 1
    for record in reader:
        yield line, record
        line = reader.line_num + 1


def _sample(prepared: Prepared) -> str:
    with open_bytes(prepared.path) as stream:
        head = stream.read(SAMPLE_BYTES)
        whole = not stream.read(1)
    text = head.decode("utf-8", "ignore").removeprefix("\ufeff")
    if whole:
        return text
    cut = max(text.rfind("\n"), text.rfind("\r"))
    return text[: cut + 1] if cut > 0 else text


def _sampled(text: str, delimiter: str) -> list[list[str]]:
    """The records of the sample; a record that the end of the sample cuts is left out."""
    found: list[list[str]] = []
    try:
        for _, record in records(io.StringIO(text, newline=""), delimiter):
            found.append(record)
    except csv.Error:
        pass
    return found


def _verdict(sample: list[list[str]]) -> tuple[int, int, int]:
    """(fields in the header, other rows with as many fields, other rows) of the records that are not blank."""
    sizes = [len(record) for record in sample if not is_blank(record)]
    if not sizes:
        return 0, 0, 0
    return sizes[0], sum(size == sizes[0] for size in sizes[1:]), len(sizes) - 1


def _decide(text: str, path: Path) -> str:
    verdicts = {delimiter: _verdict(_sampled(text, delimiter)) for delimiter in DELIMITERS}
    splitting = {delimiter: v for delimiter, v in verdicts.items() if v[0] > 1}
    if not splitting:
        _refuse_title(text, path)
        return ","
    exact = [delimiter for delimiter, (_, agreeing, others) in splitting.items() if agreeing == others]
    if len(exact) == 1:
        return exact[0]
    if not exact:
        best = max(v[1] for v in splitting.values())
        exact = [delimiter for delimiter, v in splitting.items() if v[1] == best]
        if len(exact) == 1:
            return exact[0]
    names = " and by ".join(DELIMITERS[delimiter] for delimiter in exact)
    what = f"The delimiter of {path.name} is not clear: its header can be cut by {names}."
    raise ReadError([Fault(what, "Give --delimiter.", str(path))])


def _refuse_title(text: str, path: Path) -> None:
    """A header of one field over rows that all have several is a title, or the header is missing."""
    for delimiter in DELIMITERS:
        sizes = [len(record) for record in _sampled(text, delimiter) if not is_blank(record)][1:]
        if len(sizes) > 1 and min(sizes) > 1 and len(set(sizes)) == 1:
            what = f"The first line of {path.name} has one field, and the rows under it have {sizes[0]}."
            raise ReadError([Fault(what, "Remove what stands above the header, or add the header.", str(path))])


def read_dialect(prepared: Prepared, path: Path, delimiter: str | None) -> Dialect:
    """Settle delimiter and header from the header and the first megabyte of rows.

    delimiter: one character, or comma, semicolon, tab, pipe; None to decide. A delimiter must split the header; the one that
    gives every sampled row as many fields as the header wins. Raises ReadError if the file is empty or two of them do.
    """
    text = _sample(prepared)
    if not text.strip(WHITE + "".join(DELIMITERS)):
        raise ReadError([Fault(f"{path.name} is empty: it has no header and no rows.", "Export it again.", str(path))])
    declared = text[:5].lower() == "sep=" + text[4:5] and text[5:6] in "\r\n"
    if delimiter is not None:
        delimiter = NAMED.get(delimiter, delimiter)
        if len(delimiter) != 1 or delimiter in '"\r\n' or not delimiter.isascii():
            fault = Fault(
                f"{delimiter!r} cannot be a delimiter.", "Give one ASCII character, or comma, semicolon, tab or pipe.", str(path)
            )
            raise ReadError([fault])
    elif declared:
        delimiter = text[4]
    else:
        delimiter = _decide(text, path)
    sampled = _sampled(text, delimiter)
    lead = 1 if declared else 0
    lead += sum(1 for _ in itertools.takewhile(is_blank, sampled[lead:]))
    if lead >= len(sampled):
        raise ReadError([Fault(f"The quoting of the header of {path.name} is broken.", "Close the quotation mark.", str(path))])
    header = tuple(" ".join(name.strip(WHITE).splitlines()) for name in sampled[lead])
    return Dialect(delimiter, header, lead)


def column_names(header: tuple[str, ...], path: Path) -> list[str]:
    """A name for every column: the header's; `column_N` where it has none.

    Raises ReadError where two are the same (capitals aside, as in SQL), naming both.
    """
    names = [name or f"column_{position}" for position, name in enumerate(header, 1)]
    first: dict[str, int] = {}
    faults = []
    for position, name in enumerate(names, 1):
        if name.lower() in first:
            other = first[name.lower()]
            what = f"Columns {other} ({names[other - 1]}) and {position} ({name}) of {path.name} have the same name."
            faults.append(Fault(what, "Rename one of them in the header.", str(path), name))
        first.setdefault(name.lower(), position)
    if faults:
        raise ReadError(faults)
    return names
