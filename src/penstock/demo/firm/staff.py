"""Who works at the company: forty people in five selling roles and their managers, and those who help them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from penstock.demo.people import Cast, Owner

REGIONS: Final = {"EMEA North": 30, "EMEA South": 24, "AMER": 28, "APAC": 18}
_ALL: Final = ("SMB", "Mid-market", "Enterprise")


@dataclass(frozen=True)
class Person:
    """A person with a log-in. team: the one they belong to, or head; owns: the segments of the deals they carry."""

    name: str
    role: str
    team: str
    owns: tuple[str, ...] = ()
    weight: float = 1.0
    manages: bool = False

    @property
    def email(self) -> str:
        """Their log-in."""
        return f"{self.name.lower().replace(' ', '.')}@aquifer.example"

    @property
    def region(self) -> str:
        """The region of their team."""
        return next((region for region in REGIONS if self.team.startswith(region)), "")


# Team -> the team above it.
TEAMS: Final[dict[str, str]] = {
    "Sales": "",
    **dict.fromkeys(REGIONS, "Sales"),
    **{f"{region} Commercial": region for region in REGIONS},
    **{f"{region} Enterprise": region for region in REGIONS},
    "Development": "Sales",
    "Outbound": "Development",
    "Inbound": "Development",
    "Marketing": "",
    "Operations": "",
}

_SMALL: Final = ("SMB", "Mid-market")
_LARGE: Final = ("Mid-market", "Enterprise")

STAFF: Final = (
    Person("Vera Lindqvist", "manager", "Sales", manages=True),
    Person("Anselm Brook", "manager", "EMEA North", manages=True),
    Person("Giulia Ferrante", "manager", "EMEA South", manages=True),
    Person("Rosalind Marsh", "manager", "AMER", manages=True),
    Person("Haruto Senda", "manager", "APAC", manages=True),
    Person("Malik Osei", "manager", "Development", manages=True),
    Person("Clara Voss", "ae", "EMEA North Commercial", _SMALL),
    Person("Freya Nystrom", "ae", "EMEA North Commercial", _SMALL, 1.2),
    Person("Oskar Lunde", "ae", "EMEA North Commercial", _SMALL, 0.9),
    Person("Henrik Dahl", "ae", "EMEA North Enterprise", _LARGE),
    Person("Miriam Oyelaran", "ecs", "EMEA North Enterprise", _LARGE, 0.7),
    Person("Elin Forsberg", "cloud", "EMEA North Commercial", _ALL, 0.5),
    Person("Tomas Ricci", "ae", "EMEA South Commercial", _SMALL),
    Person("Ines Caldeira", "ae", "EMEA South Commercial", _SMALL, 1.3),
    Person("Paul Marchetti", "ae", "EMEA South Commercial", _SMALL, 0.8),
    Person("Lea Fontaine", "ae", "EMEA South Enterprise", _LARGE),
    Person("Stavros Lekkas", "ecs", "EMEA South Enterprise", _LARGE, 0.6),
    Person("Dana Whitlock", "ae", "AMER Commercial", _SMALL, 1.2),
    Person("Luis Ferrer", "ae", "AMER Commercial", _SMALL),
    Person("Priya Raman", "ae", "AMER Commercial", _SMALL, 0.9),
    Person("Wendell Park", "ae", "AMER Commercial", _SMALL, 0.7),
    Person("Grant Ellery", "ae", "AMER Enterprise", _LARGE),
    Person("Noor Haddad", "ecs", "AMER Enterprise", _LARGE, 0.7),
    Person("Theo Castellan", "cloud", "AMER Commercial", _ALL, 0.5),
    Person("Kenji Morita", "ae", "APAC Commercial", _ALL),
    Person("Mei Tan", "ae", "APAC Commercial", _SMALL, 1.2),
    Person("Arun Nair", "ae", "APAC Enterprise", _LARGE, 0.8),
    Person("Siti Rahman", "ecs", "APAC Enterprise", _LARGE, 0.6),
    Person("Jonah Reeve", "cloud", "APAC Commercial", _ALL, 0.5),
    Person("Bruno Keller", "bdr", "Outbound"),
    Person("Amina Diallo", "bdr", "Outbound"),
    Person("Sorcha Quinn", "bdr", "Outbound"),
    Person("Dmitri Volk", "bdr", "Outbound"),
    Person("Carmen Ibarra", "bdr", "Outbound"),
    Person("Felix Adair", "bdr", "Outbound"),
    Person("Yuki Arai", "sdr", "Inbound"),
    Person("Hana Novak", "sdr", "Inbound"),
    Person("Ruben Castro", "sdr", "Inbound"),
    Person("Imani Wells", "sdr", "Inbound"),
    Person("Peter Aldous", "sdr", "Inbound"),
    Person("Nadia Petrov", "marketing", "Marketing"),
    Person("Sam Okafor", "marketing", "Marketing"),
    Person("Ruth Calloway", "revops", "Operations"),
    Person("Edgar Lowe", "read_only", "Operations"),
    Person("Alex Winter", "admin", "Operations"),
)


def owners() -> Iterator[Owner]:
    """Those who carry deals."""
    for person in STAFF:
        if person.owns:
            yield Owner(person.name, person.team, person.region, person.owns, person.weight)


CAST: Final = Cast(tuple(owners()), REGIONS, leaver="Tomas Ricci", returning=0.42)
