"""Every setting of an installation: its name, what it holds, and what it is where nobody says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final


def _text(value: str) -> str:
    return value


def _switch(value: str) -> bool:
    if value.strip().lower() not in _SWITCH:
        raise ValueError("say true or false")
    return _SWITCH[value.strip().lower()]


def _number(value: str) -> int:
    if not value.strip().isdecimal():
        raise ValueError("give a whole number")
    return int(value)


def _listed(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


def _one_of(*known: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in known:
            raise ValueError(f"choose one of {', '.join(known)}")
        return value

    return read


_SWITCH: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True)
class Key:
    """A setting. name: in the TOML file; variable: in the environment, which goes before the file; read: from text."""

    name: str
    variable: str
    read: Callable[[str], Any]
    default: Any
    help: str


KEYS: Final = (
    Key(
        "database_url",
        "DATABASE_URL",
        _text,
        "",
        "sqlite:///FILE or postgres://user:password@host/name; empty: SQLite in the data folder",
    ),
    Key("debug", "PENSTOCK_DEBUG", _switch, False, "show errors with their code; never on a machine that others reach"),
    Key(
        "public_url",
        "PENSTOCK_PUBLIC_URL",
        _text,
        "http://localhost:8000",
        "where people reach Penstock; https turns secure cookies on",
    ),
    Key(
        "allowed_hosts", "PENSTOCK_ALLOWED_HOSTS", _listed, [], "further host names, by commas; that of public_url is always one"
    ),
    Key(
        "behind_proxy",
        "PENSTOCK_BEHIND_PROXY",
        _switch,
        False,
        "trust X-Forwarded-Proto and X-Forwarded-For of the proxy before it",
    ),
    Key("session_hours", "PENSTOCK_SESSION_HOURS", _number, 24 * 14, "how long a log-in lasts without being used"),
    Key("language", "PENSTOCK_LANGUAGE", _one_of("en", "fr", "it"), "en", "of pages before somebody has logged in"),
    Key(
        "email_url",
        "PENSTOCK_EMAIL_URL",
        _text,
        "",
        "smtp://user:password@host:587 (smtps:// for port 465); empty: mails go to the log",
    ),
    Key("email_from", "PENSTOCK_EMAIL_FROM", _text, "penstock@localhost", "sender of mails"),
    Key("log_format", "PENSTOCK_LOG_FORMAT", _one_of("text", "json"), "text", "one line per event, for people or for programs"),
    Key("log_level", "PENSTOCK_LOG_LEVEL", _one_of("debug", "info", "warning", "error"), "info", "the least that is logged"),
)
