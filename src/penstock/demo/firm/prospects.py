"""Campaigns with their costs and members, and the leads that they bring."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from penstock.crm.actions.campaign_members import add_contacts
from penstock.crm.actions.campaigns import add_costs, create_campaigns
from penstock.crm.actions.leads import create_leads
from penstock.demo.firm.build import Firm, spread
from penstock.demo.firm.names import person, slug
from penstock.demo.firm.staff import REGIONS, STAFF

_KINDS = (
    ("Webinar: {topic}", "event", 4_000_00),
    ("Trade fair {place}", "event", 32_000_00),
    ("Search advertising {topic}", "digital", 18_000_00),
    ("Account programme {place}", "abm", 24_000_00),
    ("Guide: {topic}", "demand_generation", 6_000_00),
    ("Seller training: {topic}", "enablement", 3_000_00),
)
_TOPICS = ("less downtime", "leak detection", "audits without paper", "one view of all sites", "energy costs")
_PLACES = ("Rotterdam", "Lyon", "Denver", "Osaka", "Turin", "Gothenburg")
_COMPANIES = ("Birchwater", "Cloverly", "Dovetail Yard", "Emberline", "Foxglove Mills", "Gullwing", "Hartsease", "Ivory Lane")


def enter_campaigns(firm: Firm) -> None:
    """A campaign of each kind every half year, its costs by month, and the people of some accounts as its members."""
    rng = firm.random("campaigns")
    rows: list[dict[str, Any]] = []
    months = []
    marketers = [firm.by(one.name) for one in STAFF if one.role == "marketing"]
    for half in range(6):
        for title, kind, budget in _KINDS:
            starts = firm.start + timedelta(days=half * 182 + rng.randrange(120))
            name = title.format(topic=rng.choice(_TOPICS), place=rng.choice(_PLACES))
            rows.append(
                {
                    "name": f"{name} {starts:%b %Y} {half + 1}",
                    "kind": kind,
                    "starts_on": starts,
                    "ends_on": starts + timedelta(days=3 if kind == "event" else 60),
                    "budget": budget,
                    "currency": "EUR",
                    "region": rng.choice(tuple(REGIONS)) if kind in ("event", "abm") else "",
                    "owner": rng.choice(marketers),
                }
            )
            months.append(starts)
    ids = firm.entered("campaigns", create_campaigns(firm.actor, rows, at=spread(rng, firm.start, firm.now, len(rows))))
    for pk, row, starts in zip(ids, rows, months, strict=True):
        for later in range(3):
            firm.campaigns.setdefault(f"{starts + timedelta(days=30 * later):%Y-%m}", []).append(pk)
        parts = [row["budget"] * share // 100 for share in (30, 45, 22)]
        days = [starts + timedelta(days=15 * place) for place in range(3)]
        past = [{"day": day, "amount": part} for day, part in zip(days, parts, strict=True) if day <= firm.now.date()]
        add_costs(firm.actor, pk, past)
        _enter_members(firm, pk, starts, str(row["kind"]))


def _enter_members(firm: Firm, campaign: int, starts: date, kind: str) -> None:
    rng = firm.random(f"members {campaign}")
    if starts >= firm.now.date():
        return
    known = [contact for people in firm.contacts.values() for contact in people if contact.created_at.date() < starts]
    chosen = rng.sample(known, min(len(known), 120))
    shares = (
        {"targeted": 55, "registered": 15, "attended": 20, "responded": 10}
        if kind == "event"
        else {"targeted": 80, "responded": 20}
    )
    by_status: dict[str, list[int]] = {}
    for contact in chosen:
        by_status.setdefault(rng.choices(tuple(shares), tuple(shares.values()))[0], []).append(contact.pk)
    for status, contacts in by_status.items():
        add_contacts(firm.actor, campaign, contacts, status=status)


def enter_leads(firm: Firm) -> None:
    """Leads of the last year that are not converted: new, worked, nurtured or put aside."""
    rng = firm.random("leads")
    count = max(20, firm.size // 6)
    developers = [firm.by(one.name) for one in STAFF if one.role in ("bdr", "sdr")]
    rows = []
    for number in range(count):
        first, last = person(rng)
        company = f"{rng.choice(_COMPANIES)} {number}"
        row: dict[str, Any] = {
            "email": f"{slug(first)}.{slug(last)}@{slug(company)}.example",
            "source": rng.choice(("web form", "webinar", "fair", "list")),
        }
        if rng.random() < 0.8:
            row |= {"first_name": first, "last_name": last, "company": company}
        status = rng.choices(("new", "working", "nurturing", "unqualified"), (35, 30, 20, 15))[0]
        row |= {"owner": rng.choice(developers), "icp_fit": rng.randint(5, 95), "status": status}
        if status == "unqualified":
            row["unqualified_reason"] = rng.choice(("Too small", "Student", "Competitor", "Wrong country"))
        rows.append(row)
    moments = spread(rng, firm.now.date() - timedelta(days=365), firm.now, count)
    firm.entered("leads", create_leads(firm.actor, rows, at=moments))
