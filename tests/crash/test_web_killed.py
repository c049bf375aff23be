"""A web server that is killed while it answers: whoever asks again under the same key gets it done, and nothing is done twice."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.crash.console import DUPLICATES, FIRM, SOUND, Console, console
from tests.crash.test_killed import KILLS
from tests.installation import Installation, installation

DEALS = 2_500
ROWS = 2_500
GONE = (urllib.error.URLError, ConnectionError, TimeoutError, OSError)
IDS = """
    from penstock.crm.models import Account, Opportunity, Stage
    deals = Opportunity.objects.filter(name__startswith="Pumps").order_by("pk").values_list("pk", flat=True)
    stages = Stage.objects.order_by("position").values_list("pk", flat=True)
    import json
    print(json.dumps([list(deals), list(stages), Account.objects.order_by("pk").first().pk]))
"""
EXACT = f"""
    from collections import Counter
    from penstock.crm.models import Account, Merge, Opportunity, Stamp
    deals = Opportunity.objects.filter(name__startswith="Pumps").values("pk")
    moves = Stamp.objects.filter(record_type="opportunity", what="stage", record_id__in=deals).exclude(origin="")
    assert set(Counter(moves.values_list("record_id", flat=True)).values()) == {{{{ {{calls}} }}}}
    names = Counter(Opportunity.objects.filter(name__startswith="New").values_list("name", flat=True))
    assert len(names) == {{calls}} * {ROWS} and set(names.values()) == {{{{1}}}}
    assert Merge.objects.count() == {{calls}} * 29
    assert Account.objects.filter(name__startswith="Rio Verde", removed_at=None).count() == {{calls}}
"""


@dataclass
class Calls:
    """What was asked of the server, in order for each address, and what it has not answered yet."""

    open: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {"move": [], "create": [], "merge": []})


@contextmanager
def server(place: Installation, port: int) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    quiet = subprocess.DEVNULL
    # A group of its own, since the server answers in a process below the one that is started.
    process = subprocess.Popen(
        [*command, "tests.crash.doors:application"], env=place.environment, stdout=quiet, stderr=quiet, start_new_session=True
    )
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=5).close()
                break
            except GONE:
                assert process.poll() is None, "the server did not start"
                time.sleep(0.1)
        yield process
    finally:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def ask(port: int, address: str, waiting: list[dict[str, Any]]) -> None:
    """Ask for what waits, one after the other, and strike out what was answered."""
    while waiting:
        body = json.dumps(waiting[0]).encode()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/{address}", data=body, timeout=60) as answer:
                assert json.load(answer) == {"done": waiting[0]["key"]}
        except GONE:
            return
        waiting.pop(0)


@pytest.fixture
def place() -> Iterator[Installation]:
    with installation() as made:
        yield made


@pytest.fixture
def looking(place: Installation) -> Iterator[Console]:
    with console(place) as made:
        made.run(FIRM.format(deals=DEALS))
        yield made


def test_calls_that_a_killed_server_left_unanswered_can_be_repeated(place: Installation, looking: Console) -> None:
    chance = random.Random("web")
    deals, stages, account = json.loads(looking.run(IDS))
    calls = Calls()
    unanswered = 0
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for number in range(1, KILLS + 1):
        rows = [{"name": f"New {number} {n}", "account": account, "amount": n, "close_date": "2999-01-01"} for n in range(ROWS)]
        survivor, *others = map(int, looking.run(DUPLICATES).split())
        calls.open["move"].append({"key": f"move {number}", "deals": deals, "stage": stages[number % 2]})
        calls.open["create"].append({"key": f"create {number}", "rows": rows})
        calls.open["merge"].append({"key": f"merge {number}", "survivor": survivor, "others": others})
        with server(place, port) as process:
            clients = [threading.Thread(target=ask, args=(port, *one)) for one in calls.open.items()]
            for client in clients:
                client.start()
            time.sleep(chance.uniform(0.05, 3))
            kill(process)
            for client in clients:
                client.join()
        unanswered += sum(map(len, calls.open.values()))
        looking.run(SOUND)
    with server(place, port):
        for address, waiting in calls.open.items():
            ask(port, address, waiting)
    assert not any(calls.open.values())
    looking.run(EXACT.format(calls=KILLS))
    looking.run(SOUND)
    assert unanswered, "every call was answered before its kill, so this has shown nothing"
