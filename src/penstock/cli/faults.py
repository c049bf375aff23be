"""What is wrong with a file, for people: what, where, and how to mend it."""

from __future__ import annotations

from penstock.readers.faults import Fault, ReadError


def explained(error: ReadError) -> list[str]:
    """Lines that tell every fault of a refused input."""
    count = len(error.faults)
    lines = ["The input was refused; nothing was written." if count == 1 else f"The input was refused for {count} reasons:"]
    for number, fault in enumerate(error.faults, start=1):
        lines += [f"{f'{number}. ' if count > 1 else ''}{fault.what}", *(f"   {text}" for text in _details(fault))]
    return lines


def _details(fault: Fault) -> list[str]:
    lines = []
    if fault.rows:
        shown = [
            f"row {row}" + (f": {fault.values[place]!r}" if place < len(fault.values) else "")
            for place, row in enumerate(fault.rows)
        ]
        more = fault.count - len(fault.rows)
        lines.append("; ".join(shown) + (f"; and {more} more" if more > 0 else ""))
    elif fault.values:
        lines.append("values: " + ", ".join(map(repr, fault.values)))
    if fault.remedy:
        lines.append(fault.remedy)
    return lines
