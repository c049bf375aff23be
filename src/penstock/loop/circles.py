"""Rules that set each other off: a chain of them ends, and so does a circle."""

from __future__ import annotations

from django.utils.translation import gettext as _

from penstock.crm.actions.actor import MAXIMUM_DEPTH
from penstock.crm.models import Change
from penstock.crm.refusals import Refusal, TooDeep
from penstock.loop.doing import Item
from penstock.loop.models import Rule, RuleRun


class InACircle(Refusal):
    """A rule was set off again by what it had itself led to."""

    code = "circle"


def stopped(rule: Rule, item: Item) -> Refusal | None:
    """Why a rule shall not act: the chain of causes is too long, or it has acted for this record in this very chain; else None.

    The length alone would not do: two rules that answer each other double what there is to do at every step.
    """
    if item.event is None or item.event.change.depth == 0:
        return None
    if item.event.change.depth >= MAXIMUM_DEPTH:
        return TooDeep(_("A chain of %(count)s rules that set each other off was stopped.") % {"count": MAXIMUM_DEPTH})
    runs = RuleRun.objects.filter(record_type=rule.record_type, record_id=item.record.pk, rule_id=rule.pk)
    if runs.filter(change_id__in=_causes(item.event.change)).exists():
        return InACircle(_("What this rule did has set it off again; it acts once in a chain of changes."))
    return None


def _causes(change: Change) -> list[int]:
    found = []
    cause = change.caused_by_id
    while cause is not None:
        found.append(cause)
        cause = Change.objects.filter(pk=cause).values_list("caused_by_id", flat=True).first()
    return found
