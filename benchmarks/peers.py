"""How others answer: plain pandas, a table of snapshots, and, as the floor, the bare scan of the columns concerned.

Each contender has `build` (what it makes once; its time and size are shown) and `asking` (the question, ready to be asked).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any, Final

from benchmarks.asked import COHORT, COUNTED, ENDS, HORIZON, QUARTER, STAGES, WEEKS, Answer
from benchmarks.setting import Setting

# ------------------------------------------------------------------ plain pandas


def _loaded(setting: Setting) -> Any:
    """The columns that the three questions need, amounts as whole cents, names as categories."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    names = [
        "opportunity_id",
        "effective_at",
        "seq",
        "status",
        "stage",
        "stage_order",
        "amount",
        "close_date",
        "qualified",
        "region",
    ]
    table = pq.read_table(setting.history, columns=names, read_dictionary=["status", "stage", "region"])
    cents = pc.cast(pc.round(pc.multiply(pc.cast(table["amount"], "float64"), 100.0)), "int64")
    table = table.set_column(names.index("amount"), "amount", pc.fill_null(cents, 0))
    closes = pc.cast(table["close_date"], "timestamp[us]")
    return table.set_column(names.index("close_date"), "close_date", closes).to_pandas()


def _pandas_build(setting: Setting) -> dict[str, int]:
    return {"rows": len(_loaded(setting))}


def _pandas_asking(question: str, setting: Setting) -> Callable[[], Answer]:
    frame = _loaded(setting)
    ask = {"waterfall": _pandas_waterfall, "trend": _pandas_trend, "conversion": _pandas_conversion}[question]
    return lambda: ask(frame)


def _pandas_waterfall(frame: Any) -> Answer:
    """Two snapshots, each by sorting and taking the last version; merged; every deal put in one category."""
    import numpy as np
    import pandas as pd

    ends = []
    for day in QUARTER:
        before = frame[frame.effective_at < pd.Timestamp(day)].sort_values(["effective_at", "seq"])
        last = before.groupby("opportunity_id").last()
        in_horizon = (last.close_date >= pd.Timestamp(HORIZON[0])) & (last.close_date < pd.Timestamp(HORIZON[1]))
        last["held"] = last.amount.where((last.status == "open") & last.qualified & in_horizon, 0)
        ends.append(last[["held", "amount", "status", "region"]])
    both = ends[0].merge(ends[1], how="outer", left_index=True, right_index=True, suffixes=("_start", "_end"))
    held = both[["held_start", "held_end"]].fillna(0)
    tests = [(both.status_end == "won") & (both.status_start != "won"), (both.status_end == "lost") & (held.held_start > 0)]
    both["label"] = np.select(
        [*tests, both.status_start.isna(), held.held_end != held.held_start], ["won", "lost", "new", "change"], "none"
    )
    both["moved"] = held.held_end - held.held_start
    both.groupby(["region_end", "label"], observed=True)["moved"].sum()
    starting = both.groupby("region_start", observed=True)["held_start"].sum()
    ending = both.groupby("region_end", observed=True)["held_end"].sum()
    return {str(region): [int(starting[region]), int(ending[region])] for region in ending.index}


def _pandas_trend(frame: Any) -> Answer:
    """Each version's end by shifting, then one scan a week."""
    import pandas as pd

    frame = frame.sort_values(["opportunity_id", "effective_at", "seq"])
    ends = frame.groupby("opportunity_id")["effective_at"].shift(-1).fillna(pd.Timestamp.max)
    standing = frame[(frame.status == "open") & frame.qualified][["effective_at", "stage", "amount"]].assign(ends=ends)
    totals = pd.Series(0, index=list(STAGES))
    for week in WEEKS:
        at = pd.Timestamp(week)
        held = standing[(standing.effective_at < at) & (standing.ends >= at)]
        totals = totals.add(held.groupby("stage", observed=True)["amount"].sum(), fill_value=0)
    return {str(stage): [int(total)] for stage, total in totals.items() if total}


def _pandas_conversion(frame: Any) -> Answer:
    """When each deal first reached each stage or one beyond it, by grouping once per stage."""
    import pandas as pd

    moving = frame[frame.status.isin(["open", "won"])]
    reached = {
        place: moving[moving.stage_order >= place].groupby("opportunity_id")["effective_at"].min()
        for place in range(COUNTED.start, COUNTED.stop + 1)
    }
    answer = {}
    for place in COUNTED:
        here = reached[place]
        entered = here[(here >= pd.Timestamp(COHORT[0])) & (here < pd.Timestamp(COHORT[1]))]
        answer[STAGES[place - 1]] = [len(entered), int(entered.index.isin(reached[place + 1].index).sum())]
    return answer


# ------------------------------------------------------------------ a table of snapshots


def _snapshot_build(step: int) -> Callable[[Setting], dict[str, int]]:
    """One row for every deal and every step of days on which it is open, and one for the first after it closed."""

    def build(setting: Setting) -> dict[str, int]:
        con = setting.database(f"snapshots{step}", new=True)
        origin, ends = f"epoch_us(DATE '{_origin()}')", f"epoch_us(DATE '{ENDS}')"
        con.execute(f"""
            CREATE TABLE snapshots AS
            WITH versions AS (
                SELECT *, epoch_us(effective_at) - {origin} AS begins,
                       lead(epoch_us(effective_at), 1, {ends}) OVER following - {origin} AS ends
                FROM '{setting.history}' WINDOW following AS (PARTITION BY opportunity_id ORDER BY effective_at, seq)),
            placed AS (
                SELECT *, begins // ({step} * 86400000000) + 1 AS first, ends // ({step} * 86400000000) AS last FROM versions),
            spread AS (
                SELECT *, unnest(range(first, CASE status WHEN 'open' THEN last + 1 ELSE least(first, last) + 1 END)) AS step
                FROM placed WHERE first <= last)
            SELECT DATE '{_origin()}' + (step * {step})::INT AS day, opportunity_id, status, stage, stage_order,
                   (coalesce(amount, 0) * 100)::BIGINT AS amount, close_date, qualified, region
            FROM spread ORDER BY day""")
        row = con.execute("SELECT count(*) FROM snapshots").fetchone()
        con.close()
        return {"rows": int(row[0]) if row else 0, "bytes": (setting.folder / f"snapshots{step}.duckdb").stat().st_size}

    return build


def _snapshot_asking(step: int) -> Callable[[str, Setting], Callable[[], Answer]]:
    def asking(question: str, setting: Setting) -> Callable[[], Answer]:
        con = setting.database(f"snapshots{step}")
        query = {"waterfall": _snapshot_waterfall(step), "trend": _SNAPSHOT_TREND, "conversion": _SNAPSHOT_CONVERSION}[question]
        return lambda: {row[0]: [int(value) for value in row[1:]] for row in con.execute(query).fetchall()}

    return asking


def _origin() -> date:
    """A Thursday before the history begins, so that weekly snapshots fall on the weeks that the trend asks for."""
    return WEEKS[-1] - timedelta(weeks=144)


def _snapshot_waterfall(step: int) -> str:
    """The two ends joined, and what was closed between them. The end is the last snapshot up to the quarter's last midnight."""
    last = _origin() + timedelta(days=(QUARTER[1] - _origin()).days // step * step)
    held = f"status = 'open' AND qualified AND close_date >= DATE '{HORIZON[0]}' AND close_date < DATE '{HORIZON[1]}'"
    return f"""
        WITH a AS (SELECT opportunity_id, region, amount FROM snapshots WHERE day = DATE '{QUARTER[0]}' AND {held}),
             b AS (SELECT opportunity_id, region, amount FROM snapshots WHERE day = DATE '{last}' AND {held}),
             c AS (SELECT opportunity_id, any_value(region) AS region, any_value(amount) AS amount, max(status) AS status
                   FROM snapshots WHERE day > DATE '{QUARTER[0]}' AND day <= DATE '{last}' AND status IN ('won', 'lost')
                   GROUP BY 1),
             n AS (SELECT DISTINCT opportunity_id FROM snapshots WHERE day = DATE '{QUARTER[0]}'),
             joined AS (
                SELECT a.region AS was, coalesce(b.region, c.region, a.region) AS now, a.amount AS started, b.amount AS ended,
                       CASE c.status WHEN 'won' THEN c.amount END AS won, CASE c.status WHEN 'lost' THEN a.amount END AS lost,
                       CASE WHEN n.opportunity_id IS NULL THEN b.amount END AS new
                FROM a FULL JOIN b USING (opportunity_id) FULL JOIN c USING (opportunity_id) LEFT JOIN n USING (opportunity_id))
        SELECT region, {", ".join(f"coalesce(sum({name}), 0)" for name in ("started", "ended", "won", "lost", "new"))} FROM (
            SELECT was AS region, started, NULL AS ended, NULL AS won, NULL AS lost, NULL AS new FROM joined WHERE was IS NOT NULL
            UNION ALL SELECT now, NULL, ended, won, lost, new FROM joined) GROUP BY region"""


_SNAPSHOT_TREND: Final = f"""
    SELECT stage, sum(money) FROM (
        SELECT day, stage, sum(amount) AS money FROM snapshots
        WHERE status = 'open' AND qualified AND day IN ({", ".join(f"DATE '{week}'" for week in WEEKS)}) GROUP BY ALL)
    GROUP BY stage"""

_SNAPSHOT_CONVERSION: Final = (
    "WITH reached AS (SELECT opportunity_id, "
    + ", ".join(f"min(day) FILTER (stage_order >= {place}) AS reached{place}" for place in range(COUNTED.start, COUNTED.stop + 1))
    + " FROM snapshots WHERE status IN ('open', 'won') GROUP BY 1) "
    + " UNION ALL ".join(
        f"SELECT '{STAGES[place - 1]}', count(*), count(reached{place + 1}) FROM reached"
        f" WHERE reached{place} >= DATE '{COHORT[0]}' AND reached{place} < DATE '{COHORT[1]}'"
        for place in COUNTED
    )
)

# ------------------------------------------------------------------ the bare scan

_SCANNED: Final = {
    "waterfall": (
        "begins ends before_state after_state counted before_amount after_amount before_close after_close",
        "before_dimension_region after_dimension_region",
    ),
    "trend": ("begins ends after_state after_amount", "after_stage"),
    "conversion": ("begins after_state after_stage_order before_stage_order", "opportunity_id"),
}


def _scan_asking(question: str, setting: Setting) -> Callable[[], Answer]:
    """Every value of the columns that the question needs is read from Penstock's own movements; nothing else is done."""
    con = setting.database("penstock")
    numbers, names = (columns.split() for columns in _SCANNED[question])
    types = {str(row[0]): str(row[1]) for row in con.execute("DESCRIBE movements").fetchall()}
    # An enumeration is read by its code; bit_xor needs no more than reading, and cannot overflow as the sum of instants would.
    read = [f"bit_xor({name}::BIGINT)" for name in numbers]
    read += [
        f"bit_xor(enum_code({name})::BIGINT)" if types[name].startswith("ENUM") else f"sum(strlen({name}))" for name in names
    ]
    query = f"SELECT {', '.join(read)} FROM movements"

    def ask() -> Answer:
        con.execute(query).fetchall()
        return {}

    return ask


CONTENDERS: Final = {
    "pandas": SimpleNamespace(build=_pandas_build, asking=_pandas_asking),
    "weekly": SimpleNamespace(build=_snapshot_build(7), asking=_snapshot_asking(7)),
    "daily": SimpleNamespace(build=_snapshot_build(1), asking=_snapshot_asking(1)),
    "scan": SimpleNamespace(build=None, asking=_scan_asking),
}
