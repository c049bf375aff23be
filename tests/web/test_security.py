"""A browser may load only what comes from here, and cookies are sent only where they should be."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from penstock.config.security import security
from penstock.org.models import User


def test_a_page_may_load_nothing_from_elsewhere_and_run_no_script_of_its_own(client: Client, db: None) -> None:
    policy = client.get("/login/")["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    page = client.get("/login/").content.decode()
    assert "<script" not in page
    assert " style=" not in page
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_over_https_cookies_are_sent_over_https_alone() -> None:
    secure = security(https=True, debug=False)
    assert secure["SESSION_COOKIE_SECURE"]
    assert secure["CSRF_COOKIE_SECURE"]
    assert secure["SECURE_HSTS_SECONDS"] >= 31_536_000
    assert not security(https=False, debug=False)["SESSION_COOKIE_SECURE"]


def test_what_is_not_there_is_said_in_words(client: Client, db: None) -> None:
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()


@pytest.mark.parametrize("language", ["en", "fr", "it"])
def test_the_log_in_speaks_the_readers_language(client: Client, db: None, language: str) -> None:
    page = client.get("/login/", headers={"accept-language": language}).content.decode()
    assert f'<html lang="{language}">' in page
    assert {"en": "Log in", "fr": "Se connecter", "it": "Accedi"}[language] in page


def test_health_says_what_is_wrong(client: Client, db: None) -> None:
    answer = client.get("/health")
    found = json.loads(answer.content)
    assert answer.status_code == 503
    assert (found["database"]["ok"], found["tables"]["ok"], found["worker"]["ok"]) == (True, True, False)
    assert client.get("/health/live").status_code == 200


def test_health_is_well_with_a_worker(client: Client, db: None) -> None:
    from penstock.worker import heartbeat

    heartbeat.begin()
    assert client.get("/health").status_code == 200


def test_the_set_up_is_for_those_who_may(client: Client, rep: User, admin: User) -> None:
    client.force_login(rep, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/setup/").status_code == 302
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/setup/").status_code == 200
