"""What is compared of an account, a contact or a lead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from penstock.crm.domains import MAILBOXES, company_domain, domain_of
from penstock.crm.models.record import Record
from penstock.crm.names import folded, name_key
from penstock.crm.phones import phone_key
from penstock.crm.record_types import record_type

# The columns that facts are made of, by kind of record.
COLUMNS: dict[str, tuple[str, ...]] = {
    "account": ("pk", "name", "name_key", "domain", "website", "phone", "country"),
    "contact": (
        *("pk", "first_name", "last_name", "email", "phone", "mobile", "country", "account_id"),
        *("account__name_key", "account__domain", "account__country"),
    ),
    "lead": ("pk", "first_name", "last_name", "email", "company", "website", "phone", "country", "account_id"),
}


@dataclass(frozen=True, slots=True)
class Facts:
    """A record as it is compared. name: shown to people. person, company: names as they are compared (`crm.names`).

    domain: the company's, never one where anybody may have a mailbox. phones: digits. account: the id of a contact's.
    """

    kind: str
    pk: int | None
    name: str
    person: str = ""
    company: str = ""
    email: str = ""
    domain: str = ""
    phones: frozenset[str] = frozenset()
    country: str = ""
    account: int | None = None


def facts_of(record: Record, hidden: frozenset[str] = frozenset()) -> Facts:
    """The facts of a record, saved or not. hidden: fields that the viewer does not see, which are not compared."""
    kind = record_type(type(record))
    values: dict[str, Any] = {}
    for name in COLUMNS[kind]:
        first, _, rest = name.partition("__")
        holder = getattr(record, first) if rest else record
        values[name] = getattr(holder, rest or name, "") if holder is not None else ""
    return facts(kind, values, hidden)


def facts(kind: str, values: Mapping[str, Any], hidden: frozenset[str] = frozenset()) -> Facts:
    """The facts of a record whose COLUMNS are given."""
    seen = {name: "" if name.partition("__")[0].removesuffix("_id") in hidden else value or "" for name, value in values.items()}
    return _MADE[kind](seen)


def _account(values: Mapping[str, Any]) -> Facts:
    return Facts(
        kind="account",
        pk=values["pk"] or None,
        name=values["name"],
        company=values["name_key"] or name_key(values["name"]),
        domain=_own(values["domain"] or domain_of(values["website"])),
        phones=_phones(values["country"], values["phone"]),
        country=values["country"].upper(),
    )


def _contact(values: Mapping[str, Any]) -> Facts:
    country = values["country"] or values["account__country"]
    return Facts(
        kind="contact",
        pk=values["pk"] or None,
        name=_shown(values),
        person=_person(values),
        company=values["account__name_key"],
        email=values["email"].lower(),
        domain=company_domain(values["email"].lower()) or _own(values["account__domain"]),
        phones=_phones(country, values["phone"], values["mobile"]),
        country=country.upper(),
        account=values["account_id"] or None,
    )


def _lead(values: Mapping[str, Any]) -> Facts:
    return Facts(
        kind="lead",
        pk=values["pk"] or None,
        name=_shown(values) or values["company"],
        person=_person(values),
        company=name_key(values["company"]) if values["company"] else "",
        email=values["email"].lower(),
        domain=company_domain(values["email"].lower()) or _own(domain_of(values["website"])),
        phones=_phones(values["country"], values["phone"]),
        country=values["country"].upper(),
        account=values["account_id"] or None,
    )


def _shown(values: Mapping[str, Any]) -> str:
    return " ".join(filter(None, (values["first_name"], values["last_name"]))) or str(values["email"])


def _person(values: Mapping[str, Any]) -> str:
    named = " ".join(filter(None, (values["first_name"], values["last_name"])))
    return " ".join("".join(sign if sign.isalnum() else " " for sign in folded(named)).split())


def _own(domain: str) -> str:
    return "" if domain in MAILBOXES else domain


def _phones(country: str, *phones: str) -> frozenset[str]:
    return frozenset(key for phone in phones if phone and (key := phone_key(phone, country)))


_MADE = {"account": _account, "contact": _contact, "lead": _lead}
