"""The firm's accounts and their people, and the way of each account through the loop."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from penstock.crm.actions.accounts import create_accounts
from penstock.crm.actions.contacts import create_contacts
from penstock.crm.actions.imported_statuses import Entry, import_account_histories
from penstock.crm.actions.subscriptions import end_subscription
from penstock.crm.models import Account, AccountStatus, Contact, Subscription
from penstock.demo.days import at_desk, working_day
from penstock.demo.firm.build import Firm
from penstock.demo.firm.deals import FirmDeal
from penstock.demo.firm.names import TITLES, person, slug
from penstock.demo.firm.organisation import country

_EMPLOYEES = {"SMB": (12, 180), "Mid-market": (200, 1_800), "Enterprise": (2_000, 40_000)}
_TOOLS = ("Weirworks", "spreadsheets", "Torrent Suite", "paper forms", "Sluicebox", "an ERP module")
# Of a hundred yearly contracts, how many are not renewed.
_CHURN = 9


def enter_accounts(firm: Firm) -> None:
    """Every account that ever had a deal, from a few weeks before its first one, and two or three people at each."""
    rng = firm.random("accounts")
    rows, moments = [], []
    for number, (name, made) in enumerate(_first_deals(firm).items()):
        facts = made.versions[0].values
        low, high = _EMPLOYEES[facts["segment"]]
        employees = round(low * (high / low) ** rng.random())
        rows.append(
            {
                "name": name,
                "domain": f"{slug(name)}.example",
                "industry": facts["industry"],
                "segment": facts["segment"],
                "region": facts["region"],
                "country": country(firm, facts["region"], rng.randrange(100)),
                "employees": employees,
                "revenue": employees * rng.randint(90, 260) * 1_000_00,
                "revenue_currency": "EUR",
                "business_kind": "b2b",
                "icp_score": min(100, max(5, round(rng.gauss(62, 18)))),
                "potential": "high" if rng.random() < 0.6 else "low",
                "strategic": facts["segment"] == "Enterprise" and rng.random() < 0.2,
                "tools": rng.sample(_TOOLS, rng.choice((1, 1, 2))),
                "website": f"https://{slug(name)}.example",
                "owner": firm.by(facts["owner"]),
            }
        )
        moments.append(made.born - timedelta(days=20 + number % 60))
    ids = firm.entered("accounts", create_accounts(firm.actor, rows, at=moments))
    found = Account.objects.in_bulk(ids)
    firm.accounts = {found[pk].name: found[pk] for pk in ids}
    _enter_contacts(firm, rng)


def _enter_contacts(firm: Firm, rng: Random) -> None:
    rows: list[dict[str, Any]] = []
    moments = []
    taken: set[str] = set()
    for account in firm.accounts.values():
        for title, persona, role in rng.sample(TITLES, rng.choice((2, 2, 3))):
            first, last = person(rng)
            email = f"{slug(first)}.{slug(last)}@{account.domain}"
            if email in taken:
                continue
            taken.add(email)
            rows.append(
                {
                    "email": email,
                    "first_name": first,
                    "last_name": last,
                    "account": account.pk,
                    "title": title,
                    "persona": persona,
                    "role": role,
                    "country": account.country,
                    "owner": account.owner_id,
                }
            )
            moments.append(account.created_at)
    ids = firm.entered("contacts", create_contacts(firm.actor, rows, at=moments))
    for contact in Contact.objects.filter(pk__gte=ids[0]).order_by("pk"):
        firm.contacts.setdefault(contact.account_id or 0, []).append(contact)


def enter_statuses(firm: Firm) -> None:
    """Each account's way: target at the first touch, working with a deal, customer when won, backlog when lost, churn."""
    rng = firm.random("statuses")
    ends = _enter_churn(firm, rng)
    deals: dict[str, list[FirmDeal]] = {}
    for made in firm.deals:
        deals.setdefault(made.versions[0].values["account"], []).append(made)
    histories = []
    for name, account in firm.accounts.items():
        entries = _way(firm, rng, deals[name], ends.get(account.pk))
        own = [entry for entry in entries if account.created_at < entry.at < firm.now]
        if own:
            histories.append((account.pk, own))
    firm.entered("ways through the loop", import_account_histories(firm.actor, histories))


def _way(firm: Firm, rng: Random, deals: list[FirmDeal], churned: datetime | None) -> list[Entry]:
    """The statuses of an account, oldest first, none twice in a row."""
    first = deals[0].born
    events: list[tuple[datetime, str, str]] = [
        (first - timedelta(days=rng.randint(8, 14)), AccountStatus.QUALIFIED_POOL, "Fits the ideal customer"),
        (first - timedelta(days=rng.randint(1, 6)), AccountStatus.TARGET, "First activity"),
    ]
    for made in deals:
        events.append((made.born, AccountStatus.WORKING, "Opportunity opened"))
        if made.last("stage") == 6:
            events.append((made.ends, AccountStatus.CUSTOMER, "Opportunity won"))
        elif made.last("stage") == 7:
            events.append((made.ends, AccountStatus.BACKLOG, "Opportunity lost"))
    if churned:
        events.append((churned, AccountStatus.CHURN, "Subscription ended"))
    found: list[Entry] = []
    customer = False
    for at, status, reason in sorted(events, key=lambda event: event[0]):
        if customer and status in (AccountStatus.BACKLOG, AccountStatus.WORKING):
            continue  # a customer stays one while further deals come and go
        customer = status == AccountStatus.CUSTOMER or (customer and status != AccountStatus.CHURN)
        if (found and (found[-1].status == status or found[-1].at >= at)) or at >= firm.now:
            continue
        until = at + timedelta(days=rng.choice((90, 180, 365))) if status == AccountStatus.BACKLOG else None
        found.append(Entry(at, status, reason, until))
    return found


def _enter_churn(firm: Firm, rng: Random) -> dict[int, datetime]:
    """Some contracts are not renewed at their first anniversary; returns when accounts were left with none."""
    ends: dict[int, datetime] = {}
    running: dict[int, int] = {}
    subscriptions = list(Subscription.objects.filter(removed_at__isnull=True).order_by("pk"))
    for one in subscriptions:
        running[one.account_id] = running.get(one.account_id, 0) + 1
    count = 0
    for one in subscriptions:
        on = one.starts_on + timedelta(days=365)
        if on >= firm.now.date() or rng.randrange(100) >= _CHURN * 2:
            continue
        at = at_desk(rng, working_day(on, back=True))
        if at >= firm.now:
            continue
        end_subscription(
            firm.actor.but(at=at), one.pk, on, rng.choice(("price", "went out of business", "missing feature", "merged"))
        )
        count += 1
        running[one.account_id] -= 1
        if not running[one.account_id]:
            ends[one.account_id] = at
    firm.said("subscriptions ended", count)
    return ends


def _first_deals(firm: Firm) -> dict[str, FirmDeal]:
    found: dict[str, FirmDeal] = {}
    for made in firm.deals:
        found.setdefault(made.versions[0].values["account"], made)
    return found
