"""The invented company: Aquifer Systems, and files of its history to try Penstock on.

What lives here: the company's people and accounts (people), its days (days), the life of one deal (life), what happens to
many deals (events), and the two forms in which its history is written: a canonical history (company) and a pair of files
as Salesforce exports them (salesforce). `penstock sample` writes the first and looks at it. The firm (firm) is the same company
as an installation of Penstock.
What does not live here: any figure. Nothing here is drawn from a real company; the ledger and the readers know nothing of it.
"""

from __future__ import annotations

from penstock.demo.company import write_history
from penstock.demo.salesforce import write_salesforce_export

__all__ = ["write_history", "write_salesforce_export"]
