"""Who may see and do what: the one place."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet

from penstock.org.models import User


def visible_to(user: User | None, model: type[Model]) -> QuerySet[Any]:
    """The records of a kind that a user may see; None is the system itself, which sees all."""
    return model._default_manager.all()


def may(user: User | None, verb: str, record: Model) -> bool:
    """Whether a user may do a verb (`see`, `create`, `edit`, `reassign`, `remove`, `merge`, …) to a record."""
    return True


def hidden_fields(user: User | None, model: type[Model]) -> frozenset[str]:
    """The fields of a kind of record that a user neither sees nor changes."""
    return frozenset()


def visible_opportunity_ids(user: User | None) -> QuerySet[Any] | None:
    """The ids of the opportunities that a user may see; None where they see all."""
    return None
