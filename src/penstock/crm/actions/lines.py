"""Lines of an opportunity: added, edited, removed, replaced. Its amount, TCV, MRR and main product follow at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from penstock.crm.actions.actor import Actor
from penstock.crm.actions.intake import Intake
from penstock.crm.actions.subscriptions import follow
from penstock.crm.actions.writing import Writer, change
from penstock.crm.deriving import derived, values_of_lines
from penstock.crm.models import Opportunity, OpportunityLine, Product, Status
from penstock.crm.refusals import InvalidInput, NotFound

EDITABLE = frozenset(
    "product position description quantity unit_price discount recurring billing_months term_months starts_on custom".split()
)


def add_line(actor: Actor, opportunity: int, fields: Mapping[str, Any], *, revision: int | None = None) -> OpportunityLine:
    """Add a line. Needs `product`; the rest as in EDITABLE. revision: the opportunity's.

    unit_price: minor units of the opportunity's currency for one billing period, the product's list price if left out, as are
    recurring and billing_months; quantity: thousandths; discount: basis points off; term_months of a recurring line.
    Raises StaleWrite, InvalidInput, NotAllowed, NotFound.
    """
    with change(actor, "add_line") as writer:
        deal = _deal(writer, opportunity, revision)
        lines = _lines(deal)
        line = _made(writer, deal, fields, len(lines) + 1)
        writer.create([line], verb=None)
        _follow(writer, deal, [*lines, line])
        return line


def edit_line(actor: Actor, line: int, changes: Mapping[str, Any], *, revision: int | None = None) -> OpportunityLine:
    """Set fields of EDITABLE of a line. revision: the line's."""
    with change(actor, "edit_line") as writer:
        record, lines = _asked(writer, line, revision)
        values = Intake(actor, OpportunityLine, EDITABLE).of(changes, existing=record)
        _require_sense(values)
        writer.update(record, verb=None, **values)
        _follow(writer, record.opportunity, lines)
        return record


def remove_line(actor: Actor, line: int, *, revision: int | None = None) -> OpportunityLine:
    """Remove a line. An opportunity whose last line goes keeps its amount, which is then set by hand."""
    with change(actor, "remove_line") as writer:
        record, lines = _asked(writer, line, revision)
        writer.update(record, verb=None, removed_at=writer.at)
        _follow(writer, record.opportunity, [one for one in lines if one.pk != record.pk])
        return record


def replace_lines(
    actor: Actor, opportunity: int, rows: Sequence[Mapping[str, Any]], *, revision: int | None = None
) -> list[OpportunityLine]:
    """Put these lines in the place of all that were there. Raises InvalidInput with every fault, by row number from 1."""
    with change(actor, "replace_lines") as writer:
        deal = _deal(writer, opportunity, revision)
        faults: dict[str, list[str]] = {}
        new = []
        for number, row in enumerate(rows, 1):
            try:
                new.append(_made(writer, deal, row, number))
            except InvalidInput as fault:
                faults |= {f"{number}.{name}": messages for name, messages in fault.faults.items()}
        if faults:
            raise InvalidInput(faults)
        for line in _lines(deal):
            writer.update(line, verb=None, removed_at=writer.at)
        writer.create(new, verb=None)
        _follow(writer, deal, new)
        return new


def values_from(lines: Sequence[OpportunityLine]) -> dict[str, Any]:
    """What an opportunity's lines make of it: amount (ACV), tcv and mrr in minor units, and the `product_id` worth most.

    Nothing where there are no lines.
    """
    if not lines:
        return {}
    found: dict[str, Any] = dict(values_of_lines([vars(line) for line in lines]))
    main = max(lines, key=lambda line: (values_of_lines([vars(line)])["tcv"], -line.position))
    return found | {"product_id": main.product_id}


def made(deal: Opportunity, values: Mapping[str, Any], product: Product, position: int) -> OpportunityLine:
    """A line of validated values, the product's own where they say nothing. Raises InvalidInput."""
    if product.removed_at or not product.active:
        raise InvalidInput({"product": [_("%(name)s is not on sale any more.") % {"name": product}]})
    _require_sense(values)
    filled = {"recurring": product.recurring, "billing_months": product.billing_months, "position": position} | dict(values)
    if filled.get("unit_price") is None:
        if product.list_price is None or product.currency != deal.currency:
            text = _("%(name)s has no list price in %(currency)s. Give the price.")
            raise InvalidInput({"unit_price": [text % {"name": product, "currency": deal.currency}]})
        filled["unit_price"] = product.list_price
    return OpportunityLine(opportunity_id=deal.pk, **filled)


def _made(writer: Writer, deal: Opportunity, fields: Mapping[str, Any], position: int) -> OpportunityLine:
    values = Intake(writer.actor, OpportunityLine, EDITABLE).of(fields)
    product = Product.objects.filter(pk=values.get("product_id") or 0).first()
    if product is None:
        raise InvalidInput({"product": [_("This is needed.")]})
    return made(deal, values, product, position)


def _require_sense(values: Mapping[str, Any]) -> None:
    faults: dict[str, list[str]] = {}
    if values.get("discount", 0) > 10_000:
        faults["discount"] = [_("A discount lies between 0 and 100 %.")]
    if values.get("billing_months") == 0:
        faults["billing_months"] = [_("A billing period has at least one month.")]
    for name in ("quantity", "unit_price"):
        if (values.get(name) or 0) < 0:
            faults[name] = [_("This is not below zero.")]
    if faults:
        raise InvalidInput(faults)


def _deal(writer: Writer, pk: int, revision: int | None) -> Opportunity:
    deal = writer.locked(Opportunity, [pk], revisions={} if revision is None else {pk: revision})[pk]
    writer.require("edit", deal)
    if deal.removed_at:
        raise InvalidInput({"removed_at": [_("This is removed; restore it first.")]})
    return deal


def _lines(deal: Opportunity) -> list[OpportunityLine]:
    there = OpportunityLine.objects.filter(opportunity=deal, removed_at__isnull=True).order_by("position", "id")
    return list(there.select_for_update())


def _asked(writer: Writer, pk: int, revision: int | None) -> tuple[OpportunityLine, list[OpportunityLine]]:
    """A line, its opportunity locked first, among all of that opportunity's lines."""
    known = OpportunityLine.objects.filter(pk=pk).values_list("opportunity_id", flat=True).first()
    if known is None:
        raise NotFound("opportunity_line", [pk])
    deal = _deal(writer, known, None)
    found = writer.locked(OpportunityLine, [pk], revisions={} if revision is None else {pk: revision})[pk]
    if found.removed_at:
        raise InvalidInput({"line": [_("This line is removed.")]})
    lines = _lines(deal)
    found.opportunity = deal
    return found, [found if line.pk == pk else line for line in lines]


def _follow(writer: Writer, deal: Opportunity, lines: Sequence[OpportunityLine]) -> None:
    writer.update(deal, verb=None, **values_from(lines))
    writer.update(deal, verb=None, **derived(deal, deal.stage, deal.pipeline))
    if deal.status == Status.WON:
        follow(writer, [deal], lines={deal.pk: list(lines)})
