"""Lines of imported deals, the values that follow from them, and the subscriptions that the won ones started."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from penstock.crm.actions.actor import Actor
from penstock.crm.actions.imported_versions import ImportedDeal
from penstock.crm.actions.intake import Intake
from penstock.crm.actions.lines import EDITABLE, made, values_from
from penstock.crm.actions.lookups import look_up
from penstock.crm.actions.past_rows import Image
from penstock.crm.actions.subscriptions import started
from penstock.crm.actions.writing import Writer
from penstock.crm.models import Opportunity, OpportunityLine, Product, Status
from penstock.crm.refusals import InvalidInput
from penstock.org.company import company


@dataclass
class GivenLines:
    """rows: values of the lines, by attribute name. values: amount, tcv, mrr and product that follow from them."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)


def given_lines(actor: Actor, deals: Sequence[ImportedDeal]) -> list[GivenLines | InvalidInput]:
    """The lines of each deal, or what is wrong with them (`lines.0.quantity`).

    What follows from them stands where no version says something else: the amounts of a history are as they were.
    """
    intake = Intake(actor, OpportunityLine, EDITABLE)
    intake.expect(row for deal in deals for row in deal.lines)
    currency = company().corporate_currency
    return [_given(actor, intake, deal, currency) for deal in deals]


def _given(actor: Actor, intake: Intake, deal: ImportedDeal, currency: str) -> GivenLines | InvalidInput:
    faults: dict[str, list[str]] = {}
    lines: list[OpportunityLine] = []
    spoken = [version.fields["currency"] for version in deal.versions if version.fields.get("currency")]
    owner = Opportunity(currency=str(spoken[-1]).upper() if spoken else currency)
    rows = []
    for number, row in enumerate(deal.lines):
        try:
            line = _line(actor, intake, owner, row, number + 1)
        except InvalidInput as fault:
            faults |= {f"lines.{number}.{name}": messages for name, messages in fault.faults.items()}
            continue
        lines.append(line)
        rows.append({column.attname: getattr(line, column.attname) for column in OpportunityLine._meta.concrete_fields})
    return InvalidInput(faults) if faults else GivenLines(rows, values_from(lines))


def _line(actor: Actor, intake: Intake, owner: Opportunity, row: Mapping[str, Any], position: int) -> OpportunityLine:
    values = intake.of(row)
    product = look_up(actor.user, Product, [values["product_id"]]).get(values["product_id"]) if "product_id" in values else None
    if product is None:
        raise InvalidInput({"product": [_("This is needed.")]})
    return made(owner, values, product, position)


def write_lines(writer: Writer, deals: Sequence[tuple[int, Image, list[dict[str, Any]]]]) -> None:
    """Create the lines of deals that were just written, and the subscriptions of those that are won, at their own moments."""
    lines, moments, subscriptions, starts = [], [], [], []
    for pk, image, rows in deals:
        own = [OpportunityLine(**row | {"opportunity_id": pk, "created_at": image.created_at}) for row in rows]
        lines += own
        moments += [image.created_at] * len(own)
        if image.status == Status.WON and (own or image.mrr):
            new = started(Opportunity(**vars(image), id=pk), own)
            subscriptions += new
            starts += [image.closed_at] * len(new)
    writer.create(lines, at=moments, verb=None)
    writer.create(subscriptions, at=starts, verb=None)
