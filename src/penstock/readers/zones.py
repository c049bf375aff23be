"""Time zones in SQL: abbreviations, and clock changes as a tree of comparisons, so that they are the same as zoneinfo's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from penstock.readers.faults import Fault, ReadError

# Minutes east of UTC. The American ones are those of RFC 5322 (4.3); the others have one meaning in use.
ABBREVIATIONS = {
    "z": 0,
    "ut": 0,
    "utc": 0,
    "gmt": 0,
    "wet": 0,
    "west": 60,
    "cet": 60,
    "cest": 120,
    "met": 60,
    "mest": 120,
    "eet": 120,
    "eest": 180,
    "msk": 180,
    "est": -300,
    "edt": -240,
    "cst": -360,
    "cdt": -300,
    "mst": -420,
    "mdt": -360,
    "pst": -480,
    "pdt": -420,
    "akst": -540,
    "akdt": -480,
    "hst": -600,
    "jst": 540,
    "kst": 540,
    "hkt": 480,
    "sgt": 480,
    "aest": 600,
    "aedt": 660,
    "acst": 570,
    "acdt": 630,
    "awst": 480,
    "nzst": 720,
    "nzdt": 780,
    "brt": -180,
}


def zone(name: str) -> ZoneInfo:
    """The time zone of a name; ReadError where there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as problem:
        fault = Fault(f"There is no time zone named {name!r}.", "Give --timezone a name such as Europe/Paris or UTC.")
        raise ReadError([fault]) from problem


def _offset(where: ZoneInfo, instant: datetime) -> int:
    shift = instant.astimezone(where).utcoffset()
    return 0 if shift is None else int(shift.total_seconds())


def transitions(where: ZoneInfo, first: datetime, last: datetime) -> list[tuple[datetime, int, int]]:
    """The clock changes between two naive UTC times: (instant in UTC, offset before, offset after), offsets in seconds."""
    found = []
    step = timedelta(days=7)
    low = first.replace(tzinfo=UTC)
    end = last.replace(tzinfo=UTC)
    while low < end:
        high = low + step
        before, after = _offset(where, low), _offset(where, high)
        if before != after:
            left, right = low, high
            while right - left > timedelta(seconds=1):
                middle = left + timedelta(seconds=(right - left) // timedelta(seconds=2))
                left, right = (left, middle) if _offset(where, middle) != before else (middle, right)
            found.append((right.replace(tzinfo=None), before, _offset(where, right)))
        low = high
    return found


def _tree(value: str, marks: list[tuple[datetime, int]], start: int) -> str:
    """CASE … that gives `start` before the first mark and each mark's number from it on."""
    if not marks:
        return str(start)
    middle = len(marks) // 2
    instant, following = marks[middle]
    left = _tree(value, marks[:middle], start)
    right = _tree(value, marks[middle + 1 :], following)
    return f"CASE WHEN {value} < TIMESTAMP '{instant}' THEN {left} ELSE {right} END"


def _margin(span: tuple[datetime, datetime]) -> tuple[datetime, datetime]:
    return span[0] - timedelta(days=3), span[1] + timedelta(days=3)


def to_utc_sql(value: str, where: ZoneInfo, span: tuple[datetime, datetime]) -> str:
    """SQL that takes local times (naive TIMESTAMP) to UTC. span: the first and the last local time.

    A local time that a clock change skips or doubles is read with the offset in force before the change (fold=0 in Python).
    """
    if where.key == "UTC":
        return value
    first, last = _margin(span)
    changes = transitions(where, first, last)
    marks = [(instant + timedelta(seconds=max(before, after)), after) for instant, before, after in changes]
    return f"({value} - to_seconds({_tree(value, marks, _offset(where, first.replace(tzinfo=UTC)))}))"


def to_local_sql(value: str, where: ZoneInfo, span: tuple[datetime, datetime]) -> str:
    """SQL that takes naive UTC TIMESTAMPs to local time. span: the first and the last instant."""
    if where.key == "UTC":
        return value
    first, last = _margin(span)
    marks = [(instant, after) for instant, _, after in transitions(where, first, last)]
    return f"({value} + to_seconds({_tree(value, marks, _offset(where, first.replace(tzinfo=UTC)))}))"
