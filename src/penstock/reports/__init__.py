"""Questions asked of the company's own history: the bridge between the records and the ledger.

`source` gives the ledger its tables for one viewer; each further module asks one kind of question. Here live no formula (they
are the ledger's) and no page. What a viewer may not see is left out here, by what `penstock.crm.access` says.
"""
