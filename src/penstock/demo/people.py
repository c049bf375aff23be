"""Who works at Aquifer Systems, and who buys from it: owners and their teams, accounts and their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Final

SEGMENTS: Final = ("SMB", "Mid-market", "Enterprise")


@dataclass(frozen=True)
class Owner:
    """A seller: the deals they carry are in `region` and one of `segments`; `weight` is their share of new deals."""

    name: str
    team: str
    region: str
    segments: tuple[str, ...]
    weight: float = 1.0


_COMMERCIAL: Final = ("SMB", "Mid-market")

OWNERS: Final = (
    Owner("Clara Voss", "EMEA Commercial", "EMEA", _COMMERCIAL),
    Owner("Tomas Ricci", "EMEA Commercial", "EMEA", _COMMERCIAL),
    Owner("Ines Caldeira", "EMEA Commercial", "EMEA", _COMMERCIAL, 1.3),
    Owner("Henrik Dahl", "EMEA Enterprise", "EMEA", ("Enterprise",)),
    Owner("Miriam Oyelaran", "EMEA Enterprise", "EMEA", ("Mid-market", "Enterprise"), 0.8),
    Owner("Dana Whitlock", "AMER Commercial", "AMER", _COMMERCIAL, 1.2),
    Owner("Luis Ferrer", "AMER Commercial", "AMER", _COMMERCIAL),
    Owner("Priya Raman", "AMER Commercial", "AMER", _COMMERCIAL, 0.9),
    Owner("Grant Ellery", "AMER Enterprise", "AMER", ("Enterprise",)),
    Owner("Kenji Morita", "APAC", "APAC", SEGMENTS),
    Owner("Mei Tan", "APAC", "APAC", _COMMERCIAL, 1.2),
    Owner("Arun Nair", "APAC", "APAC", ("Mid-market", "Enterprise"), 0.8),
)


@dataclass(frozen=True)
class Cast:
    """Who sells where: owners, the weight of each region, the one who leaves (their open deals go to the team), and which
    share of deals comes from accounts that were there before."""

    owners: tuple[Owner, ...]
    regions: Mapping[str, int]
    leaver: str
    returning: float

    def owner_for(self, rng: Random, region: str, segment: str, *, without: str = "") -> Owner:
        """An owner who works the region and segment, by share of new deals; never the one named `without`."""
        able = [owner for owner in self._of(region, segment) if owner.name != without]
        return rng.choices(able, [owner.weight for owner in able])[0]

    def colleague_of(self, rng: Random, name: str, segment: str) -> Owner | None:
        """Someone else of the same region who works the segment; None where there is nobody."""
        region = next(owner.region for owner in self.owners if owner.name == name)
        able = [owner for owner in self._of(region, segment) if owner.name != name]
        return rng.choice(able) if able else None

    def _of(self, region: str, segment: str) -> list[Owner]:
        return [owner for owner in self.owners if owner.region == region and segment in owner.segments]


# Those of the sample file.
SAMPLE: Final = Cast(OWNERS, {"EMEA": 45, "AMER": 35, "APAC": 20}, leaver="Tomas Ricci", returning=0.12)

_INDUSTRIES: Final[dict[str, tuple[str, ...]]] = {
    "Logistics": ("Freight", "Haulage", "Logistics"),
    "Manufacturing": ("Castings", "Tooling", "Works"),
    "Retail": ("Stores", "Outfitters", "Market"),
    "Financial services": ("Mutual", "Leasing", "Assurance"),
    "Healthcare": ("Clinics", "Diagnostics", "Care"),
    "Energy": ("Grid", "Turbines", "Energy"),
    "Software": ("Software", "Labs", "Digital"),
    "Food": ("Foods", "Mills", "Dairies"),
}

_STEMS: Final = (
    *("Final", "Alderbrook", "Ashvale", "Bexhurst", "Brackenridge", "Brindlewood", "Calderstone", "Carrowmoor"),
    *("Cindermere", "Copperlane", "Corvane", "Dunmarrow", "Eastholme", "Elmspire", "Fallowgate", "Farrowdale"),
    *("Fenwater", "Galloway-Birch", "Glasswick", "Greyharbor", "Hallowmere", "Harrowfen", "Hazelcombe", "Hollinford"),
    *("Ironquay", "Jasperfield", "Kestrelway", "Kingsmarsh", "Larkhollow", "Lindenmoor", "Marlowick", "Merriden"),
    *("Mossgate", "Nettlecombe", "Northquill", "Oakenshaw", "Orchardane", "Pellworth", "Pinecross", "Quarrybank"),
    *("Ravensholt", "Redmarsh", "Rookhaven", "Saltmarch", "Silverfen", "Stanmere", "Stonebeck", "Tamarvale"),
    *("Thistledown", "Tidewell", "Umberfield", "Valemont", "Wexcombe", "Whitfall", "Willowmere", "Wrenstead", "Yarrowby"),
)


@dataclass
class Account:
    """A buyer. `moves`: its territory is handed from EMEA to APAC in the reorganisation. `customer_since`: first win, if any."""

    name: str
    industry: str
    segment: str
    region: str
    moves: bool = False
    customer_since: date | None = None


class AccountBook:
    """Makes accounts whose names are never given twice."""

    def __init__(self, rng: Random, cast: Cast = SAMPLE) -> None:
        self._rng = rng
        self._regions = cast.regions
        self._names: set[str] = set()
        self.accounts: list[Account] = []

    def new(self) -> Account:
        rng = self._rng
        industry = rng.choice(tuple(_INDUSTRIES))
        region = rng.choices(tuple(self._regions), tuple(self._regions.values()))[0]
        segment = rng.choices(SEGMENTS, (46, 36, 18))[0]
        account = Account(self._name(industry), industry, segment, region, moves=region == "EMEA" and rng.random() < 0.28)
        self.accounts.append(account)
        return account

    def customers(self, day: date) -> list[Account]:
        return [account for account in self.accounts if account.customer_since is not None and account.customer_since < day]

    def _name(self, industry: str) -> str:
        rng = self._rng
        for stems in range(1, 1000):
            # A second stem makes names beyond the first 168 of an industry; a number makes them without end.
            name = f"{rng.choice(_STEMS)} {rng.choice(_INDUSTRIES[industry])}"
            if stems > 40:
                name = f"{rng.choice(_STEMS)} & {name}"
            if stems > 400:
                name = f"{name} {len(self._names)}"
            if name not in self._names:
                break
        self._names.add(name)
        return name
