"""The records: leads, accounts, contacts, opportunities, products, campaigns, activities and tasks, and their whole history.

Records are changed by `penstock.crm.actions` alone, which writes their history in the same transaction; who may see and
change them is decided in `penstock.crm.access`. What happens by itself after a change is in `penstock.loop`.
"""
