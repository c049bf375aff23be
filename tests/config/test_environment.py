"""Settings come from the environment or a file, and what is wrong with them is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.config.databases import database
from penstock.config.environment import BadSettings, read
from penstock.config.keys import KEYS
from penstock.config.mail import mail


def test_the_environment_goes_before_the_file_and_the_file_before_the_default(tmp_path: Path) -> None:
    file = tmp_path / "penstock.toml"
    file.write_text('language = "fr"\nlog_format = "json"\nallowed_hosts = ["crm.example", "www.crm.example"]\n')
    found = read({"PENSTOCK_CONFIG": str(file), "PENSTOCK_LANGUAGE": "it"})
    assert (found["language"], found["log_format"], found["session_hours"]) == ("it", "json", 336)
    assert found["allowed_hosts"] == ["crm.example", "www.crm.example"]


def test_every_fault_is_said_at_once_with_where_it_is(tmp_path: Path) -> None:
    file = tmp_path / "penstock.toml"
    file.write_text('languge = "fr"\nlog_level = "loud"\n')
    with pytest.raises(BadSettings) as refused:
        read({"PENSTOCK_CONFIG": str(file), "PENSTOCK_SESSION_HOURS": "a day"})
    text = str(refused.value)
    assert f"{file} has languge, which is no setting. Did you mean language?" in text
    assert f"{file}: log_level is 'loud': choose one of debug, info, warning, error." in text
    assert "the variable PENSTOCK_SESSION_HOURS is 'a day': give a whole number." in text


def test_a_file_that_is_no_toml_is_said_to_be_none(tmp_path: Path) -> None:
    file = tmp_path / "penstock.toml"
    file.write_text("language: fr\n")
    with pytest.raises(BadSettings, match="cannot be read"):
        read({"PENSTOCK_CONFIG": str(file)})


def test_every_default_is_one_that_could_be_given() -> None:
    for key in KEYS:
        if key.default not in ("", []):
            text = ",".join(key.default) if isinstance(key.default, list) else str(key.default).lower()
            assert key.read(text) == key.default, key.name


@pytest.mark.parametrize("url", ["mysql://root@host/db", "sqlite:///", "postgres://user@host"])
def test_a_database_that_cannot_be_is_refused_in_words(url: str) -> None:
    with pytest.raises(ValueError, match="DATABASE_URL"):
        database(url)


def test_a_postgresql_url_is_taken_apart() -> None:
    found = database("postgres://ada:p%40ss@db.example:5433/penstock?sslmode=require")
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"]) == ("ada", "p@ss", "db.example", "5433")
    assert found["OPTIONS"] == {"sslmode": "require"}
    assert database("postgresql://postgres@/postgres?host=/folder")["HOST"] == "/folder"


def test_mail_goes_to_the_log_until_a_server_is_named() -> None:
    assert mail("")["EMAIL_BACKEND"].endswith("console.EmailBackend")
    found = mail("smtps://ada:secret@mail.example")
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"], found["EMAIL_USE_SSL"]) == ("mail.example", 465, True)
    with pytest.raises(ValueError, match="PENSTOCK_EMAIL_URL"):
        mail("imap://mail.example")
