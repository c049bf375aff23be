"""Tiny histories for the stage figures: versions as a test writes them, and the movements they make, in plain Python."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from hypothesis import strategies as st

from penstock.ledger.engine import dimension_column
from penstock.ledger.schema import FOREVER, LOST, NONE, OPEN, REMOVED, UNQUALIFIED, WON
from penstock.ledger.stage_entries import looking_ahead

DAY = 86_400_000_000
HOUR = 3_600_000_000


@dataclass(frozen=True)
class V:
    """A version: of which deal, from which instant (microseconds), its place among those of one instant, and what holds then."""

    deal: str
    at: int
    seq: int = 0
    state: int = OPEN
    stage: str | None = None
    order: int | None = None
    amount: int = 0
    close: int | None = None
    created: int | None = None
    region: str | None = None


def lines(versions: Iterable[V]) -> dict[str, list[V]]:
    """Each deal's versions in order."""
    deals: dict[str, list[V]] = defaultdict(list)
    for version in sorted(versions, key=lambda v: (v.at, v.seq)):
        deals[version.deal].append(version)
    return dict(deals)


def rows(versions: Iterable[V], dimension: str = "region") -> pa.Table:
    """Movements of these versions as an Arrow table, the region under the name of any dimension."""
    made: list[dict[str, Any]] = []
    for deal, line in lines(versions).items():
        for i, after in enumerate(line):
            before = line[i - 1] if i else V(deal, 0, state=NONE)
            row: dict[str, Any] = {
                "opportunity_id": deal,
                "seq": after.seq,
                "begins": after.at,
                "before_begins": line[i - 1].at if i else None,
                "ends": line[i + 1].at if i + 1 < len(line) else FOREVER,
                "created": after.created,
                "counted": any(v.state == OPEN for v in line[:i]),
            }
            for side, v in (("before", before), ("after", after), ("now", line[-1])):
                row |= {f"{side}_stage": v.stage, f"{side}_{dimension_column(dimension)}": v.region, f"{side}_currency": "EUR"}
                row |= {f"{side}_state": v.state, f"{side}_amount": v.amount, f"{side}_close": v.close}
                row |= {f"{side}_stage_order": v.order, f"{side}_probability": 0, f"{side}_weighted": 0}
            made.append(row)
    texts = [
        f"{side}_{name}" for side in ("before", "after", "now") for name in ("stage", dimension_column(dimension), "currency")
    ]
    kinds: dict[str, pa.DataType] = {"opportunity_id": pa.string(), "counted": pa.bool_()}
    kinds |= {name: pa.int64() for name in ("seq", "begins", "before_begins", "ends", "created")}
    kinds |= {f"{side}_{name}": pa.int64() for side in ("before", "after") for name in ("amount", "weighted")}
    kinds |= {f"{side}_state": pa.int8() for side in ("before", "after")}
    kinds |= {f"{side}_{name}": pa.int32() for side in ("before", "after") for name in ("close", "stage_order", "probability")}
    return pa.Table.from_pylist(made, pa.schema({**kinds, **dict.fromkeys(texts, pa.string())}))


def movements(versions: Iterable[V], dimension: str = "region") -> ir.Table:
    """The same on a DuckDB."""
    return looking_ahead(ibis.memtable(rows(versions, dimension)))


STAGES = {"Lead": 1, "Demo": 2, "Offer": 3, "Talks": 4, "Done": 6, "Dropped": 7, "Odd": None}
INSTANTS = tuple(DAY * day // 2 for day in range(12))


@st.composite
def histories(draw: st.DrawFn) -> list[V]:
    """A few deals with skips, ties, backward moves, reopenings, gaps, deals created won, stages without an order or a name."""
    versions: list[V] = []
    stages = st.sampled_from([*STAGES, "Lead", "Demo", "Offer", "Talks", None])
    states = st.sampled_from([OPEN, OPEN, OPEN, OPEN, UNQUALIFIED, WON, LOST, REMOVED])
    for deal in range(draw(st.integers(1, 4))):
        ats = sorted(draw(st.lists(st.sampled_from(INSTANTS), min_size=1, max_size=6)))
        created = draw(st.one_of(st.none(), st.sampled_from(INSTANTS)))
        # Sequence numbers fall from deal to deal, so that only the order within an instant can be read from them.
        for i, at in enumerate(ats):
            stage = draw(stages)
            order = STAGES.get(stage or "")
            if order and draw(st.integers(0, 15)) == 0:
                order += 1  # the stage was given another order
            versions.append(
                V(
                    f"D{deal}",
                    at + draw(st.sampled_from([0, 0, 0, 1, HOUR + 7])) if i == 0 or at > ats[i - 1] else versions[-1].at,
                    seq=100 - 10 * deal + i,
                    state=draw(states),
                    stage=stage,
                    order=order,
                    amount=draw(st.integers(-2, 9)),
                    close=draw(st.one_of(st.none(), st.integers(0, 6))),
                    created=created,
                    region=draw(st.sampled_from(["EMEA", "APAC", None])),
                )
            )
    return draw(st.permutations(versions))
