"""The texts of Penstock in French and Italian: found in the program, kept in catalogues, compiled for Django.

`python -m penstock.config.catalogues` brings `locale/*/LC_MESSAGES/django.po` up to date with the program and compiles it. A text
that is new comes in untranslated; one that is gone is dropped. The output depends on the program and the translations alone: no
dates, no line numbers.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

LANGUAGES: Final = ("fr", "it")
_PACKAGE: Final = Path(__file__).resolve().parent.parent
_FOLDERS: Final = ("crm", "org", "loop", "web", "reports", "worker")
_KEYWORDS: Final[dict[str, tuple[int | tuple[int, str], ...] | None]] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
_Found = tuple[str | tuple[str, ...], str | None, list[str]]


def po_path(language: str) -> Path:
    """Where the translations of a language are kept; the compiled ones lie beside it."""
    return _PACKAGE / "locale" / language / "LC_MESSAGES" / "django.po"


def extracted(language: str) -> Catalog:
    """Every text of the program that people read, untranslated, with the files that it is in."""
    catalog = _empty(language)
    for path in _sources():
        where = path.relative_to(_PACKAGE).as_posix()
        for message, context, comments in _texts(path):
            # 0 is no line at all: a moved line must not change the catalogue.
            catalog.add(message, locations=[(where, 0)], context=context, auto_comments=comments)
    return catalog


def kept(language: str) -> Catalog:
    """The catalogue as it lies in the package; empty where there is none."""
    path = po_path(language)
    if not path.exists():
        return _empty(language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def merged(language: str) -> Catalog:
    """What the program says now, with the translations that are kept. No guess is made for a text that only resembles one."""
    fresh, old = extracted(language), kept(language)
    for message in fresh:
        known = old.get(message.id, message.context) if message.id else None
        if known is not None and not known.fuzzy:
            message.string = known.string
    return fresh


def as_text(catalog: Catalog) -> bytes:
    """A catalogue as the lines of its .po file."""
    out = io.BytesIO()
    write_po(out, catalog, width=120, omit_header=True, no_location=False, include_lineno=False, sort_output=True)
    return _header(catalog) + out.getvalue()


def compiled(catalog: Catalog) -> bytes:
    """A catalogue as the bytes of its .mo file: what Django reads, without whatever has no translation."""
    texts = {"": _headers(catalog)}
    for message in catalog:
        if message.id and _complete(message) and not message.fuzzy:
            ids, strings = _forms(message.id), _forms(message.string or "")
            context = f"{message.context}\x04" if message.context else ""
            texts[context + "\0".join(ids)] = "\0".join(strings)
    pairs = sorted((source.encode(), target.encode()) for source, target in texts.items())
    return _mo(pairs)


def missing(catalog: Catalog) -> list[Message]:
    """The messages that have no translation, or an unsure one, or not every form of a plural."""
    return [one for one in catalog if one.id and (one.fuzzy or not _complete(one))]


def main() -> None:
    """Bring every catalogue up to date; says what waits for a translation."""
    for language in LANGUAGES:
        catalog = merged(language)
        path = po_path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(as_text(catalog))
        path.with_suffix(".mo").write_bytes(compiled(catalog))
        print(f"{language}: {len(catalog)} messages, {len(missing(catalog))} untranslated")


def _sources() -> Iterator[Path]:
    for folder in _FOLDERS:
        found = [*(_PACKAGE / folder).rglob("*.py"), *(_PACKAGE / folder).glob("templates/**/*")]
        yield from sorted(
            path
            for path in found
            if path.is_file() and path.suffix in {".py", ".html", ".txt"} and "migrations" not in path.parts
        )


def _texts(path: Path) -> Iterator[_Found]:
    text = path.read_text(encoding="utf-8")
    # Django turns a template into Python-like calls of gettext, which are then read as Python is.
    code = text if path.suffix == ".py" else templatize(text, origin=str(path))
    for _line, message, comments, context in extract(
        "python", io.BytesIO(code.encode()), keywords=_KEYWORDS, comment_tags=("Translators:",)
    ):
        yield message, context, comments


def _complete(message: Message) -> bool:
    return all(message.string) if isinstance(message.string, tuple) else bool(message.string)


def _forms(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def _empty(language: str) -> Catalog:
    return Catalog(locale=language, charset="utf-8", fuzzy=False)


def _headers(catalog: Catalog) -> str:
    return (
        f"Language: {catalog.locale}\n"
        f"Plural-Forms: {catalog.plural_forms}\n"
        "MIME-Version: 1.0\n"
        "Content-Type: text/plain; charset=utf-8\n"
        "Content-Transfer-Encoding: 8bit\n"
    )


def _header(catalog: Catalog) -> bytes:
    lines = "".join(f'"{line}\\n"\n' for line in _headers(catalog).splitlines())
    return f'msgid ""\nmsgstr ""\n{lines}\n'.encode()


def _mo(pairs: list[tuple[bytes, bytes]]) -> bytes:
    """The layout of GNU gettext: a head of seven numbers, two tables of (length, offset), then every text with a zero byte."""
    count = len(pairs)
    at = 28 + 16 * count
    tables, body = [], b""
    for column in (0, 1):
        for pair in pairs:
            tables.append(struct.pack("<II", len(pair[column]), at + len(body)))
            body += pair[column] + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, count, 28, 28 + 8 * count, 0, 28 + 16 * count)
    return head + b"".join(tables) + body


if __name__ == "__main__":
    main()
