"""People log in, are told why they can't, and are kept out after too many tries."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.test import Client

from penstock.org.actions.passwords import set_password
from penstock.org.models import User

PASSWORD = "quiet-river-88-stone"


@pytest.fixture
def person(rep: User) -> User:
    return set_password(None, rep.pk, PASSWORD)


def log_in(client: Client, email: str, password: str) -> int:
    return client.post("/login/", {"username": email, "password": password}).status_code


def test_a_page_asks_who_you_are_and_leads_on_to_where_you_were_going(client: Client, person: User) -> None:
    asked = client.get("/")
    assert asked.status_code == 302
    assert asked["Location"] == "/login/?next=/"
    answer = client.post("/login/?next=/", {"username": "ADA@aquifer.example", "password": PASSWORD, "next": "/"})
    assert answer["Location"] == "/"
    page = client.get("/").content.decode()
    assert "Good day, Ada Rill" in page
    assert "Account executive" in page


def test_a_wrong_password_is_said_to_be_wrong_and_no_more(client: Client, person: User) -> None:
    page = client.post("/login/", {"username": person.email, "password": "wrong"}).content.decode()
    unknown = client.post("/login/", {"username": "nobody@aquifer.example", "password": "wrong"}).content.decode()
    words = re.compile(r'<div class="refusal".*?</div>', re.DOTALL)
    assert words.findall(page) == words.findall(unknown) != []


def test_after_eight_wrong_passwords_the_door_is_locked_even_to_the_right_one(client: Client, person: User) -> None:
    for _ in range(8):
        log_in(client, person.email, "wrong")
    locked = client.post("/login/", {"username": person.email, "password": PASSWORD})
    assert locked.status_code == 429
    assert "a quarter of an hour" in locked.content.decode()


def test_somebody_who_has_left_cannot_log_in(client: Client, person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert log_in(client, person.email, PASSWORD) == 200
    assert client.get("/").status_code == 302


def test_a_forgotten_password_is_set_anew_by_a_link(client: Client, person: User) -> None:
    client.post("/password/", {"email": person.email})
    link = re.search(r"https?://[^/]+(/password/\S+/)", str(mail.outbox[0].body))
    assert link is not None
    form = client.get(link[1], follow=True)
    where = form.redirect_chain[-1][0]
    weak = client.post(where, {"new_password1": "short", "new_password2": "short"})
    assert "at least 12 characters" in weak.content.decode()
    client.post(where, {"new_password1": "brook-under-17-alders", "new_password2": "brook-under-17-alders"})
    assert log_in(client, person.email, "brook-under-17-alders") == 302


def test_an_address_that_is_not_known_is_not_told_apart(client: Client, person: User) -> None:
    known = client.post("/password/", {"email": person.email})
    unknown = client.post("/password/", {"email": "nobody@aquifer.example"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert len(mail.outbox) == 1
