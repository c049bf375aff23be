"""Access costs a bulk action a few queries, however many records it has, and is read anew for each change."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection
from django.test.utils import CaptureQueriesContext

from penstock.crm import access
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.writing import change
from penstock.crm.models import Account, Activity, Opportunity
from penstock.org.models import Role, Sharing, Team, User
from tests.crm.access.conftest import MOMENT

Person = Callable[..., User]


def queries_to_edit(user: User, ids: list[int]) -> int:
    with (
        CaptureQueriesContext(
            connection,
        ) as captured,
        change(Actor(user=user), "look") as writer,
    ):
        for deal in writer.locked(Opportunity, ids).values():
            writer.require("edit", deal)
    return len(captured)


def test_an_account_owner_edits_many_deals_of_others_with_as_many_queries_as_few(
    person: Person, company_of: Callable[..., Account], deal_of: Callable[..., Opportunity]
) -> None:
    owner, rep = person("Ada"), person("Ben")
    accounts = [company_of(owner, f"A{number}") for number in range(30)]
    ids = [deal_of(rep, account).pk for account in accounts]
    assert queries_to_edit(owner, ids) == queries_to_edit(owner, ids[:2])


def test_a_list_is_one_query_beside_those_of_the_small_tables(person: Person, share: Callable[..., None]) -> None:
    boss = person("Bo", Role.MANAGER)
    Team.objects.create(name="Sales", manager=boss)
    for kind in ("account", "opportunity", "lead", "contact"):
        share(kind, "private")
    with access.remembered():
        list(access.visible_to(boss, Opportunity))
        with CaptureQueriesContext(connection) as captured:
            list(access.visible_to(boss, Activity))
    assert len(captured) == 1


def test_what_is_remembered_ends_with_the_change(person: Person, deal_of: Callable[..., Opportunity]) -> None:
    user, deal = person("Ada"), deal_of(person("Ben"))
    with access.remembered():
        assert access.may(user, "see", deal)
        Sharing.objects.create(record_type="opportunity", level="private")
        assert access.may(user, "see", deal)
    assert not access.may(user, "see", deal)


def test_each_record_comes_once_however_many_ways_lead_to_it(
    person: Person, company_of: Callable[..., Account], deal_of: Callable[..., Opportunity], share: Callable[..., None]
) -> None:
    for kind in ("account", "opportunity"):
        share(kind, "private")
    user = person("Ada")
    deal = deal_of(user, company_of(user))
    Activity.objects.create(kind="call", at=MOMENT, owner=user, account=deal.account, opportunity=deal, created_at=MOMENT)
    assert access.visible_to(user, Activity).count() == 1
    assert access.visible_to(user, Opportunity).count() == 1


def test_who_hands_a_deal_over_may_finish_the_change(person: Person, deal_of: Callable[..., Opportunity]) -> None:
    rep, heir = person("Ada"), person("Ben")
    deal = deal_of(rep)
    with change(Actor(user=rep), "hand_over") as writer:
        locked = writer.locked(Opportunity, [deal.pk])[deal.pk]
        writer.update(locked, verb="reassign", owner_id=heir.pk)
        writer.update(locked, next_step="Call them")
    deal.refresh_from_db()
    assert (deal.owner, deal.next_step) == (heir, "Call them")
    assert not access.may(rep, "edit", deal)
