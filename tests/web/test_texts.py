"""Everything that people read is there in French and Italian, and the catalogues say what the program says."""

from __future__ import annotations

import gettext
import io
import re
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from django.test import Client
from django.utils import translation

from penstock.config import catalogues
from penstock.org.models import Role

LANGUAGES = ("fr", "it")
HOLE = re.compile(r"%\(\w+\)s|%%")


def forms(text: object) -> list[str]:
    return [text] if isinstance(text, str) else list(text)  # type: ignore[call-overload]


def pairs(language: str) -> Iterator[tuple[Message, str, str]]:
    """Each message with each of its translations, beside the English that it stands for."""
    with catalogues.po_path(language).open("rb") as file:
        for message in read_po(file, locale=language):
            if message.id:
                english = forms(message.id)
                for number, text in enumerate(forms(message.string)):
                    yield message, english[min(number, len(english) - 1)], text


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_is_translated_and_nothing_is_unsure(language: str) -> None:
    lacking = [message.id for message, _english, text in pairs(language) if message.fuzzy or not text.strip()]
    assert lacking == []
    assert len(list(pairs(language))) > 500


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_holds_what_the_program_says_no_more_and_no_less(language: str) -> None:
    said = {(message.context, message.id) for message in catalogues.extracted(language) if message.id}
    kept = {(message.context, message.id) for message, _english, _text in pairs(language)}
    assert (sorted(map(str, said - kept)), sorted(map(str, kept - said))) == ([], []), "run python -m penstock.config.catalogues"


@pytest.mark.parametrize("language", LANGUAGES)
def test_bringing_it_up_to_date_again_changes_no_byte(language: str) -> None:
    catalog, path = catalogues.merged(language), catalogues.po_path(language)
    assert catalogues.as_text(catalog) == path.read_bytes()
    assert catalogues.compiled(catalog) == path.with_suffix(".mo").read_bytes()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_was_translated(language: str) -> None:
    """Read by Python's own gettext, which knows nothing of how the file was written."""
    read = gettext.GNUTranslations(io.BytesIO(catalogues.po_path(language).with_suffix(".mo").read_bytes()))
    for message, _english, _text in pairs(language):
        one, *more = forms(message.id)
        found = [read.ngettext(one, more[0], count) for count in (1, 2)] if more else [read.gettext(one)]
        assert found == forms(message.string)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_holes_of_its_text(language: str) -> None:
    wrong = [
        (english, text)
        for _message, english, text in pairs(language)
        if sorted(HOLE.findall(english)) != sorted(HOLE.findall(text))
    ]
    assert wrong == []


def test_a_text_that_is_new_is_named_and_no_guess_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = catalogues.extracted("fr")
    fresh.add("Log in again", locations=[("web/new.py", 0)])
    monkeypatch.setattr(catalogues, "extracted", lambda language: fresh)
    assert [message.id for message in catalogues.missing(catalogues.merged("fr"))] == ["Log in again"]


@pytest.mark.parametrize(("language", "said"), [("fr", "Lecture seule"), ("it", "Sola lettura")])
def test_a_role_is_named_in_the_readers_language(language: str, said: str) -> None:
    with translation.override(language):
        assert str(Role.READ_ONLY.label) == said


@pytest.mark.parametrize(("language", "said"), [("fr", "J’ai oublié mon mot de passe"), ("it", "Ho dimenticato la password")])
def test_the_log_in_page_is_in_the_readers_language(client: Client, db: None, language: str, said: str) -> None:
    # A request leaves its language behind in the thread; this puts it back.
    with translation.override("en"):
        page = client.get("/login/", headers={"accept-language": language}).content.decode()
    assert said in page
