"""The entry: what is said of files that do not go together, and what a reading carries."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from penstock.ledger.schema import CANONICAL
from penstock.readers import Options, read
from tests.readers.reading import one, reading, refusal, rows, told, written

DEALS = "Deal ID,Stage,Amount,Created\nA,Open,5,2026-01-01\nB,Won,7,2026-01-02\n"
LOG = "Deal ID,Field,Old Value,New Value,Changed At\nA,Amount,4,5,2026-02-01\n"


def test_two_readings_share_a_connection(tmp_path: Path) -> None:
    con = duckdb.connect()
    first = read(con, written(tmp_path, DEALS))
    second = read(con, written(tmp_path, DEALS.replace("Open,5", "Open,6"), "other.csv"))
    assert first.table != second.table
    assert (one(first, "SELECT sum(amount) FROM {history}"), one(second, "SELECT sum(amount) FROM {history}")) == (1900, 2000)


def test_every_shape_gives_the_canonical_columns(tmp_path: Path) -> None:
    alone = reading(written(tmp_path, DEALS))
    beside = reading(written(tmp_path, DEALS), history=written(tmp_path, LOG, "log.csv"))
    for history in (alone, beside):
        assert [name for name, *_ in history.con.execute(f"DESCRIBE {history.table}").fetchall()] == [
            *CANONICAL,
            *history.dimensions,
        ]


def test_progress_is_told(tmp_path: Path) -> None:
    said: list[str] = []
    reading(written(tmp_path, DEALS), progress=said.append)
    assert said[0].startswith("Loading")
    assert said[-1] == "Writing the history"


def test_a_history_that_is_none_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, DEALS)
    fault = refusal(path, history=written(tmp_path, DEALS, "other.csv")).faults[0]
    assert "other.csv" in fault.what
    assert "--history" in fault.what


def test_a_file_without_ids_cannot_have_a_history_beside_it(tmp_path: Path) -> None:
    path = written(tmp_path, "Stage,Amount,Created\nOpen,5,2026-01-01\n")
    fault = refusal(path, history=written(tmp_path, LOG, "log.csv")).faults[0]
    assert "--map opportunity_id=COLUMN" in fault.remedy


def test_rejected_rows_of_a_log_go_to_a_file_of_their_own(tmp_path: Path) -> None:
    log = written(tmp_path, LOG + "A,Amount,5,many,2026-02-02\nB,Stage,Open,Won,2026-02-03\n", "log.csv")
    deals = written(tmp_path, DEALS)
    fault = refusal(deals, history=log).faults[0]
    assert "In changes of Amount" in fault.what
    assert tuple(fault.values) == ("many",)
    history = reading(deals, history=log, rejects=tmp_path / "rejects.csv")
    assert "many" in (tmp_path / "rejects-history.csv").read_text(encoding="utf-8")
    assert not (tmp_path / "rejects.csv").exists()
    assert rows(history, "opportunity_id", "effective_at", "status", "amount") == [
        ("A", "2026-01-01", "open", 400),
        ("A", "2026-02-01", "open", 500),
        ("B", "2026-01-02", "open", 700),
        ("B", "2026-02-03", "won", 700),
    ]
    assert "set aside" in told(history, "set_aside")


@pytest.mark.parametrize(("written_as", "code"), [("€1,200.50", "EUR"), ("CHF 1'200.50", "CHF"), ("$1,200.50", None)])
def test_a_sign_beside_the_amounts_tells_the_currency_if_it_is_one_currencys_only(
    tmp_path: Path, written_as: str, code: str | None
) -> None:
    path = written(tmp_path, f'Deal ID,Stage,Amount,Created\nA,Open,"{written_as}",2026-01-01\n')
    history = reading(path)
    assert rows(history, "amount", "currency") == [(120050, code)]
    assert rows(reading(path, currency="usd"), "currency") == [("USD",)]


def test_signs_of_two_currencies_in_one_column_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "Deal ID,Stage,Amount,Created\nA,Open,€5,2026-01-01\nB,Open,£5,2026-01-01\n")
    assert "several currencies" in refusal(path).faults[0].what


def test_instants_without_a_zone_are_in_the_given_one(tmp_path: Path) -> None:
    path = written(tmp_path, DEALS, "deals.csv")
    history = read(duckdb.connect(), path, Options(timezone="Europe/Berlin"))
    assert rows(history, "effective_at")[0] == ("2025-12-31 23:00",)
