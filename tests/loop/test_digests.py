"""Every morning one e-mail with what is new, in the reader's language and at their own hour."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail

from penstock.loop.digests import digest, send_digests
from penstock.loop.models import Digest
from penstock.loop.notifying import Message, inbox, mark_read, notify
from penstock.org.models import User

NIGHT = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)


def at(hour: int, day: int = 2) -> datetime:
    return datetime(2026, 3, day, hour, 30, tzinfo=UTC)


def tell(user: User, when: datetime, name: str = "Pumps", kind: str = "idle_opportunity") -> None:
    params = {"name": name, "days": 14, "day": "2026-03-01"}
    notify([Message(user.pk, kind, "opportunity", 1, kind, f"{kind}:{name}:{user.pk}", params)], when)


def test_a_digest_groups_what_is_unread_by_kind_in_the_readers_language(rep: User) -> None:
    rep.language = "fr"
    for name in ("Pompes", "Vannes & Co"):
        tell(rep, NIGHT, name)
    tell(rep, NIGHT, "Tuyaux", "overdue_close")
    tell(rep, NIGHT - timedelta(days=9), "Ancien")
    found = digest(rep, NIGHT - timedelta(hours=1), at(8))
    assert found is not None
    assert found.subject == "Penstock : 3 à regarder"
    lines = [line for line in found.text.splitlines() if line]
    assert lines[0] == "Bonjour Ada Rill, voici ce qui est arrivé depuis le 2026-03-02 03:00."
    assert lines[1:] == [
        "Opportunités inactives",
        "- Pompes : aucune activité depuis 14 jours.",
        "- Vannes & Co : aucune activité depuis 14 jours.",
        "Date de clôture passée",
        "- Tuyaux : sa date de clôture, le 2026-03-01, est passée.",
    ]
    assert "<li>Vannes &amp; Co : aucune activité depuis 14 jours.</li>" in found.html


def test_it_is_sent_once_a_day_and_the_next_one_goes_on_from_there(rep: User) -> None:
    tell(rep, NIGHT)
    assert send_digests(at(6)) == 1, "half past seven in Paris"
    assert [send_digests(at(hour)) for hour in (7, 12, 20)] == [0, 0, 0]
    tell(rep, at(9), "Valves")
    assert send_digests(at(10)) == 0, "what comes in the day waits for the next morning"
    assert send_digests(at(6, day=3)) == 1
    assert [message.to for message in mail.outbox] == [[rep.email], [rep.email]]
    assert "Valves" in mail.outbox[1].body
    assert "Pumps" not in mail.outbox[1].body


@pytest.mark.parametrize(("zone", "sent"), [("Europe/Paris", 1), ("America/New_York", 0), ("Asia/Tokyo", 1)])
def test_it_waits_for_the_users_own_morning(rep: User, zone: str, sent: int) -> None:
    User.objects.filter(pk=rep.pk).update(time_zone=zone)
    tell(rep, NIGHT)
    assert send_digests(at(6)) == sent


def test_nothing_new_is_no_e_mail_that_day(rep: User) -> None:
    assert send_digests(at(7)) == 0
    tell(rep, at(8))
    assert send_digests(at(9)) == 0
    assert send_digests(at(7, day=3)) == 1


def test_what_was_read_or_is_over_is_not_told(rep: User) -> None:
    tell(rep, NIGHT)
    tell(rep, NIGHT, "Valves")
    mark_read(rep, [inbox(rep)[0].pk])
    inbox(rep).filter(read_at__isnull=True).update(resolved_at=at(4))
    assert send_digests(at(8)) == 0


def test_who_has_left_gets_none(rep: User) -> None:
    tell(rep, NIGHT)
    User.objects.filter(pk=rep.pk).update(is_active=False)
    assert send_digests(at(8)) == 0


def test_one_mailbox_that_fails_keeps_nobody_elses_and_is_tried_again(
    rep: User, other_rep: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for user in (rep, other_rep):
        tell(user, NIGHT)
    from django.core.mail import EmailMultiAlternatives

    send = EmailMultiAlternatives.send

    def refuses_ada(self: Any, *_: object, **__: object) -> int:
        if self.to == [rep.email]:
            raise OSError("mailbox full")
        return int(send(self))

    with monkeypatch.context() as broken:
        broken.setattr(EmailMultiAlternatives, "send", refuses_ada)
        with pytest.raises(ExceptionGroup, match="not sent"):
            send_digests(at(8))
    assert [message.to for message in mail.outbox] == [[other_rep.email]]
    assert send_digests(at(9)) == 1
    assert mail.outbox[1].to == [rep.email]


def test_a_digest_that_was_claimed_and_never_sent_is_told_by_the_next(rep: User) -> None:
    tell(rep, NIGHT)
    Digest.objects.create(user=rep, day=at(8).date(), since=NIGHT - timedelta(hours=5), until=at(8))
    assert send_digests(at(9)) == 0
    assert send_digests(at(8, day=4)) == 1
    assert "Pumps" in mail.outbox[0].body
