"""Figures in, charts out: one look for the page, the file and the e-mail.

Here live the colours (`theme`), the wording (`labels`), the numbers as they are shown (`amounts`), one module per chart,
and `save`.
No figure is computed here: charts take the machine-readable form of a report, check that it adds up, and draw it.
Neighbours: `penstock.ledger` computes the figures; the command line, the pages and the council pack show the charts.
"""

from __future__ import annotations
