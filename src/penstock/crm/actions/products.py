"""Products: what is sold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from penstock.crm.actions import verbs
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.chunks import Outcome
from penstock.crm.actions.uniqueness import refuse_taken, require_free
from penstock.crm.actions.verbs import Draft
from penstock.crm.actions.writing import Writer
from penstock.crm.models import Product
from penstock.crm.refusals import InvalidInput
from penstock.org.company import company

EDITABLE = frozenset("name code family recurring billing_months list_price currency active custom".split())


def create_product(actor: Actor, **fields: Any) -> Product:
    """Create a product. Needs `name` and `code`, which no other product has; the rest as in EDITABLE.

    list_price: minor units of `currency` (the company's if left out) for one billing period of billing_months.
    Raises InvalidInput, NotAllowed.
    """
    return verbs.create_one(actor, "create_product", Product, EDITABLE, fields, _complete)


def create_products(actor: Actor, rows: Sequence[Mapping[str, Any]], *, at: Sequence[datetime] | None = None) -> Outcome:
    """Create many; a faulty row is refused alone, by its number from 0. at: as of `create_accounts`."""
    return verbs.create_many(actor, "create_product", Product, EDITABLE, rows, _complete, at)


def edit_product(actor: Actor, product: int, changes: Mapping[str, Any], *, revision: int | None = None) -> Product:
    """Set fields of EDITABLE; lines that were made before keep their own prices and periods."""
    return verbs.edit_one(actor, "edit_product", Product, product, changes, EDITABLE, _settle, revision=revision)


def remove_products(actor: Actor, products: Sequence[int]) -> Outcome:
    """Remove products: no new line can have them. They can be restored."""
    return verbs.remove(actor, "remove_product", Product, products)


def restore_products(actor: Actor, products: Sequence[int]) -> Outcome:
    """Bring removed products back; one whose code another has now is refused."""
    return verbs.restore(actor, "restore_product", Product, products, _require_own_code)


def _complete(writer: Writer, drafts: Sequence[Draft]) -> None:
    refuse_taken(writer, Product, "code", drafts)
    currency = company().corporate_currency
    for draft in drafts:
        for name in ("name", "code"):
            if not draft.values.get(name):
                draft.refuse(name, _("This is needed."))
        if draft.values.get("billing_months") == 0:
            draft.refuse("billing_months", _("A billing period has at least one month."))
        if (draft.values.get("list_price") or 0) < 0:
            draft.refuse("list_price", _("A price is not below zero."))
        draft.values["currency"] = draft.values.get("currency") or currency


def _settle(writer: Writer, product: Product, values: dict[str, Any]) -> None:
    needed = ("name", "code", "currency")
    faults: dict[str, list[str]] = {name: [_("This is needed.")] for name in needed if name in values and not values[name]}
    if values.get("billing_months") == 0:
        faults["billing_months"] = [_("A billing period has at least one month.")]
    if (values.get("list_price") or 0) < 0:
        faults["list_price"] = [_("A price is not below zero.")]
    if faults:
        raise InvalidInput(faults)
    if values.get("code", product.code) != product.code:
        require_free(writer, product, "code", values["code"])


def _require_own_code(writer: Writer, product: Product) -> None:
    require_free(writer, product, "code", product.code)
