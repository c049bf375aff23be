"""Records that stand above and below each other are merged without a circle."""

from __future__ import annotations

import pytest

from penstock.crm.actions import accounts, contacts, merging
from penstock.crm.actions.actor import Actor
from penstock.crm.models import Account
from penstock.crm.refusals import InvalidInput


@pytest.mark.parametrize(("merged", "kept", "above"), [("b", "c", "a"), ("a", "c", None), ("b", "a", None), ("c", "a", None)])
def test_a_merge_along_a_line_makes_no_circle(revops: Actor, merged: str, kept: str, above: str | None) -> None:
    """a stands above b, b above c, c above d."""
    found: dict[str, Account] = {}
    for name, parent in (("a", None), ("b", "a"), ("c", "b"), ("d", "c")):
        found[name] = accounts.create_account(revops, name=name, parent=found[parent] if parent else None)
    merging.merge_accounts(revops, found[kept].pk, [found[merged].pk])
    names = dict(Account.objects.values_list("pk", "name"))
    parents = {one.name: names.get(one.parent_id or 0) for one in Account.objects.filter(removed_at__isnull=True)}
    assert parents[kept] == above
    for start in parents:
        seen: list[str | None] = []
        place: str | None = start
        while place is not None:
            assert place not in seen
            assert place != merged
            seen.append(place)
            place = parents[place]


def test_people_who_report_to_each_other_can_be_one(revops: Actor) -> None:
    chief = contacts.create_contact(revops, last_name="Rill")
    middle = contacts.create_contact(revops, last_name="Weir", reports_to=chief)
    double = contacts.create_contact(revops, last_name="Rill", reports_to=middle)
    merging.merge_contacts(revops, double.pk, [chief.pk])
    middle.refresh_from_db()
    double.refresh_from_db()
    assert (middle.reports_to, double.reports_to) == (double, None)


def test_a_parent_that_is_chosen_makes_no_circle(revops: Actor) -> None:
    top = accounts.create_account(revops, name="Top")
    below = accounts.create_account(revops, name="Below", parent=top)
    other = accounts.create_account(revops, name="Top again", parent=below)
    with pytest.raises(InvalidInput, match="circle"):
        merging.merge_accounts(revops, top.pk, [other.pk], take={"parent": other.pk})
    merging.merge_accounts(revops, top.pk, [other.pk])
    assert Account.objects.get(pk=top.pk).parent is None
