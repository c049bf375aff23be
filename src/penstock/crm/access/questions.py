"""The questions: which records a user sees, and whether they may do something to one.

`visible_to` asks the database and `may` asks a record at hand; both follow the same declarations (`kinds`) and must agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeVar

from django.db.models import ForeignKey, Model, Q, QuerySet, prefetch_related_objects

from penstock.crm.access.kinds import Kind, kind_of, shown
from penstock.crm.access.permissions import SET_UP, VERBS
from penstock.crm.access.standing import Standing, standing_of
from penstock.crm.models import Account, AccountMember, Approval, Opportunity
from penstock.crm.models.record import Record
from penstock.org.models import User
from penstock.org.models.sharing import Level

M = TypeVar("M", bound=Model)
_PUBLIC: Final = (Level.PUBLIC_READ, Level.PUBLIC_EDIT)


def visible_to(user: User | None, model: type[M]) -> QuerySet[M]:
    """The rows of a table that a user may see, each once, in one query; None is the system itself, which sees all.

    Removed records are among them, since they can be restored and their past is still counted; a list of what there is now
    takes `present(visible_to(…))`. LookupError for the tables of history, which are read through `crm.access.history`.
    """
    if not issubclass(model, Record):
        return _visible_table(user, model)
    rows = model._default_manager.all()
    if user is None:
        return rows
    standing = standing_of(user)
    name, _ = kind_of(model)
    if "see" not in standing.verbs(name):
        return rows.none()
    condition = _seen_where(standing, model)
    return rows if condition is None else rows.filter(condition)


def present(rows: QuerySet[M]) -> QuerySet[M]:
    """Those of the records that are not removed."""
    return rows.filter(removed_at__isnull=True)


def visible_opportunity_ids(user: User | None) -> QuerySet[Opportunity, int] | None:
    """The ids of the opportunities that a user may see, removed ones too, to join with in another engine; None: all."""
    if user is None:
        return None
    standing = standing_of(user)
    if standing.active and _seen_where(standing, Opportunity) is None:
        return None
    return visible_to(user, Opportunity).order_by().values_list("pk", flat=True)


def may(user: User | None, verb: str, record: Model) -> bool:
    """Whether a user may do a verb of `permissions.VERBS` to a record or a row of set-up, saved or not.

    The role must have the verb for that kind, and the record must be theirs to do it to: to see and export it they must see it;
    to edit it be among those who edit; to reassign, remove, restore or merge it own it or stand above its owner. A new record
    may hang on what they see; a new part (a line, a tick) on what they edit. ValueError for a verb that is none.
    """
    if verb not in VERBS:
        raise ValueError(f"There is no verb {verb!r} to be allowed. There are: {', '.join(sorted(VERBS))}.")
    if user is None:
        return True
    standing = standing_of(user)
    if not isinstance(record, Record):
        return _may_table(standing, verb, record)
    if verb == "approve" and isinstance(record, Approval):
        return _may_decide(standing, record)
    name, _ = kind_of(type(record))
    return verb in standing.verbs(name) and (standing.everywhere or _SCOPES[verb](standing, record))


def role_may(user: User | None, verb: str, model: type[Model]) -> bool:
    """Whether a user's role has a verb for a kind of record at all: for a button that makes a new one, or opens the set-up."""
    if user is None:
        return True
    name = kind_of(model)[0] if issubclass(model, Record) else SET_UP
    return verb in standing_of(user).verbs(name)


def prepare(user: User | None, records: Sequence[Record]) -> None:
    """Read in a few queries what `may` will look at beyond these records, all of one kind, so that it asks nothing for each."""
    if user is None or not records or standing_of(user).everywhere:
        return
    reach = standing_of(user).reach
    others = [one for one in records if getattr(one, "owner_id", None) not in reach]
    paths = list(_paths(type(records[0])))
    if others and paths:
        prefetch_related_objects(others, *paths)


def _seen_where(standing: Standing, model: type[Record]) -> Q | None:
    """The condition for a kind of record to be seen; None where all of them are."""
    name, kind = kind_of(model)
    level = standing.levels.get(name)
    if standing.everywhere or level in _PUBLIC:
        return None
    condition = Q(pk__in=())
    if kind.owned:
        owners = standing.reach | standing.mates if level == Level.TEAM else standing.reach
        condition |= Q(owner__in=sorted(owners))
    if kind.account:
        key = "pk" if kind.account == "self" else kind.account
        members = AccountMember.objects.filter(user=standing.user_id, removed_at__isnull=True).order_by()
        condition |= Q(**{f"{key}__in": members.values("account")})
        if kind.account != "self":
            accounts = Account.objects.filter(owner__in=sorted(standing.reach)).order_by()
            condition |= Q(**{f"{key}__in": accounts.values("pk")})
    for parent in kind.parents:
        above = _parent_model(model, parent)
        seen = _seen_where(standing, above)
        if seen is None:
            condition |= Q(**{f"{parent}__isnull": False})
        else:
            condition |= Q(**{f"{parent}__in": above._default_manager.filter(seen).order_by().values("pk")})
    return condition


def _sees(standing: Standing, record: Record) -> bool:
    name, kind = kind_of(type(record))
    level = standing.levels.get(name)
    if standing.everywhere or level in _PUBLIC:
        return True
    if kind.owned and level == Level.TEAM and getattr(record, "owner_id", None) in standing.mates:
        return True
    return _owns(standing, record) or _in_account_team(standing, record, kind) or _any_parent(standing, record, kind, _sees)


def _edits(standing: Standing, record: Record) -> bool:
    name, kind = kind_of(type(record))
    if standing.everywhere or standing.levels.get(name) == Level.PUBLIC_EDIT:
        return True
    if not kind.owned and not kind.parents:
        return True  # Nobody's, such as a competitor: the role alone decides.
    return (
        _owns(standing, record)
        or _in_account_team(standing, record, kind, editing=True)
        or _any_parent(standing, record, kind, _edits)
    )


def _owns(standing: Standing, record: Record) -> bool:
    return getattr(record, "owner_id", None) in standing.reach


def _has_charge(standing: Standing, record: Record) -> bool:
    """Whether they own it or stand above its owner; of a part, whether they edit what it is a part of.

    What nobody owns is in the charge of those who edit it, and of managers who see it, so that it can be given to somebody.
    """
    name, kind = kind_of(type(record))
    if kind.part or not kind.owned:
        return _edits(standing, record)
    if getattr(record, "owner_id", None) is not None:
        return _owns(standing, record)
    return _edits(standing, record) or ("approve" in standing.verbs(name) and _sees(standing, record))


def _creates(standing: Standing, record: Record) -> bool:
    _, kind = kind_of(type(record))
    above = set(kind.parents) | ({kind.account} - {"", "self"})
    rule = _edits if kind.part else _sees
    return all(rule(standing, parent) for parent in _given(record, above))


def _in_account_team(standing: Standing, record: Record, kind: Kind, *, editing: bool = False) -> bool:
    """Whether they are in the account's team; its owner, and those above, are."""
    if not kind.account:
        return False
    pk = record.pk if kind.account == "self" else getattr(record, f"{kind.account}_id")
    if pk is None:
        return False
    if kind.account != "self" and _owns(standing, getattr(record, kind.account)):
        return True
    return standing.account_teams.get(pk, False) if editing else pk in standing.account_teams


def _any_parent(standing: Standing, record: Record, kind: Kind, rule: Callable[[Standing, Record], bool]) -> bool:
    return any(rule(standing, parent) for parent in _given(record, kind.parents))


def _given(record: Record, fields: Iterable[str]) -> Iterable[Record]:
    """The records that these fields refer to, one after the other, where they are filled."""
    return (getattr(record, name) for name in fields if getattr(record, f"{name}_id") is not None)


def _may_decide(standing: Standing, approval: Approval) -> bool:
    """An approval is decided by the role that its criterion names, or where it names none by those who approve; and by RevOps."""
    if not standing.active or not _sees(standing, approval):
        return False
    wanted = approval.criterion.approver_role
    return standing.everywhere or (standing.role == wanted if wanted else "approve" in standing.verbs("approval"))


_SCOPES: Final[dict[str, Callable[[Standing, Record], bool]]] = {
    "see": _sees,
    "export": _sees,
    "approve": _sees,
    "create": _creates,
    "edit": _edits,
    "convert": _edits,
    "reassign": _has_charge,
    "remove": _has_charge,
    "restore": _has_charge,
    "merge": _has_charge,
    "configure": _edits,
}


def _visible_table(user: User | None, model: type[M]) -> QuerySet[M]:
    rule = shown(model)
    rows = model._default_manager.all()
    if user is None:
        return rows
    if rule == "history":
        raise LookupError(f"{model.__name__} is seen with the record it tells of: ask crm.access.history.")
    standing = standing_of(user)
    if rule == "own":
        return rows.filter(user=user) if standing.active else rows.none()
    needed = "see" if rule == "all" else "configure"
    return rows if needed in standing.verbs(SET_UP) else rows.none()


def _may_table(standing: Standing, verb: str, row: Model) -> bool:
    rule = shown(type(row))
    if rule == "own":
        return standing.active and getattr(row, "user_id", None) == standing.user_id
    needed = "see" if verb == "see" and rule == "all" else "configure"
    return rule != "history" and needed in standing.verbs(SET_UP)


def _parent_model(model: type[Record], field: str) -> type[Record]:
    relation = model._meta.get_field(field)
    assert isinstance(relation, ForeignKey)
    above = relation.related_model
    assert issubclass(above, Record)
    return above


def _paths(model: type[Record]) -> Iterable[str]:
    """Every way up from a kind of record, as lookups."""
    _, kind = kind_of(model)
    for field in dict.fromkeys([kind.account, *kind.parents]):
        if field in ("", "self"):
            continue
        yield field
        yield from (f"{field}__{path}" for path in _paths(_parent_model(model, field)))
