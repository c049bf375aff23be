"""Who works here, and what the company has agreed on: users, teams, roles, territories, calendar, currencies, targets.

Here live no records of customers (`penstock.crm`). What is changed here is changed by `penstock.org.actions`.
"""
