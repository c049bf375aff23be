"""Notifications: made once, read, and told in the reader's language. E-mails of them are in `loop.digests`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from penstock.loop.models import Notification
from penstock.loop.wording import in_language, say
from penstock.org.models import User

_AT_ONCE = 1_000


@dataclass(frozen=True)
class Message:
    """Something to tell a user. words: a key of `words.yaml`, or `rule` with params {"texts": by language, "name": …}.
    dedupe: what it is told once for, while it lasts."""

    user_id: int
    kind: str
    record_type: str
    record_id: int
    words: str
    dedupe: str
    params: Mapping[str, Any] = field(default_factory=dict)


def notify(messages: Iterable[Message], now: datetime | None = None) -> None:
    """Tell each user, unless they have been told the same and it is not over yet."""
    moment = now or timezone.now()
    rows = [
        Notification(
            user_id=one.user_id,
            kind=one.kind,
            record_type=one.record_type,
            record_id=one.record_id,
            words=one.words,
            params=dict(one.params),
            dedupe=one.dedupe,
            created_at=moment,
        )
        for one in messages
    ]
    Notification.objects.bulk_create(rows, batch_size=_AT_ONCE, ignore_conflicts=True)


def inbox(user: User, *, unread: bool = False) -> QuerySet[Notification]:
    """What a user has been told, newest first; alerts that are over are left out."""
    query = Notification.objects.filter(user=user, resolved_at__isnull=True)
    return query.filter(read_at__isnull=True) if unread else query


def mark_read(user: User, ids: Iterable[int] | None = None) -> int:
    """Mark a user's own notifications as read, all where no ids are given; returns how many were unread."""
    query = Notification.objects.filter(user=user, read_at__isnull=True)
    if ids is not None:
        query = query.filter(pk__in=list(ids))
    return query.update(read_at=timezone.now())


def text(notification: Notification, language: str) -> str:
    """What a notification says, in a language."""
    params = dict(notification.params)
    if notification.words == "rule":
        return in_language(params.pop("texts"), language, params)
    # A value given by language, such as a stage's name, is told in the reader's.
    told = {name: in_language(value, language) if isinstance(value, dict) else value for name, value in params.items()}
    return say(notification.words, language, **told)
