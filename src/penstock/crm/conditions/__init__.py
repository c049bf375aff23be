"""Conditions: the small language in which gates and rules say when something is asked for or done.

An expression of CEL, the Common Expression Language, over the fields of one record: `amount > money(50000) && filled(owner)`.
It cannot loop without end, reach anything but the record, or change anything.

An empty value is unknown: what is compared with it is neither true nor false, so that `amount > 5` does not hold where there is
no amount, and neither does `!(amount > 5)`; `amount > 5 || strategic` may still hold. Ask `filled(amount)` or `amount == null`.

Money is minor units, of the record's currency; `money(50000)` is that much of the corporate currency, and
`corporate(amount, currency)` an amount turned into it at the rate of the company's reports. Days (`close_date`, `today`) are
texts such as "2026-12-31", which compare as days do; moments (`stage_since`, `now`) compare with moments; `days_since(x)` and
`days_until(x)` take either and count days of the company's calendar. A relation is a map: `owner.role`, `account.strategic`.
"""

from __future__ import annotations

from penstock.crm.conditions.checking import check_condition
from penstock.crm.conditions.facts import facts, facts_of
from penstock.crm.conditions.holding import ConditionError, holds
from penstock.crm.conditions.reading import Reading, reading

__all__ = ["ConditionError", "Reading", "check_condition", "facts", "facts_of", "holds", "reading"]
