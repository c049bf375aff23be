"""What is refused, in words, on standard error, with exit code 2; a report that does not tie out, 3; errors of the data, 1."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from penstock.library import History
from tests.cli import files
from tests.cli.running import penstock, refused
from tests.ledger.oracle import Version
from tests.ledger.tables import history as made_of

QUARTER = ("--quarter", "2026Q1")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--by", "regio"), ["'regio'", "region", "owner", "stage"]),
        (("--measure", "money"), ["'money'", "amount, weighted, count"]),
        (("--format", "xml"), ["'xml'", "table, json, csv"]),
        (("--rate", "spot"), ["'spot'", "plan, dated, current"]),
        (("--horizon", "5q"), ["'5q'", "4q", "all"]),
        (("--horizon-from", "2026-01-01"), ["--horizon-from", "--horizon-to"]),
        (("--horizon", "all", "--horizon-from", "2026-01-01", "--horizon-to", "2026-02-01"), ["either --horizon"]),
        (("--horizon-from", "2026-02-01", "--horizon-to", "2026-01-01"), ["2026-02-01", "Swap"]),
        (("--map", "amount"), ["'amount'", "field=column"]),
        (("--map", "amount=Deal_Size"), ["Deal_Size", "opportunity_id, effective_at, status"]),
        (("--map", "amout=amount"), ["amout"]),
        (("--timezone", "Mars/Olympus"), ["Mars/Olympus", "Europe/Berlin"]),
        (("--calendar", "4-4-4"), ["4-4-4", "4-4-5"]),
        (("--locale", "xx_YY"), ["xx_YY"]),
        (("--known-at", "never"), ["'never'", "2026-02-14"]),
        (("--currency", "EURO"), ["EURO", "ISO 4217"]),
        (("--reader", "magic"), ["magic", "versions"]),
        (("--memory-limit", "lots"), ["memory_limit"]),
        (("--net", "--chart", "net.svg"), ["--chart", "--net"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_an_option_that_makes_no_sense(history: Path, options: tuple[str, ...], says: list[str]):
    said = refused("waterfall", history, *QUARTER, *options)
    assert [word for word in says if word not in said] == []


@pytest.mark.parametrize(
    ("window", "says"),
    [
        (("--quarter", "2026Q1", "--from", "2026-01-01"), "either --quarter, or --from and --to"),
        (("--quarter", "2026Q1", "--from", "2026-01-01", "--to", "2026-02-01"), "either --quarter, or --from and --to"),
        (("--from", "2026-01-01"), "both --from and --to"),
        (("--to", "2026-01-01"), "both --from and --to"),
        (("--quarter", "2026Q5"), "'2026Q5' is not a fiscal quarter"),
        (("--from", "2026-02-01", "--to", "2026-01-01"), "ends (2026-01-01) before it starts (2026-02-01)"),
        (("--from", "2026-13-01", "--to", "2026-01-01"), "'2026-13-01' is not an instant"),
        (("--from", "yesterday", "--to", "2026-01-01"), "'yesterday' is not an instant"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_window_that_makes_no_sense(history: Path, window: tuple[str, ...], says: str):
    assert says in refused("waterfall", history, *window)


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("postings", "--element", "gained"), "'gained'"),
        (("postings", "--line", "sideways"), "'sideways'"),
        (("postings", "--where", "region"), "name=value"),
        (("postings", "--where", "regio=EMEA"), "'regio'"),
        (("snapshot", "--at", "noon"), "'noon'"),
        (("snapshot", "--close-from", "2026-01-01", "--horizon", "all"), "--close-from"),
        (("trend", "--weekly", "--daily"), "--weekly"),
        (("check", "--only", "nonsense"), "nonsense"),
        (("stages", "--by", "regio"), "'regio'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_other_commands_refuse_likewise(history: Path, command: tuple[str, ...], says: str):
    assert says in refused(command[0], history, *command[1:])


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("waterfall", "--date-order", "xyz"), ["'xyz'", "ymd, dmy, mdy"]),
        (("waterfall", "--decimal", ";"), ["';'", "'.' and ','"]),
        (("waterfall", "--theme", "blue"), ["'blue'", "light and dark"]),
        (("convert", "--date-order", "xyz", "--out", "x.csv"), ["'xyz'", "ymd, dmy, mdy"]),
        (("check", "--fail-on", "anything"), ["'anything'", "error, warning, note, never"]),
        (("postings", "--net", "--element", "won"), ["--net", "--element"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_value_is_refused_though_the_file_does_not_need_it(history: Path, command: tuple[str, ...], says: list[str]):
    said = refused(command[0], history, *command[1:])
    assert [word for word in says if word not in said] == []


def test_an_unknown_value_is_refused_before_the_file_is_looked_for(tmp_path: Path):
    assert "'spot'" in refused("waterfall", tmp_path / "nothing.csv", "--rate", "spot")


@pytest.mark.parametrize(("line", "says"), [("date_order: xyz", "'xyz' is no order"), ('decimal: ";"', "';' is no decimal mark")])
def test_a_mapping_file_with_a_value_that_there_is_not(history: Path, tmp_path: Path, line: str, says: str):
    assert says in refused("waterfall", history, "--mapping", files.write(tmp_path, "mapping.yaml", f"{line}\n"))


def test_no_such_file(tmp_path: Path):
    assert "nothing.csv" in refused("waterfall", tmp_path / "nothing.csv", *QUARTER)


def test_a_folder_is_no_file(tmp_path: Path):
    assert "is a directory" in refused("waterfall", tmp_path, *QUARTER)


@pytest.mark.parametrize(("text", "says"), [("", "is empty"), (files.HISTORY.splitlines()[0] + "\n", "no rows")])
def test_a_file_with_nothing_in_it(tmp_path: Path, text: str, says: str):
    assert says in refused("waterfall", files.write(tmp_path, "empty.csv", text), *QUARTER)


def test_a_file_without_the_columns(tmp_path: Path):
    said = refused("waterfall", files.write(tmp_path, "strange.csv", "deal,when,state\nA,2026-01-01,open\n"), *QUARTER)
    assert "deal, when, state" in said
    assert "--map" in said


def test_dates_that_can_be_read_in_two_ways(tmp_path: Path):
    rows = "A,2026-01-01,open,1,03/04/2026\nA,2026-01-05,open,1,05/06/2026\n"
    path = files.write(tmp_path, "dates.csv", f"opportunity_id,effective_at,status,amount,close_date\n{rows}")
    said = refused("waterfall", path, *QUARTER)
    assert [word for word in ("close_date", "'03/04/2026'", "row 1", "--date-order") if word not in said] == []
    ending = {
        order: penstock("snapshot", path, "--date-order", order, "--close-to", "2026-06-01", "--format", "json").form["total"][
            "count"
        ]
        for order in ("dmy", "mdy")
    }
    assert ending == {"dmy": 0, "mdy": 1}  # 5 June, or 6 May


def test_amounts_that_can_be_read_in_two_ways(tmp_path: Path):
    path = files.write(tmp_path, "amounts.csv", 'opportunity_id,effective_at,status,amount\nA,2026-01-01,open,"1,234"\n')
    said = refused("waterfall", path, *QUARTER)
    assert [word for word in ("amount", "'1,234'", "--decimal") if word not in said] == []
    assert penstock("waterfall", path, *QUARTER, "--decimal", ".", "--format", "json").form["total"]["ending"] == 123400


def test_rows_that_cannot_be_read_are_all_told_or_set_aside(tmp_path: Path):
    rows = "A,2026-01-01,open,12\nB,someday,open,5\nC,2026-01-09,open,abc\n"
    path = files.write(tmp_path, "rows.csv", f"opportunity_id,effective_at,status,amount\n{rows}")
    said = refused("waterfall", path, *QUARTER)
    assert [word for word in ("2 reasons", "'someday'", "row 2", "'abc'", "row 3", "--rejects") if word not in said] == []
    rejects = tmp_path / "rejects.csv"
    form = penstock("waterfall", path, *QUARTER, "--rejects", rejects, "--format", "json").form
    assert form["total"]["ending"] == 1200
    assert any("rejects.csv" in note for note in form["notes"])
    lines = rejects.read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[0] for line in lines] == ["opportunity_id", "B", "C"]


@pytest.mark.parametrize(
    ("rates", "rate", "says"),
    [
        ("currency,fiscal_year,rate\nUSD,2025,0.9\n", "plan", ["USD", "fiscal year 2026", "rates.csv"]),
        ("currency,date,rate\nUSD,2026-03-01,0.9\n", "dated", ["USD", "2026-01-15", "rates.csv"]),
        ("currency,date,rate\nUSD,2026-03-11,0.9\n", "current", ["USD", "2026-03-10", "rates.csv"]),
        ("currency,fiscal_year,rate\nUSD,2026,many\n", "plan", ["'many'", "line 2"]),
        ("code,rate\nUSD,1\n", "plan", ["currency, rate", "fiscal_year"]),
    ],
)
def test_a_rate_that_is_not_there(tmp_path: Path, rates: str, rate: str, says: list[str]):
    path = files.write(tmp_path, "two.csv", files.HISTORY.replace("20000.00,EUR", "20000.00,USD"))
    table = files.write(tmp_path, "rates.csv", rates)
    said = refused("waterfall", path, *QUARTER, "--currency", "EUR", "--rates", table, "--rate", rate)
    assert [word for word in says if word not in said] == []


def test_several_currencies_want_one_named(tmp_path: Path):
    path = files.write(tmp_path, "two.csv", files.HISTORY.replace("20000.00,EUR", "20000.00,USD"))
    said = refused("waterfall", path, *QUARTER)
    assert [word for word in ("EUR, USD", "--currency", "--rates") if word not in said] == []
    assert "--rates" in refused("waterfall", path, *QUARTER, "--currency", "EUR")


@pytest.mark.parametrize(
    "command", [("waterfall", "--out", "x.csv"), ("waterfall", "--chart", "x.svg"), ("convert", "--out", "x.parquet")]
)
def test_a_folder_that_is_not_there(history: Path, tmp_path: Path, command: tuple[str, str, str]):
    name, option, file = command
    said = refused(name, history, option, tmp_path / "nowhere" / file)
    assert "nowhere" in said
    assert ".tmp" not in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [("waterfall", "x.json"), ("convert", "x.csv")])
def test_a_path_that_is_a_folder(history: Path, tmp_path: Path, command: tuple[str, str]):
    (tmp_path / command[1]).mkdir()
    said = refused(command[0], history, "--out", tmp_path / command[1])
    assert command[1] in said
    assert [path.name for path in tmp_path.iterdir()] == [command[1]]


def test_a_place_where_nothing_can_be_written(history: Path):
    for command, name in (("convert", "x.parquet"), ("waterfall", "x.csv")):
        assert refused(command, history, "--out", Path("/proc") / name)


def test_a_chart_of_an_unknown_kind(history: Path, tmp_path: Path):
    said = refused("waterfall", history, *QUARTER, "--chart", tmp_path / "x.bmp")
    assert "x.bmp" in said
    assert ".svg" in said
    assert list(tmp_path.iterdir()) == []


def test_a_history_is_converted_to_csv_or_parquet_only(history: Path, tmp_path: Path):
    assert ".csv or .parquet" in refused("convert", history, "--out", tmp_path / "x.xlsx")


def version(deal: str, day: int, seq: int, **fields: object) -> Version:
    given = {"status": "open", "amount": 100_00, "close_date": date(2026, 3, 31)} | fields
    return Version(deal, datetime(2026, 1, day, tzinfo=UTC), seq, **given)  # type: ignore[arg-type]


def test_a_report_that_does_not_tie_out_is_withheld_and_names_the_deals(history: Path, monkeypatch: pytest.MonkeyPatch):
    """Movements are broken by hand, as only a fault of ours could: one deal's increase is not what its neighbours say."""
    sound = made_of([version("SOUND", 5, 1), version("BROKEN", 5, 1), version("BROKEN", 9, 2, amount=250_00)])
    whole = sound.movements()
    wrong = (whole.opportunity_id == "BROKEN") & (whole.before_amount > 0)
    broken = whole.mutate(before_amount=wrong.ifelse(whole.before_amount - 7_00, whole.before_amount))
    backend: Any = whole.get_backend()
    sound._kept[None] = backend.create_table("broken", broken)
    ran = broken_history(monkeypatch, sound, "waterfall", history, *QUARTER)
    assert (ran.code, ran.out) == (3, "")
    assert [word for word in ("does not tie out", "-7.00 EUR", "BROKEN (-7.00)") if word not in ran.err] == []
    assert "SOUND" not in ran.err


def test_check_ends_with_1_where_figures_can_be_wrong(history: Path, monkeypatch: pytest.MonkeyPatch):
    """Files with such faults are refused by the readers; a table given to the library is not."""
    ran = broken_history(monkeypatch, made_of([version("ODD", 5, 1, probability=15_000)]), "check", history)
    assert ran.code == 1
    assert "ODD" in ran.out
    assert "1 error, " in ran.out


@pytest.mark.parametrize(("severity", "code"), [("error", 0), ("warning", 1), ("note", 1), ("never", 0)])
def test_check_ends_with_1_from_the_severity_asked_for(history: Path, severity: str, code: int):
    """The history has an overdue deal (a warning) and deals with one version only (notes)."""
    assert penstock("check", history, "--fail-on", severity, fails=True).code == code


def test_check_with_notes_alone_passes_on_warnings(history: Path):
    assert penstock("check", history, "--only", "single_version", "--fail-on", "warning").code == 0
    assert penstock("check", history, "--only", "single_version", "--fail-on", "note", fails=True).code == 1


def broken_history(monkeypatch: pytest.MonkeyPatch, seen: History, *arguments: str | Path):
    monkeypatch.setattr("penstock.cli.reading.read_history", lambda asked: seen)
    return penstock(*arguments, fails=True)
