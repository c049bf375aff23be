"""Makes a large history: n opportunities with ten versions each on average, as a shuffled canonical Parquet file.

Every value is a function of the opportunity's number and the version's, through DuckDB's hash: the same number of deals gives
the same rows. Deals are born ever more often, move forward through the stages and now and then back, change amount, close
date, owner and region, and end won (about a quarter) or lost; those that outlast the history stay open.

    python -m benchmarks.generate --deals 1000000 --out benchmarks/data/history.parquet
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Final

import duckdb

from benchmarks.asked import ENDS, STARTS

_DEALS: Final = """
SELECT i, 4 + floor(u(i, 1) * 13)::BIGINT AS versions,
       CASE WHEN u(i, 3) < 0.45 THEN 0 WHEN u(i, 3) < 0.82 THEN 1 ELSE 2 END AS size,
       $starts + (($ends - $starts - 2 * day_us()) * u(i, 2) ** 0.8)::BIGINT AS born,
       ([55, 105, 190][size + 1] * (0.5 + 2.6 * u(i, 4) * u(i, 5)) * day_us())::BIGINT AS life,
       born + life < $ends AS ended, least(life, $ends - born) AS lived,
       u(i, 6) < 0.25 AS wins, CASE WHEN wins THEN 1.0 ELSE 0.15 + 0.8 * u(i, 7) END AS depth,
       u(i, 8) < 0.03 AND versions >= 8 AND ended AS reopens, u(i, 9) < 0.01 AND ended AS removed,
       u(i, 10) < 0.15 AS changes_owner, u(i, 11) < 0.04 AS changes_region, u(i, 12) < 0.01 AS has_no_amount,
       [7000, 26000, 95000][size + 1] * exp(1.2 * (u(i, 13) + u(i, 14) + u(i, 15) - 1.5)) AS worth
FROM (SELECT range AS i FROM range($deals))
"""

_VERSIONS: Final = """
SELECT *, CASE WHEN v = 0 THEN 0 ELSE 0.8 * u(i, 100 + v) END AS jitter,
       (born + lived * (v + jitter) / versions)::BIGINT // 1000000 * 1000000 AS happens,
       v = versions - 1 AND ended AS last, reopens AND v = versions - 4 AS lost_once,
       1 + least(4, floor(5 * depth * v / (versions - 1) * lived / life))::INT AS reached,
       greatest(1, reached - (u(i, 200 + v) < 0.04)::INT) AS place,
       CASE WHEN last AND removed THEN 'removed' WHEN last AND wins THEN 'won'
            WHEN last OR lost_once THEN 'lost' ELSE 'open' END AS status,
       CASE status WHEN 'won' THEN 6 WHEN 'lost' THEN 7 ELSE place END AS stage_order
FROM (SELECT *, unnest(range(versions)) AS v FROM deals)
"""

_HISTORY: Final = """
SELECT '006Aq' || lpad(i::VARCHAR, 10, '0') || 'AAA' AS opportunity_id,
       make_timestamp(happens) AS effective_at, make_timestamp(happens) AS recorded_at, v AS seq, status,
       ['Identified', 'Qualified', 'Free trial', 'Closing', 'Commit', 'Won', 'Lost'][stage_order] AS stage, stage_order,
       CASE WHEN NOT has_no_amount THEN round(worth * (0.75 + 0.5 * u(i, 300 + v // 3)), -2)::DECIMAL(18, 2) END AS amount,
       'EUR' AS currency,
       CASE WHEN status IN ('won', 'lost') THEN make_timestamp(happens)::DATE
            ELSE make_timestamp(greatest(born + life * (0.6 + 0.8 * u(i, 400 + v // 3)),
                                         happens + (u(i, 500 + v) - 0.1) * 60 * day_us())::BIGINT)::DATE
       END AS close_date,
       make_timestamp(born // 1000000 * 1000000) AS created_at, stage_order >= 2 AS qualified,
       [10, 20, 40, 50, 95, 100, 0][stage_order]::INT AS probability,
       ['omitted', 'pipeline', 'pipeline', 'best_case', 'commit', 'closed', 'omitted'][stage_order] AS forecast_category,
       ['EMEA', 'AMER', 'APAC', 'LATAM', 'Nordics'][1 + floor(5 * u(i, 16 + (changes_region AND v > 3)::INT))::INT] AS region,
       ['SMB', 'Mid-market', 'Enterprise'][size + 1] AS segment,
       'Owner ' || lpad(floor(500 * u(i, 18 + (changes_owner AND v > 4)::INT))::INT::VARCHAR, 3, '0') AS owner,
       'Product ' || lpad(floor(20 * u(i, 20))::INT::VARCHAR, 2, '0') AS product
FROM versions ORDER BY hash((i * 1024 + 600 + v)::BIGINT)
"""


def generate(out: Path, *, deals: int = 1_000_000, threads: int = 2, memory: str = "8GB", temp: Path | None = None) -> int:
    """Writes the history to `out` (amount as DECIMAL(18,2) in major units, probability in percent); how many versions it has."""
    out.parent.mkdir(parents=True, exist_ok=True)
    con = connect(threads=threads, memory=memory, temp=temp or out.parent / "spill")
    # One number is hashed, not two: DuckDB joins the hashes of several by xor, and such draws would depend on each other.
    con.execute("CREATE MACRO u(i, k) AS (hash((i * 1024 + k)::BIGINT) >> 11)::DOUBLE / 9007199254740992.0")
    con.execute("CREATE MACRO day_us() AS 86400000000::BIGINT")
    micros = {"$starts": f"epoch_us(DATE '{STARTS}')", "$ends": f"epoch_us(DATE '{ENDS}')", "$deals": str(deals)}
    born = _DEALS
    for name, value in micros.items():
        born = born.replace(name, value)
    lived = _VERSIONS.replace("FROM deals", f"FROM ({born})")
    ended = f"WITH versions AS ({lived.replace('$ends', micros['$ends'])}) {_HISTORY}"
    con.execute(f"COPY ({ended}) TO '{out}' (FORMAT parquet, COMPRESSION zstd)")
    row = con.execute(f"SELECT count(*) FROM '{out}'").fetchone()
    assert row is not None
    return int(row[0])


def connect(
    database: str = ":memory:", *, threads: int, memory: str, temp: Path, read_only: bool = False
) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection that keeps to its threads and memory and spills to `temp`."""
    temp.mkdir(parents=True, exist_ok=True)
    settings: dict[str, str | bool | int | float | list[str]] = {
        "threads": threads,
        "memory_limit": memory,
        "temp_directory": str(temp),
        "autoinstall_known_extensions": False,
    }
    con = duckdb.connect(database, config=settings, read_only=read_only)
    con.execute("SET TimeZone = 'UTC'")
    return con


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--deals", type=int, default=1_000_000)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", default="8GB")
    parser.add_argument("--temp", type=Path)
    given = parser.parse_args()
    began = time.perf_counter()
    versions = generate(given.out, deals=given.deals, threads=given.threads, memory=given.memory, temp=given.temp)
    size = given.out.stat().st_size / 1e6
    print(f"{given.deals:,} deals, {versions:,} versions, {size:,.0f} MB, {time.perf_counter() - began:.1f} s: {given.out}")


if __name__ == "__main__":
    main()
