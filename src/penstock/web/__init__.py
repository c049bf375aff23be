"""The pages: one folder per page or family of pages, and the templates and styles that they share.

Views ask `penstock.reports` and call `penstock.crm.actions`; they hold no rule of the business.
"""
