"""The small files that the tests of the command line write, and what their figures are, reached by hand."""

from __future__ import annotations

from pathlib import Path

# O1 won · O2 grown · O3 new · O4 lost · O5 overdue · O6 moves to another region · O7 beyond the horizon.
HISTORY = """\
opportunity_id,effective_at,status,stage,stage_order,amount,currency,close_date,created_at,probability,region,owner
O1,2025-12-01T08:00:00Z,open,Discovery,1,100000.00,EUR,2026-03-15,2025-12-01T08:00:00Z,20,EMEA,Ada
O1,2026-02-01T08:00:00Z,won,Closed Won,3,100000.00,EUR,2026-02-01,2025-12-01T08:00:00Z,100,EMEA,Ada
O2,2025-12-10T08:00:00Z,open,Proposal,2,50000.50,EUR,2026-06-30,2025-12-10T08:00:00Z,50,EMEA,Bo
O2,2026-02-20T08:00:00Z,open,Proposal,2,60000.50,EUR,2026-06-30,2025-12-10T08:00:00Z,50,EMEA,Bo
O3,2026-01-15T08:00:00Z,open,Discovery,1,20000.00,EUR,2026-03-31,2026-01-15T08:00:00Z,20,AMER,Ada
O4,2025-11-01T08:00:00Z,open,Proposal,2,30000.00,EUR,2026-05-31,2025-11-01T08:00:00Z,50,AMER,Bo
O4,2026-03-10T08:00:00Z,lost,Closed Lost,3,30000.00,EUR,2026-03-10,2025-11-01T08:00:00Z,0,AMER,Bo
O5,2025-11-01T08:00:00Z,open,Proposal,2,7000.00,EUR,2025-12-15,2025-11-01T08:00:00Z,50,AMER,Bo
O6,2025-12-01T08:00:00Z,open,Discovery,1,5000.00,EUR,2026-09-30,2025-12-01T08:00:00Z,20,EMEA,Ada
O6,2026-02-14T09:30:00Z,open,Discovery,1,5000.00,EUR,2026-09-30,2025-12-01T08:00:00Z,20,AMER,Ada
O7,2025-12-01T08:00:00Z,open,Discovery,1,1000.00,EUR,2027-02-15,2025-12-01T08:00:00Z,20,EMEA,Ada
"""

# The window is the first quarter of 2026; money in cents.
TOTAL = {"starting": 18500050, "new": 2000000, "change": 1000000, "won": -10000000, "lost": -3000000, "ending": 8500050}
EMEA = {"starting": 15500050, "new": 0, "change": 500000, "won": -10000000, "lost": 0, "ending": 6000050}
AMER = {"starting": 3000000, "new": 2000000, "change": 500000, "won": 0, "lost": -3000000, "ending": 2500000}

# Two files as a CRM exports them: the deals of today, and the log of their changes.
OPPORTUNITIES = """\
Id,Name,StageName,Amount,CurrencyIsoCode,CloseDate,CreatedDate,IsClosed,IsWon,Region
006A,Alpha,Negotiation,120.00,EUR,2026-04-30,2026-01-10T09:00:00.000+0000,false,false,EMEA
006B,Beta,Closed Won,80.00,EUR,2026-03-20,2025-12-05T09:00:00.000+0000,true,true,AMER
"""
FIELD_HISTORY = """\
OpportunityId,Field,OldValue,NewValue,CreatedDate
006A,Amount,100.00,120.00,2026-03-01T09:00:00.000+0000
006A,StageName,Discovery,Negotiation,2026-02-15T09:00:00.000+0000
006B,StageName,Discovery,Closed Won,2026-03-20T09:00:00.000+0000
"""

RATES = "currency,fiscal_year,rate\nUSD,2026,0.9\n"


def write(folder: Path, name: str, text: str) -> Path:
    """A file of this text, as a program or a person would have saved it."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
