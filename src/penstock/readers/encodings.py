"""In what encoding a text file is, and its bytes as UTF-8: byte-order mark, else UTF-8, else windows-1252."""

from __future__ import annotations

import codecs
import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

from penstock.readers.faults import Fault, ReadError

CHUNK = 1 << 22
GZIP = b"\x1f\x8b"
# UTF-32 first: its little-endian mark begins with the one of UTF-16.
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
BLANK_LINE = re.compile(rb"\n{2,}")
# White space beyond ASCII that people and spreadsheets leave around values.
SPACES = (
    "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
)
SPACE_LEADS = (b"\xc2\xa0", b"\xe1\x9a\x80", b"\xe2\x80", b"\xe2\x81\x9f", b"\xe3\x80\x80", b"\xef\xbb\xbf")


@dataclass
class Prepared:
    """A text file that DuckDB can read: `path` holds UTF-8 (gzipped if `zipped`), a transcoded copy where need be.

    inner_blank: a wholly empty line stands between two others, outside quotes. trailing_blank: how many stand at the end.
    odd_spaces: white space beyond ASCII occurs somewhere. encoding: what the original was in. assumed: without any mark.
    """

    path: Path
    encoding: str
    assumed: bool
    zipped: bool
    inner_blank: bool = False
    trailing_blank: int = 0
    odd_spaces: bool = False
    _quotes: int = field(default=0, repr=False)
    _newlines: int = field(default=1, repr=False)

    def survey(self, chunk: bytes) -> None:
        """Take note of what a chunk of the UTF-8 text holds; to be called with all chunks in order."""
        self.odd_spaces = self.odd_spaces or (not chunk.isascii() and any(lead in chunk for lead in SPACE_LEADS))
        text = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in chunk else chunk
        last = len(text.rstrip(b"\n"))
        if last and not self.inner_blank:
            joined, start = b"\n" * min(self._newlines, 2) + text, 0
            for hit in BLANK_LINE.finditer(joined) if b"\n\n" in joined else ():
                if hit.end() == len(joined):
                    break
                self._quotes += joined.count(b'"', start, hit.start())
                start = hit.start()
                if self._quotes % 2 == 0:
                    self.inner_blank = True
                    break
            self._quotes += joined.count(b'"', start)
        self._newlines = (0 if last else self._newlines) + len(text) - last
        self.trailing_blank = max(0, self._newlines - 1)


def is_zipped(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(2) == GZIP


def open_bytes(path: Path) -> IO[bytes]:
    """The file's bytes, unzipped if it is gzipped."""
    return cast(IO[bytes], gzip.open(path, "rb")) if is_zipped(path) else path.open("rb")


def _chunks(path: Path) -> Iterator[bytes]:
    try:
        with open_bytes(path) as stream:
            while chunk := stream.read(CHUNK):
                yield chunk
    except (EOFError, gzip.BadGzipFile) as problem:
        fault = Fault(f"The gzip file is damaged or cut off: {problem}.", "Fetch it again, or unpack it first.", str(path))
        raise ReadError([fault]) from problem


class _UndecodableError(Exception):
    def __init__(self, position: int, found: str) -> None:
        self.position, self.found = position, found
        super().__init__(found)


def _decoded(path: Path, encoding: str, skip: int = 0) -> Iterator[str]:
    """The file's text without a byte-order mark; _UndecodableError names the byte (from 1) that does not fit."""
    decoder = codecs.getincrementaldecoder(encoding)()
    seen, first = 0, True
    for whole in _with_end(_chunks(path)):
        chunk, skip, seen = whole[skip:], 0, seen + skip
        pending = len(decoder.getstate()[0])
        try:
            text = decoder.decode(chunk, final=not whole)
        except UnicodeDecodeError as problem:
            raise _UndecodableError(
                seen - pending + problem.start + 1, problem.object[problem.start :][:1].hex().upper()
            ) from problem
        except UnicodeError as problem:
            raise _UndecodableError(seen + 1, str(problem)) from problem
        seen += len(chunk)
        if first and text:
            text, first = text.removeprefix("\ufeff"), False
        yield text


def _with_end(chunks: Iterator[bytes]) -> Iterator[bytes]:
    yield from chunks
    yield b""


def _refuse_binary(path: Path, chunk: bytes, seen: int) -> None:
    at = chunk.find(b"\x00")
    if at >= 0:
        what = f"{path.name} is not text: byte {seen + at + 1} is zero."
        remedy = (
            "Save it as CSV (UTF-8), XLSX, ODS or Parquet. If it is text in UTF-16 without a mark, give --encoding utf-16-le."
        )
        raise ReadError([Fault(what, remedy, str(path))])


def _marked(path: Path) -> tuple[str | None, int]:
    """The encoding that the byte-order mark says, and how many bytes to skip where the decoder would not know the mark.

    Some programs write UTF-32 under the mark of UTF-16: known by the three zero bytes of a first ASCII character.
    """
    with open_bytes(path) as stream:
        head = stream.read(6)
    named = next((name for mark, name in MARKS if head.startswith(mark)), None)
    if named in ("utf-16-le", "utf-16-be") and head[2:5] == b"\0\0\0" and head[5:6] != b"\0":
        return "utf-32-be", 2
    if named in ("utf-16-le", "utf-16-be") and head[3:6] == b"\0\0\0" and head[2:3] != b"\0":
        return "utf-32-le", 2
    return named, 0


def _survey_as_is(path: Path) -> Prepared | _UndecodableError:
    prepared, seen = Prepared(path, "utf-8", True, is_zipped(path)), 0
    decoder = codecs.getincrementaldecoder("utf-8")()
    for chunk in _with_end(_chunks(path)):
        _refuse_binary(path, chunk, seen)
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as problem:
            return _UndecodableError(seen - pending + problem.start + 1, problem.object[problem.start :][:1].hex().upper())
        prepared.survey(chunk.removeprefix(codecs.BOM_UTF8) if seen == 0 else chunk)
        seen += len(chunk)
    return prepared


def _transcoded(path: Path, encoding: str, scratch: Path, skip: int = 0) -> Prepared:
    prepared = Prepared(scratch / "transcoded.csv", encoding, False, False)
    with prepared.path.open("wb") as out:
        for text in _decoded(path, encoding, skip):
            chunk = text.encode("utf-8", "surrogatepass")
            if "\x00" in text:
                _refuse_binary(path, chunk, 0)
            prepared.survey(chunk)
            out.write(chunk)
    return prepared


def prepare(path: Path, encoding: str | None, scratch: Path) -> Prepared:
    """Settle the encoding of a text file and make it readable as UTF-8, by streaming.

    encoding: a Python codec name, or None to decide: a byte-order mark; else UTF-8 if the whole file is; else windows-1252 if
    the whole file is. scratch: a directory for the copy. Raises ReadError naming the byte that fits no encoding.
    """
    given, skip = encoding, 0
    if encoding is None:
        marked, skip = _marked(path)
        encoding = marked or "utf-8"
    try:
        codec = codecs.lookup(encoding).name
    except LookupError as problem:
        fault = Fault(
            f"There is no encoding named {encoding!r}.", "Give --encoding utf-8, utf-16, windows-1252 or the like.", str(path)
        )
        raise ReadError([fault]) from problem
    try:
        if codec not in ("utf-8", "utf-8-sig", "ascii"):
            return _transcoded(path, codec, scratch, skip)
        surveyed = _survey_as_is(path)
        if isinstance(surveyed, Prepared):
            return surveyed
        if given is not None or _marked(path)[0]:
            raise surveyed
    except _UndecodableError as problem:
        what = f"{path.name} is not in {encoding}: byte {problem.position} ({problem.found}) does not fit."
        raise ReadError([Fault(what, "Give the true one with --encoding, or save the file as UTF-8.", str(path))]) from problem
    return _western(path, scratch, surveyed)


def _western(path: Path, scratch: Path, not_utf8: _UndecodableError) -> Prepared:
    try:
        prepared = _transcoded(path, "cp1252", scratch)
    except _UndecodableError as problem:
        what = (
            f"The encoding of {path.name} is unknown: it is not UTF-8 (byte {not_utf8.position}, {not_utf8.found}), "
            f"and not windows-1252 (byte {problem.position}, {problem.found})."
        )
        raise ReadError([Fault(what, "Give --encoding, or save the file as UTF-8.", str(path))]) from problem
    prepared.encoding, prepared.assumed = "windows-1252", True
    return prepared
