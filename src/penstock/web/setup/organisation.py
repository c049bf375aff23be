"""Set-up of the organisation: company, people, teams, territories, currencies, sharing."""

from __future__ import annotations

from penstock.org.actions.company_setup import set_up_company
from penstock.org.actions.currencies import add_currency, add_rates
from penstock.org.actions.sharing import set_level
from penstock.org.actions.teams import add_team, edit_team
from penstock.org.actions.territories import add_territory, edit_territory
from penstock.org.actions.users import add_user, edit_user
from penstock.org.models import Company, Currency, HiddenField, OrgChange, Rate, Sharing, Target, Team, Territory, User
from penstock.web.setup.site import site
from penstock.web.setup.through_verbs import Shown, ThroughVerbs

_PERSON = ("email", "name", "role", "team", "language", "time_zone", "capacity", "weight", "away_until", "started_on")


class People(ThroughVerbs[User]):
    """People who log in. Passwords are set by the link that log-in offers, or by `penstock user reset-password`."""

    fields = _PERSON
    list_display = ("email", "name", "role", "team", "is_active")
    list_filter = ("role", "is_active", "team")
    search_fields = ("email", "name")
    add_verb = staticmethod(lambda user, values: add_user(user, **values))
    edit_verb = staticmethod(lambda user, pk, values: edit_user(user, pk, values))


class Teams(ThroughVerbs[Team]):
    """Teams, a tree."""

    fields = ("name", "parent", "manager")
    list_display = ("name", "parent", "manager")
    add_verb = staticmethod(lambda user, values: add_team(user, **values))
    edit_verb = staticmethod(lambda user, pk, values: edit_team(user, pk, values))


class Territories(ThroughVerbs[Territory]):
    """Territories by rank."""

    fields = ("name", "rank", "countries", "regions", "segments", "industries")
    list_display = ("name", "rank")
    add_verb = staticmethod(lambda user, values: add_territory(user, **values))
    edit_verb = staticmethod(lambda user, pk, values: edit_territory(user, pk, values))


class Companies(ThroughVerbs[Company]):
    """The company: one row, which `penstock init` makes."""

    fields = (
        "name",
        "corporate_currency",
        "time_zone",
        "language",
        "fiscal_start_month",
        "calendar_pattern",
        "week_start",
        "calendar_anchor",
        "year_named_by",
        "report_rate",
        "alert_days",
    )
    edit_verb = staticmethod(lambda user, pk, values: set_up_company(user, values))


class Currencies(ThroughVerbs[Currency]):
    """Currencies."""

    fields = ("code",)
    list_display = ("code", "active")
    add_verb = staticmethod(lambda user, values: add_currency(user, values["code"]))


class Rates(ThroughVerbs[Rate]):
    """Rates: a new one is added, none is changed."""

    fields = ("currency", "day", "fiscal_year", "rate")
    list_display = ("currency", "to", "day", "fiscal_year", "rate", "recorded_at")
    list_filter = ("currency",)
    add_verb = staticmethod(
        lambda user, values: add_rates(
            user, [{name: getattr(value, "pk", value) for name, value in values.items() if value not in (None, "")}]
        )[0]
    )


class Sharings(ThroughVerbs[Sharing]):
    """Who sees what by default."""

    fields = ("record_type", "level")
    list_display = ("record_type", "level")
    add_verb = staticmethod(lambda user, values: set_level(user, values["record_type"], values["level"]))
    edit_verb = staticmethod(
        lambda user, pk, values: (
            set_level(user, Sharing.objects.get(pk=pk).record_type, values.get("level", ""))
            if values
            else Sharing.objects.get(pk=pk)
        )
    )


class Changes(Shown[OrgChange]):
    """What was changed in the organisation, for ever."""


site.register(User, People)
site.register(Team, Teams)
site.register(Territory, Territories)
site.register(Company, Companies)
site.register(Currency, Currencies)
site.register(Rate, Rates)
site.register(Sharing, Sharings)
for shown in (HiddenField, Target):
    site.register(shown, Shown)
site.register(OrgChange, Changes)
