"""Logs: a line for each event on standard error, as text or as JSON, with what it happened in; never a secret."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

# What every record of Python's logging has; whatever else one carries is said.
_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "request", "server_time", "status_code"}
_SECRET = ("password", "secret", "token", "cookie", "authorization")


class _Line(logging.Formatter):
    def parts(self, record: logging.LogRecord) -> dict[str, Any]:
        """What is said of a record, in order."""
        own = {name: value for name, value in vars(record).items() if name not in _USUAL and not name.startswith("_")}
        hidden = {name: "***" if any(part in name.lower() for part in _SECRET) else value for name, value in own.items()}
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        said = {"at": at, "level": record.levelname.lower(), "logger": record.name, "event": record.getMessage()}
        if record.exc_info:
            said["error"] = self.formatException(record.exc_info)
        return said | hidden


class Json(_Line):
    """A JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON."""
        return json.dumps(self.parts(record), default=str, ensure_ascii=False)


class Text(_Line):
    """A line for people: when, how grave, what, and the rest as name=value."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as text."""
        parts = self.parts(record)
        error = parts.pop("error", "")
        head = f"{parts.pop('at')} {parts.pop('level'):<7} {parts.pop('logger')}: {parts.pop('event')}"
        rest = " ".join(f"{name}={value}" for name, value in parts.items())
        return "\n".join(filter(None, (f"{head} {rest}".rstrip(), str(error))))


def logging_of(form: str, level: str) -> dict[str, Any]:
    """Django's LOGGING. form: text or json; level: debug, info, warning or error."""
    formatter = f"penstock.config.logs.{'Json' if form == 'json' else 'Text'}"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": formatter}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "penstock": {"handlers": ["stderr"], "level": level.upper(), "propagate": False},
            "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        },
    }
