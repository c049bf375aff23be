"""An installation is set up, filled, proved, saved and brought back from the shell, as somebody who runs it would."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installation import Installation, installation

PASSWORD = "quiet-river-88-stone"


@pytest.fixture(scope="module")
def place() -> Iterator[Installation]:
    """An installation with a small demo company."""
    with installation() as made:
        done = penstock(made, "demo", "--deals", "60")
        assert done.returncode == 0, done.stderr
        assert "Log in with the password" in done.stdout
        yield made


def penstock(place: Installation, *arguments: str, given: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    environment = place.environment | {"DJANGO_SETTINGS_MODULE": "penstock.config.settings"} | more
    command = [sys.executable, "-m", "penstock.cli", *arguments]
    return subprocess.run(command, env=environment, input=given, capture_output=True, text=True, timeout=300, check=False)


def test_a_folder_without_an_installation_is_said_to_be_one(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PENSTOCK_SECRET")}
    command = [sys.executable, "-m", "penstock.cli", "verify"]
    done = subprocess.run(
        command,
        env=environment | {"PENSTOCK_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "penstock.config.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "Run `penstock init`" in done.stderr


def test_init_makes_a_company_and_its_administrator_and_can_be_repeated(tmp_path: Path) -> None:
    made = Installation(tmp_path / "data", f"sqlite:///{tmp_path / 'data' / 'penstock.db'}", {"PENSTOCK_SECRET_KEY": ""})
    asked = ("init", "--company", "Lac Bleu SA", "--admin", "ada@lacbleu.example", "--password-stdin")
    done = penstock(made, *asked, given=f"{PASSWORD}\n")
    assert done.returncode == 0, done.stderr
    assert oct((tmp_path / "data" / "secret").stat().st_mode)[-3:] == "600"
    again = penstock(made, *asked, given=f"{PASSWORD}\n")
    assert "already" in again.stdout
    assert "ada@lacbleu.example" in penstock(made, "user", "list").stdout


def test_tables_of_an_older_version_are_refused_and_brought_up(tmp_path: Path) -> None:
    made = Installation(tmp_path, f"sqlite:///{tmp_path / 'penstock.db'}")
    refused = penstock(made, "verify")
    assert refused.returncode == 2
    assert "penstock migrate" in refused.stderr
    assert penstock(made, "migrate").returncode == 0
    assert penstock(made, "verify").returncode == 0


def test_a_sound_installation_is_proved(place: Installation) -> None:
    done = penstock(place, "verify", "--format", "json")
    assert done.returncode == 0, done.stderr
    checks = json.loads(done.stdout)["checks"]
    assert [check["check"] for check in checks] == ["versions", "changes", "stamps", "residual", "derived", "orphans"]
    assert not any(check["offenders"] for check in checks)


def test_a_second_demo_company_is_refused(place: Installation) -> None:
    done = penstock(place, "demo")
    assert done.returncode == 2
    assert "a company in this installation already" in done.stderr


def test_users_are_added_given_passwords_and_let_go(place: Installation) -> None:
    weak = penstock(place, "user", "add", "eve@aquifer.example", "--name", "Eve Lock", "--password-stdin", given="eve\n")
    assert weak.returncode == 2
    assert "password" in weak.stderr.lower()
    added = penstock(
        place,
        "user",
        "add",
        "eve@aquifer.example",
        "--name",
        "Eve Lock",
        "--role",
        "ae",
        "--password-stdin",
        given=f"{PASSWORD}\n",
    )
    assert added.returncode == 0, added.stderr
    wrong = penstock(
        place, "user", "add", "x@aquifer.example", "--name", "X", "--team", "Nowhere", "--password-stdin", given=f"{PASSWORD}\n"
    )
    assert "There is no team 'Nowhere'" in wrong.stderr
    assert penstock(place, "user", "deactivate", "eve@aquifer.example").returncode == 0
    assert "Eve Lock  ae  –  (not active)" in penstock(place, "user", "list").stdout


def test_a_backup_brings_everything_back(place: Installation, tmp_path: Path) -> None:
    file = tmp_path / "all.zip"
    counted = (
        "from penstock.crm.models import OpportunityVersion as V, Activity as A; print(V.objects.count(), A.objects.count())"
    )
    before = place.run(counted)
    assert penstock(place, "backup", str(file)).returncode == 0
    with installation() as other:
        assert penstock(other, "restore", str(file)).returncode == 0
        assert other.run(counted) == before
        assert penstock(other, "verify").returncode == 0
        held = penstock(other, "restore", str(file))
        assert held.returncode == 2
        assert "--replace" in held.stderr
        protected = other.start("from django.db import connection; connection.cursor().execute('DELETE FROM crm_stamp')")
        assert "append-only" in protected.communicate()[1]


def test_a_damaged_backup_changes_nothing(place: Installation, tmp_path: Path) -> None:
    file, spoilt = tmp_path / "all.zip", tmp_path / "spoilt.zip"
    assert penstock(place, "backup", str(file)).returncode == 0
    with zipfile.ZipFile(file) as whole, zipfile.ZipFile(spoilt, "w") as changed:
        for name in whole.namelist():
            text = whole.read(name)
            changed.writestr(name, text.replace(b"Headgate", b"Tailgate") if name == "crm_product.jsonl" else text)
    refused = penstock(place, "restore", str(spoilt), "--replace")
    assert refused.returncode == 2
    assert "damaged: table crm_product" in refused.stderr
    assert penstock(place, "verify").returncode == 0
    assert "not a backup" in penstock(place, "restore", __file__).stderr


def test_the_pages_are_served_and_end_in_order(place: Installation) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = place.environment | {"DJANGO_SETTINGS_MODULE": "penstock.config.settings"}
    command = [sys.executable, "-m", "penstock.cli", "serve", "--port", str(port), "--with-worker"]
    server = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        assert healthy(port)
    finally:
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=60)
    assert server.returncode == 0


def healthy(port: int) -> bool:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
                found = json.load(answer)
        except OSError:
            time.sleep(0.3)
            continue
        if found["worker"]["ok"]:
            return bool(found["ok"])
        time.sleep(0.3)
    return False
