"""The only code that changes the organisation: one file per idea, one function per verb.

Every verb takes who does it first (`by`; None is the system itself: a command, a migration) and a `reason`, checks that they may,
finds all faults of the input at once, and writes the change and its history (`org.models.OrgChange`) in one transaction.
It raises `org.refusals`: NotAllowed, InvalidInput, NotFound.
"""
