"""A report that does not tie out is not shown: it is an error that names the deals."""

from __future__ import annotations

from collections.abc import Sequence

from penstock.ledger.money import to_major


class TieOutError(Exception):
    """Starting + new + change + won + lost is not ending, for some deals.

    deals: (opportunity_id, residual in minor units) of up to twenty of them. total: the sum of all residuals.
    """

    def __init__(self, deals: Sequence[tuple[str, int]], total: int, currency: str, exponent: int) -> None:
        self.deals, self.total = tuple(deals), total
        listed = ", ".join(f"{deal} ({to_major(residual, exponent)})" for deal, residual in self.deals)
        super().__init__(
            f"The waterfall does not tie out: residual {to_major(total, exponent)} {currency}. Deals: {listed}. "
            f"The figures are withheld. Run `penstock check` on the history; if it finds nothing, this is a fault of Penstock."
        )
