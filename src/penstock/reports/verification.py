"""The proof that nothing was lost: history replays to state, the ledger ties out, stamps follow on, nothing hangs loose.

Every check names every offender. `penstock verify` prints them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Model

from penstock.crm import replay
from penstock.crm.actions.history import STAMPED
from penstock.crm.deriving import derived
from penstock.crm.models import ExternalKey, Merge, Opportunity
from penstock.crm.record_types import record_model, record_models
from penstock.crm.replay import Offender
from penstock.reports.source import history

_AT_ONCE = 2_000


@dataclass(frozen=True)
class Check:
    """A check: its name, what it proves, and the function that finds its offenders."""

    name: str
    proves: str
    find: Callable[[], Iterator[Offender]]


def verify() -> Iterator[tuple[Check, list[Offender]]]:
    """Run every check, one after the other: each with its offenders, none where all is well."""
    for check in CHECKS:
        yield check, list(check.find())


def _changes() -> Iterator[Offender]:
    for model in record_models():
        yield from replay.changes_replay(model)


def _stamps() -> Iterator[Offender]:
    for model in STAMPED:
        yield from replay.stamps_replay(model)


def _residual() -> Iterator[Offender]:
    """Every deal ties out over the company's whole life, and over each of its last eight quarters at their horizons."""
    from penstock.library.tieout import TieOutError

    with history(None) as asked:
        if asked.span is None:
            return
        first, last = asked.span
        quarter = asked.calendar.quarter_of(asked.calendar.local_date(last))
        windows: list[tuple[tuple[Any, ...], dict[str, Any]]] = [((first, last), {"horizon": "all"})]
        windows += [((str(asked.calendar.shift(quarter, -back)),), {}) for back in range(8)]
        for window, view in windows:
            try:
                asked.waterfall(*window, prove=True, **view)
            except TieOutError as broken:
                for deal, residual in broken.deals:
                    yield Offender("residual", "opportunity", int(deal), f"{residual} minor units over {window[0]}")


def _derived() -> Iterator[Offender]:
    """What follows from an opportunity's stage and fields is what it says."""
    for deal in Opportunity.objects.select_related("stage", "pipeline").order_by("pk").iterator(_AT_ONCE):
        for name, value in derived(deal, deal.stage, deal.pipeline).items():
            if getattr(deal, name) != value:
                text = f"{name} is {getattr(deal, name)!r}, but follows to be {value!r}"
                yield Offender("derived", "opportunity", deal.pk, text)


def _orphans() -> Iterator[Offender]:
    """Whatever names a record names one that is there."""
    for key in ExternalKey.objects.order_by("pk").iterator(_AT_ONCE):
        if not _there(record_model(key.record_type), key.record_id):
            yield Offender("orphans", key.record_type, key.record_id, f"the key {key} names a record that is not there")
    for merge in Merge.objects.order_by("pk").iterator(_AT_ONCE):
        for pk in (merge.survivor_id, merge.merged_id):
            if not _there(record_model(merge.record_type), pk):
                yield Offender("orphans", merge.record_type, pk, f"merge {merge.pk} names a record that is not there")
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA foreign_key_check")
            for table, row, parent, _ in cursor.fetchall():
                yield Offender("orphans", table, row or 0, f"it refers to a row of {parent} that is not there")


def _there(model: type[Model], pk: int) -> bool:
    return model._default_manager.filter(pk=pk).exists()


CHECKS = (
    Check("versions", "the last version of every opportunity is its state", replay.versions_replay),
    Check("changes", "the field changes of every record lead to its state", _changes),
    Check("stamps", "stages and statuses were entered one after the other, up to the present one", _stamps),
    Check("residual", "starting + new + change + won + lost = ending, for every deal", _residual),
    Check("derived", "status, probability and category follow from the stage", _derived),
    Check("orphans", "nothing names a record that is not there", _orphans),
)
