"""What is done behind the pages: events of the outbox, background jobs, and what recurs by the clock.

`run.run` is the worker itself. `outbox` hands each event to its subscribers, `queue` keeps and carries out the jobs that are
declared in `jobs`, `schedule` says what recurs. Everything waits in the database, so that it survives whatever happens to the
process, and any number of workers share it. What is done to records is done through `penstock.crm.actions`.
"""
