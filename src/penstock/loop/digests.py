"""The morning e-mail: what a user has been told since the last one and has not read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from itertools import groupby
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from penstock.loop.models import Digest
from penstock.loop.notifying import inbox, text
from penstock.loop.wording import say
from penstock.org.company import company
from penstock.org.models import User

MORNING = 7
# What is older than this when a user gets their first digest is not told in it.
_FIRST = timedelta(days=1)


@dataclass(frozen=True)
class Mail:
    """A digest as an e-mail, in the user's language."""

    subject: str
    text: str
    html: str


def digest(user: User, since: datetime, until: datetime | None = None) -> Mail | None:
    """What a user was told from `since` until before `until` (now), unless it is over or read; None where there is nothing."""
    query = inbox(user, unread=True).filter(created_at__gte=since, created_at__lt=until or timezone.now())
    found = list(query.order_by("kind", "created_at", "id"))
    if not found:
        return None
    zone = zone_of(user)
    greeting = say("digest_greeting", user.language, name=user.name, since=f"{since.astimezone(zone):%Y-%m-%d %H:%M}")
    plain, rich = [greeting], [f"<p>{escape(greeting)}</p>"]
    for kind, members in groupby(found, key=lambda one: one.kind):
        heading = say(f"heading_{kind}", user.language)
        lines = [text(one, user.language) for one in members]
        plain.append("\n".join([heading, *(f"- {line}" for line in lines)]))
        items = "".join(f"<li>{escape(line)}</li>" for line in lines)
        rich.append(f"<h2>{escape(heading)}</h2><ul>{items}</ul>")
    subject = say("digest_subject", user.language, count=len(found))
    body = "".join(rich)
    page = f'<!doctype html><html lang="{escape(user.language)}"><body>{body}</body></html>'
    return Mail(subject, "\n\n".join(plain) + "\n", page)


def send_digests(now: datetime | None = None) -> int:
    """Send each active user whose local morning has come today's digest, once; returns how many were sent.

    The day is claimed before the e-mail goes out, so that it is never sent twice. Where sending fails the claim is given back
    and the error is raised when the others are done; where the process dies in between, the next digest tells what this one
    would have.
    """
    moment = now or timezone.now()
    sent = 0
    failed: list[Exception] = []
    for user in User.objects.filter(is_active=True).order_by("pk"):
        if moment.astimezone(zone_of(user)).hour < MORNING:
            continue
        try:
            sent += _sent(user, moment)
        except Exception as error:  # noqa: BLE001 - whatever one mailbox does, the others get theirs; it is raised below
            failed.append(error)
    if failed:
        raise ExceptionGroup("digests were not sent", failed)
    return sent


def zone_of(user: User) -> ZoneInfo:
    """The user's time zone, or the company's."""
    return ZoneInfo(user.time_zone or company().time_zone)


def _sent(user: User, now: datetime) -> bool:
    day = now.astimezone(zone_of(user)).date()
    if Digest.objects.filter(user=user, day=day).exists():
        return False
    since = _told_until(user, now)
    claim, ours = Digest.objects.get_or_create(user=user, day=day, defaults={"since": since, "until": now})
    mail = digest(user, since, now) if ours else None
    if mail is None:
        return False
    message = EmailMultiAlternatives(mail.subject, mail.text, settings.DEFAULT_FROM_EMAIL, [user.email])
    message.attach_alternative(mail.html, "text/html")
    try:
        message.send()
    except Exception:
        claim.delete()
        raise
    claim.sent_at = timezone.now()
    claim.save(update_fields=["sent_at"])
    return True


def _told_until(user: User, now: datetime) -> datetime:
    """Up to when the user has been told: the end of the last digest that went out, or else where the first one would begin."""
    last = Digest.objects.filter(user=user, sent_at__isnull=False).order_by("-until").first()
    if last is not None:
        return last.until
    first = Digest.objects.filter(user=user).order_by("day").first()
    return first.since if first else now - _FIRST
