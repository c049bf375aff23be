"""A log line says what happened and in what, and never a secret."""

from __future__ import annotations

import json
import logging

from penstock.config.logs import Json, Text


def record(**more: object) -> logging.LogRecord:
    return logging.getLogger("penstock.test").makeRecord(
        "penstock.test", logging.INFO, __file__, 1, "stage changed", (), None, extra=more
    )


def test_a_program_reads_json() -> None:
    said = json.loads(Json().format(record(deal=7, api_token="abc")))
    assert (said["level"], said["event"], said["deal"], said["api_token"]) == ("info", "stage changed", 7, "***")


def test_people_read_a_line() -> None:
    line = Text().format(record(deal=7, password="abc"))
    assert line.endswith("penstock.test: stage changed deal=7 password=***")
