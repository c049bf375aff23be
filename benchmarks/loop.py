"""Ten thousand accounts in all states of the loop through one tick of the clock: how long it takes and where each goes.

    python -m benchmarks.loop                                  # SQLite, in a file that is thrown away
    python -m benchmarks.loop --database postgres://…/empty    # an empty database of your own

The accounts are made through the bulk actions, each in its state since a random moment of the last 400 days; two in five targets
have a task ahead, and half of the customers' subscriptions have ended. The seed is fixed.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from collections import Counter
from datetime import datetime, timedelta
from typing import Final

_SEED: Final = 20_260
_DAYS: Final = 400


def main() -> None:
    """Make the accounts, tick, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--database", help="a URL, as in DATABASE_URL; a new SQLite file where left out")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="penstock-bench-") as folder:
        os.environ["DATABASE_URL"] = options.database or f"sqlite:///{folder}/loop.db"
        os.environ.setdefault("PENSTOCK_DATA", folder)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "penstock.config.settings")
        import django

        django.setup()
        measure(options.accounts)


def measure(count: int) -> None:
    """Prepare, tick twice, and print what came of it; the second tick has nothing left to do."""
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from penstock.loop.clock import tick

    call_command("migrate", verbosity=0)
    seconds = _timed(lambda: prepare(count, timezone.now()))
    print(f"{connection.vendor}: {count:,} accounts made in {seconds:.1f} s")
    before = _statuses()
    for name in ("first tick", "second tick"):
        began = time.perf_counter()
        report = tick()
        print(f"{name}: {time.perf_counter() - began:.1f} s, {report.due:,} times due")
        for (rule, outcome), times in sorted(report.outcomes.items()):
            print(f"  {rule:<26}{outcome:<10}{times:>8,}")
    _print_table(before, _statuses())


def prepare(count: int, now: datetime) -> None:
    """A company with ten people, the shipped rules, and the accounts."""
    from penstock.crm.actions.accounts import create_accounts
    from penstock.crm.actions.actor import Actor, system
    from penstock.crm.models import AccountStatus
    from penstock.loop.actions import install_rules
    from penstock.org.models import Company, Role, User

    Company.objects.create(pk=1, name="Aquifer Systems")
    users = [User.objects.create(email=f"rep{n}@aquifer.example", name=f"Rep {n}", role=Role.AE) for n in range(10)]
    install_rules(system())
    draw = random.Random(_SEED)
    rows, moments = [], []
    for number in range(count):
        since = now - timedelta(days=draw.uniform(0, _DAYS))
        status = draw.choice(AccountStatus.values)
        row = {"name": f"Account {number}", "owner": draw.choice(users).pk, "status": status, "employees": 50}
        row["potential"] = draw.choice(["high", "low", ""])
        if status == AccountStatus.BACKLOG and draw.random() < 0.8:
            row["status_until"] = since + timedelta(days=draw.choice([90, 180, 330]))
        rows.append(row)
        moments.append(since)
    made = create_accounts(Actor(user=None, source="demo", quiet=True), rows, at=moments)
    assert not made.refused, next(iter(made.refused.values()))
    _around(made.done, draw, now)


def _around(accounts: list[int], draw: random.Random, now: datetime) -> None:
    """Tasks ahead of targets, and subscriptions of customers."""
    from penstock.crm.actions.actor import Actor
    from penstock.crm.actions.tasks import create_tasks
    from penstock.crm.actions.writing import change
    from penstock.crm.models import Account, Subscription

    actor = Actor(user=None, source="demo", quiet=True)
    states = dict(Account.objects.filter(pk__in=accounts).values_list("pk", "status"))
    ahead = [pk for pk in accounts if states[pk] == "target" and draw.random() < 0.4]
    create_tasks(actor, [{"title": "Call", "account": pk, "due_on": now.date() + timedelta(days=7)} for pk in ahead])
    with change(actor, "create_subscription") as writer:
        writer.create(
            [
                Subscription(
                    account_id=pk,
                    mrr=100_00,
                    currency="EUR",
                    starts_on=now.date() - timedelta(days=_DAYS),
                    ends_on=now.date() + timedelta(days=draw.choice([-10, 200])),
                )
                for pk in accounts
                if states[pk] == "customer"
            ]
        )


def _statuses() -> dict[int, str]:
    from penstock.crm.models import Account

    return dict(Account.objects.values_list("pk", "status"))


def _print_table(before: dict[int, str], after: dict[int, str]) -> None:
    print("\nfrom                to                  accounts")
    for (origin, target), times in sorted(Counter((before[pk], after[pk]) for pk in before).items()):
        print(f"{origin:<20}{target if target != origin else '(stays)':<20}{times:>8,}")


def _timed(work: object) -> float:
    began = time.perf_counter()
    assert callable(work)
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
