"""Tables speak the language of the locale; machine-readable forms are in English whatever it is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from penstock.cli.words import LANGUAGES
from penstock.readers.notes import SENTENCES
from tests.cli.running import penstock

QUARTER = ("--quarter", "2026Q1")
COMMANDS = {
    "waterfall": QUARTER,
    "waterfall --net": (*QUARTER, "--net"),
    "postings": QUARTER,
    "snapshot": ("--at", "2026-02-14", "--by", "stage"),
    "snapshot --deals": ("--at", "2026-02-14", "--deals"),
    "trend": (*QUARTER, "--by", "region"),
    "stages": QUARTER,
}


def shown(name: str, history: Path, locale: str) -> str:
    return penstock(name.split()[0], history, *COMMANDS[name], "--locale", locale, columns=160).out


def test_a_waterfall_in_french(history: Path):
    rows = {" ".join(line.split()) for line in shown("waterfall", history, "fr").splitlines()}
    assert "Cascade du pipeline · du 1 janv. 2026 au 1 avr. 2026 · EUR" in rows
    assert "Total Affaires" in rows
    assert "Pipeline initial 185 000,50 4" in rows
    assert "hausse 10 000,00 0" in rows
    assert "Gagné −100 000,00 −1" in rows
    assert (
        "En retard, à côté, ouvert avec une clôture passée : 7 000,00 (1 affaire) au début, 7 000,00 (1 affaire) à la fin."
        in rows
    )


def test_a_snapshot_in_italian(history: Path):
    rows = {" ".join(line.split()) for line in shown("snapshot", history, "it_CH").splitlines()}
    assert "Pipeline aperta · al 14 feb 2026 · EUR" in rows
    assert "Importo Ponderato Trattative In ritardo Trattative in ritardo" in rows
    assert any(row.startswith("Totale ") for row in rows)


def test_what_a_reader_noted_is_said_in_the_language(given: Path):
    ran = penstock("waterfall", given / "opportunities.csv", *QUARTER, "--locale", "fr", columns=200)
    assert "Le fichier dit l’état actuel des affaires" in ran.out
    assert (
        "The file tells" in penstock("waterfall", given / "opportunities.csv", *QUARTER, "--locale", "fr", "--format", "json").out
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_no_english_word_is_left_in_a_table(history: Path, name: str):
    """Words that English and the other language share, and what the file itself says, are no proof."""
    own = {*re.findall(r"\w+", history.read_text(encoding="utf-8").casefold())}
    english = {word for words in LANGUAGES["en"].values() for word in re.findall(r"[a-z]{3,}", words.casefold())}
    for code in ("fr", "it"):
        theirs = {word for words in LANGUAGES[code].values() for word in re.findall(r"\w+", words.casefold())}
        found = {*re.findall(r"[^\W\d_]+", shown(name, history, code).casefold())}
        assert found & (english - theirs - own) == set()


def test_a_language_without_words_has_english_ones_and_its_own_numbers(history: Path):
    german = shown("waterfall", history, "de")
    assert "Starting pipeline" in german
    assert "185.000,50" in german


@pytest.mark.parametrize("name", [*COMMANDS, "check"])
@pytest.mark.parametrize("form", ["json", "csv"])
def test_machines_are_spoken_to_in_english(history: Path, name: str, form: str):
    options: list[str | Path] = [name.split()[0], history, *COMMANDS.get(name, ()), "--format", form]
    assert penstock(*options, "--locale", "fr").out == penstock(*options, "--locale", "en").out


@pytest.mark.parametrize("catalogue", [LANGUAGES, SENTENCES], ids=["tables", "notes"])
@pytest.mark.parametrize("code", ["fr", "it"])
def test_every_language_says_everything_with_the_same_values(catalogue: dict[str, dict[str, str]], code: str):
    assert catalogue[code].keys() == catalogue["en"].keys()
    for key, words in catalogue[code].items():
        assert {*re.findall(r"{\w+}", words)} == {*re.findall(r"{\w+}", catalogue["en"][key])}, key
        assert words.count("[") == words.count("|") == words.count("]"), key
