"""What happens by itself: the account loop, the rules that turn it, the clock, assignment and alerts.

Rules are data (`loop.models.Rule`), the loop's own ones shipped in `loop/shipped`. Whatever a rule does to a record it does
through `penstock.crm.actions`, so that history says who, when and why. Who calls `running.handle` for each event, and
`clock.tick` from time to time, is `penstock.worker`.
"""
