"""The only code that changes records: one file per object, one function per verb.

Every verb takes an `Actor` first, checks access and input, locks, changes state, and writes history and the outbox row, all in
one transaction (`writing.Writer`). Its bulk form does the same to many records, a thousand a transaction.
"""
