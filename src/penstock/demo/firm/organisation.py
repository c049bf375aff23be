"""The firm's people, teams, territories, products and quotas."""

from __future__ import annotations

from datetime import date, timedelta

from penstock.crm.actions.competitors import create_competitors
from penstock.crm.actions.products import create_products
from penstock.demo.firm.build import Firm
from penstock.demo.firm.deals import COMPETITORS
from penstock.demo.firm.staff import REGIONS, STAFF, TEAMS
from penstock.ledger.calendar import FiscalCalendar, Quarter
from penstock.loop.actions import install_rules
from penstock.org.actions.company_setup import set_up_company
from penstock.org.actions.targets import set_target
from penstock.org.actions.teams import add_team, edit_team
from penstock.org.actions.territories import add_territory
from penstock.org.actions.users import add_user

PASSWORD = "headgate-demo-2931"
_PRODUCTS = (
    ("Headgate", "HG", "Platform", 19_00),
    ("Spillway", "SP", "Platform", 49_00),
    ("Reservoir", "RS", "Platform", 149_00),
    ("Reservoir Cloud", "RC", "Cloud", 199_00),
)
_COUNTRIES = {
    "EMEA North": ["SE", "NO", "DK", "FI", "DE", "NL", "GB"],
    "EMEA South": ["FR", "IT", "ES", "PT", "CH", "GR"],
    "AMER": ["US", "CA", "MX", "BR"],
    "APAC": ["JP", "SG", "AU", "IN", "MY"],
}
# A seller's quota for a quarter, minor units, and how fast it grows a year.
_QUOTA = {"ae": 150_000_00, "ecs": 160_000_00, "cloud": 70_000_00}
_GROWTH = 1.12


def enter(firm: Firm) -> None:
    """The company, its people in their teams, territories and products."""
    set_up_company(None, {"name": "Aquifer Systems", "corporate_currency": "EUR", "time_zone": "Europe/Paris"})
    for name, parent in TEAMS.items():
        firm.teams[name] = add_team(None, name=name, parent=firm.teams[parent] if parent else None)
    for person in STAFF:
        user = add_user(
            None,
            email=person.email,
            name=person.name,
            role=person.role,
            team=firm.teams[person.team],
            password=PASSWORD,
            capacity=120 if person.role in ("bdr", "sdr") else None,
            started_on=firm.start - timedelta(days=200),
        )
        firm.users[person.name] = user
        if person.manages:
            edit_team(None, firm.teams[person.team].pk, {"manager": user})
    for rank, region in enumerate(REGIONS, 1):
        members = [firm.by(person.name) for person in STAFF if person.region == region and person.role == "ae"]
        add_territory(None, name=region, rank=rank, countries=_COUNTRIES[region], regions=[region], members=members)
    rows = [
        {"name": name, "code": code, "family": family, "list_price": price, "currency": "EUR"}
        for name, code, family, price in _PRODUCTS
    ]
    ids = firm.entered("products", create_products(firm.actor, rows))
    firm.products = dict(zip((name for name, *_ in _PRODUCTS), ids, strict=True))
    firm.entered("competitors", create_competitors(firm.actor, [{"name": name} for name in COMPETITORS]))
    firm.said("people", len(firm.users))
    firm.said("rules", len(install_rules(firm.actor)))


def country(firm: Firm, region: str, number: int) -> str:
    """A country of a region."""
    return _COUNTRIES[region][number % len(_COUNTRIES[region])]


def enter_targets(firm: Firm) -> None:
    """Quotas for a quarter by seller, team, region and company, and pipe generation, up to a year from now."""
    calendar = FiscalCalendar(timezone="Europe/Paris")
    quarter = calendar.quarter_of(firm.start)
    last = calendar.shift(calendar.quarter_of(firm.now.date()), 4)
    count = 0
    while quarter.start <= last.start:
        count += _quotas(firm, quarter)
        quarter = calendar.shift(quarter, 1)
    firm.said("targets", count)


def _quotas(firm: Firm, quarter: Quarter) -> int:
    years = (quarter.start - firm.start).days / 365
    scale = firm.size / 12_000 * _GROWTH**years
    of_team: dict[str, int] = {}
    count = 0
    for person in STAFF:
        if person.role in _QUOTA:
            amount = round(_QUOTA[person.role] * person.weight * scale / 100_000) * 100_000
            count += _target(firm, "bookings", quarter.start, quarter.end, "owner", str(firm.by(person.name)), amount)
            of_team[person.team] = of_team.get(person.team, 0) + amount
    for team, amount in of_team.items():
        count += _target(firm, "bookings", quarter.start, quarter.end, "team", str(firm.teams[team].pk), amount)
    for region in REGIONS:
        amount = sum(part for team, part in of_team.items() if team.startswith(region))
        count += _target(firm, "bookings", quarter.start, quarter.end, "region", region, amount)
    total = sum(of_team.values())
    count += _target(firm, "bookings", quarter.start, quarter.end, "", "", total)
    return count + _target(firm, "pipe_generation", quarter.start, quarter.end, "", "", total * 4)


def _target(firm: Firm, measure: str, start: date, end: date, dimension: str, value: str, amount: int) -> int:
    set_target(None, measure=measure, start=start, end=end, amount=amount, dimension=dimension, value=value, currency="EUR")
    return 1
