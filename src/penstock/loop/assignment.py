"""Assignment: who becomes the owner of a record. Who is not active or away is left out.

The people of a group are locked while records are given out, and the group remembers whose turn it is, so that two at once
give out as one after the other would. Equal inputs in equal order give equal answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from penstock.crm import conditions
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.chunks import AT_ONCE, Outcome
from penstock.crm.models import Account, AccountStatus, Lead, LeadStatus
from penstock.crm.models.record import Record
from penstock.crm.refusals import InvalidInput, Refusal
from penstock.loop import verbs
from penstock.loop.facts import facts_of
from penstock.loop.models import AssignmentRule, Turn
from penstock.loop.models.assignment import METHODS
from penstock.loop.sharing_out import Seat, by_room, in_turn
from penstock.loop.territories import territory_of
from penstock.org.company import today
from penstock.org.models import Team, Territory, User

# What a person is held to carry: accounts they are after, and leads that are not decided.
_CARRIED_ACCOUNTS = (AccountStatus.TARGET, AccountStatus.WORKING)
_CARRIED_LEADS = (LeadStatus.NEW, LeadStatus.WORKING)


class Nobody(Refusal):
    """There is nobody to give a record to."""

    code = "nobody"


def spread(
    actor: Actor,
    record_type: str,
    record_ids: Sequence[int],
    *,
    users: Sequence[User] = (),
    team: Team | None = None,
    method: str = "round_robin",
) -> Outcome:
    """Give many records of a kind (a list that was imported, say) to users or to a team with those under it, in the order given.

    method: round_robin, weighted, capacity, or territory, which needs neither. A thousand a transaction. Refused, by id: records
    for which there is nobody (`nobody`) and those that may not be handed over. Raises InvalidInput for an unknown method or no
    people.
    """
    settings = _settings(method, users, team)
    outcome = Outcome()
    for start in range(0, len(record_ids), AT_ONCE):
        part = record_ids[start : start + AT_ONCE]
        own = actor if actor.key is None else actor.but(key=f"{actor.key}:{start // AT_ONCE}")
        with transaction.atomic():
            records = verbs.read(actor, record_type, part)
            outcome.add(give_out(own, record_type, [records[pk] for pk in part], settings))
    return outcome


def assign_new(actor: Actor, record_type: str, record_ids: Sequence[int]) -> Outcome:
    """Give records out by the assignment rules; one that no rule takes is left as it is, and is in neither list."""
    with transaction.atomic():
        records = verbs.read(actor, record_type, record_ids)
        return give_out(actor, record_type, list(records.values()), {})


def give_out(
    actor: Actor,
    record_type: str,
    records: Sequence[Record],
    settings: Mapping[str, Any],
    *,
    keys: dict[str, int | None] | None = None,
) -> Outcome:
    """Give records out as a rule's action says: `rule` (a key), or `method` with users (ids), team (id), territory (id), or
    nothing, which is the first active assignment rule that takes the record. keys: takes the keys of the changes made."""
    outcome = Outcome()
    with transaction.atomic():
        for number, (group, members) in enumerate(_grouped(record_type, records, settings)):
            chosen = _chosen(group, members)
            own = actor if actor.key is None else actor.but(key=f"{actor.key}:{number}")
            outcome.add(_handed_over(own, record_type, members, chosen, keys))
    return outcome


def _settings(method: str, users: Sequence[User], team: Team | None) -> dict[str, Any]:
    if method not in dict(METHODS):
        raise InvalidInput({"method": [_("Choose one of: %(names)s.") % {"names": ", ".join(dict(METHODS))}]})
    if method != "territory" and not users and team is None:
        raise InvalidInput({"users": [_("Name the users or the team.")]})
    return {"method": method, "users": [user.pk for user in users], "team": team.pk if team else None}


Group = tuple[str, str, list[User]]


def _grouped(record_type: str, records: Sequence[Record], settings: Mapping[str, Any]) -> list[tuple[Group, list[Record]]]:
    """The groups of people among whom, and the records that each is given, in their order."""
    found: dict[str, tuple[Group, list[Record]]] = {}
    for record, wanted in _wanted(record_type, records, settings):
        group = _group(record, wanted)
        found.setdefault(group[0], (group, []))[1].append(record)
    return list(found.values())


def _wanted(record_type: str, records: Sequence[Record], settings: Mapping[str, Any]) -> list[tuple[Record, Mapping[str, Any]]]:
    if settings.get("method"):
        return [(record, settings) for record in records]
    rules = list(AssignmentRule.objects.filter(active=True, record_type=record_type).select_related("team"))
    if settings.get("rule"):
        rules = [rule for rule in rules if rule.key == settings["rule"]]
        if not rules:
            raise InvalidInput({"rule": [_("There is no active assignment rule %(key)s.") % {"key": settings["rule"]}]})
    facts = facts_of(records) if any(rule.condition for rule in rules) else {}
    found: list[tuple[Record, Mapping[str, Any]]] = []
    for record in records:
        for rule in rules:
            if _takes(rule, facts.get(record.pk, {})):
                found.append((record, _of_rule(rule)))
                break
    return found


def _takes(rule: AssignmentRule, facts: Mapping[str, Any]) -> bool:
    """Whether an assignment rule takes a record; one whose condition cannot be decided leaves it to the next."""
    try:
        return conditions.holds(rule.condition, facts)
    except conditions.ConditionError:
        return False


def _of_rule(rule: AssignmentRule) -> dict[str, Any]:
    users = list(rule.users.values_list("pk", flat=True))
    return {"method": rule.method, "users": users, "team": rule.team_id, "territory": rule.territory_id, "key": rule.key}


def _group(record: Record, wanted: Mapping[str, Any]) -> Group:
    """The group's name, the method, and its people, whether or not they are here."""
    method = str(wanted["method"])
    if method == "territory":
        pk = wanted.get("territory")
        territory = Territory.objects.filter(pk=pk).first() if pk else territory_of(record)
        members = list(territory.members.all()) if territory else []
        return (f"territory:{territory.pk if territory else '-'}", "round_robin", members)
    ids = set(wanted.get("users") or ())
    if wanted.get("team"):
        ids |= set(User.objects.filter(team_id__in=_with_those_under(wanted["team"])).values_list("pk", flat=True))
    people = list(User.objects.filter(pk__in=ids))
    named = wanted.get("key") or ",".join(map(str, sorted(ids)))
    # The name is a key of at most 200 signs; a long list of people is known by its team or by its digest.
    name = f"{method}:team:{wanted['team']}" if wanted.get("team") and not wanted.get("users") else f"{method}:{named}"
    return (name if len(name) <= 200 else f"{method}:{_digest(name)}", method, people)


def _with_those_under(team: int) -> list[int]:
    parents = dict(Team.objects.values_list("pk", "parent_id"))
    found = [team]
    for pk in found:
        found += [child for child, parent in parents.items() if parent == pk and child not in found]
    return found


def _chosen(group: Group, records: Sequence[Record]) -> list[int | None]:
    name, method, people = group
    # The people themselves are locked: two groups may share them, and what one gives out the other counts.
    ids = [user.pk for user in people]
    day = today()
    here = [
        user
        for user in User.objects.select_for_update(no_key=True).filter(pk__in=ids, is_active=True).order_by("pk")
        if user.away_until is None or user.away_until <= day
    ]
    if method == "capacity":
        loads = _loads([user.pk for user in here])
        seats = [Seat(user.pk, load=loads.get(user.pk, 0), capacity=user.capacity) for user in here]
        return by_room(seats, len(records))
    Turn.objects.get_or_create(group=name)
    turn = Turn.objects.select_for_update().get(group=name)
    weighted = method == "weighted"
    seats = [Seat(user.pk, weight=user.weight if weighted else 1) for user in here]
    credit = {int(pk): owed for pk, owed in turn.credit.items()}
    chosen, credit = in_turn(seats, len(records), credit)
    turn.credit = credit
    turn.save(update_fields=["credit"])
    return list(chosen) if chosen else [None] * len(records)


def _loads(users: Sequence[int]) -> dict[int, int]:
    kept = Q(removed_at__isnull=True, owner_id__in=users)
    loads = dict.fromkeys(users, 0)
    for query in (
        Account.objects.filter(kept, status__in=_CARRIED_ACCOUNTS),
        Lead.objects.filter(kept, status__in=_CARRIED_LEADS),
    ):
        for pk, count in query.order_by().values_list("owner_id").annotate(Count("pk")):
            loads[pk] += count
    return loads


def _handed_over(
    actor: Actor, record_type: str, records: Sequence[Record], chosen: Sequence[int | None], keys: dict[str, int | None] | None
) -> Outcome:
    outcome = Outcome()
    shares: dict[int, list[int]] = {}
    for record, user in zip(records, chosen, strict=True):
        if user is None:
            outcome.refused[record.pk] = Nobody(_("Nobody of the group is here and has room."))
        else:
            shares.setdefault(user, []).append(record.pk)
    owners = User.objects.in_bulk(shares)
    for user, ids in shares.items():
        own = actor if actor.key is None else actor.but(key=f"{actor.key}:{user}")
        if keys is not None and own.key:
            keys |= {own.key: None, f"{own.key}:0": None}
        outcome.add(verbs.reassign(own, record_type, ids, owners[user]))
    return outcome


def _digest(name: str) -> str:
    from hashlib import sha256

    return sha256(name.encode()).hexdigest()
