"""The invented company as an installation of Penstock: its people, accounts, deals, touches and quotas of three years.

Deals live as in `penstock.demo.life`; here they get owners in five selling roles, contacts, touches and targets, and
are entered through the bulk actions, as an import would be. The same seed and day always give the same company.
"""
