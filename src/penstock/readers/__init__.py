"""Files and warehouses in, canonical histories out (`penstock.ledger.schema`).

Here live reading files as they are, telling what their columns mean, one module per shape of file (versions, field changes, stage
history, snapshots, event log, current state) and one recipe per product. What a file leaves open is refused with words (`faults`).
Here lives no figure: nothing is added up, and no deal is judged.
Neighbours: `penstock.ledger` takes the histories; `penstock.library` and `penstock.cli` call the readers.
"""
