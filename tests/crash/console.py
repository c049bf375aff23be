"""A process that stays, to set things up and to look at what a killed one has left, without starting anew for each question."""

from __future__ import annotations

import json
import subprocess
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager

from tests.installation import Installation

_SERVE = """
    import io, json, sys, traceback
    from contextlib import redirect_stdout
    answers = sys.stdout
    for line in sys.stdin:
        said, error = io.StringIO(), ""
        try:
            with redirect_stdout(said):
                exec(json.loads(line), {})
        except BaseException:
            error = traceback.format_exc()
        print(json.dumps([said.getvalue(), error]), file=answers, flush=True)
"""


class Console:
    """Runs code in its process, where Django is set up."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, code: str) -> str:
        """Run code and return what it printed; AssertionError with its traceback where it failed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(textwrap.dedent(code)) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, self._process.communicate()[1]
        said, error = json.loads(answer)
        assert not error, error
        return str(said)


@contextmanager
def console(place: Installation) -> Iterator[Console]:
    """A console of an installation, ended afterwards."""
    process = place.start(_SERVE)
    try:
        yield Console(process)
    finally:
        process.kill()
        process.communicate()


FIRM = """
    from penstock.crm.actions.accounts import create_accounts
    from penstock.crm.actions.actor import system
    from penstock.crm.actions.opportunities import create_opportunities
    from penstock.crm.models import Account, Pipeline, Stage
    from penstock.org.models import Company
    Company.objects.create(pk=1, name="Aquifer Systems")
    pipeline = Pipeline.objects.create(key="sales", name="Sales")
    for position, key in enumerate(["qualified", "closing"], 1):
        Stage.objects.create(pipeline=pipeline, key=key, position=position, names={{"en": key}}, probability=2000 * position)
    account = create_accounts(system(), [dict(name="Lac Bleu", region="EMEA")]).done[0]
    rows = [dict(name=f"Pumps {{n}}", account=account, amount=n, close_date="2999-01-01") for n in range({deals})]
    assert not create_opportunities(system(), rows).refused
"""
# A group of duplicates, each with a deal: the survivor is printed first.
DUPLICATES = """
    from penstock.crm.actions.accounts import create_accounts
    from penstock.crm.actions.actor import system
    from penstock.crm.actions.opportunities import create_opportunities
    made = create_accounts(system(), [dict(name=f"Rio Verde {n}") for n in range(30)]).done
    deals = [dict(name="Valves", account=pk, amount=7, close_date="2999-01-01") for pk in made]
    assert not create_opportunities(system(), deals).refused
    print(*made)
"""
SOUND = """
    from penstock.crm.models import Change
    from penstock.reports import mirror, verification
    mirror.drop()
    assert not [str(one) for _, offenders in verification.verify() for one in offenders]
    # A change that is there is there with all of its rows.
    for change in Change.objects.filter(verb="change_stage"):
        assert change.versions.count() == change.records.count() == change.stamps.count()
    for change in Change.objects.exclude(verb__in=["change_stage", "merge_accounts"]).filter(records=None):
        raise AssertionError(f"{change} has left nothing")
"""
