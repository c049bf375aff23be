"""Late corrections: the past is told anew beside what was said of it, the present follows, and the ledger ties out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import ibis
import pyarrow as pa
import pytest

from penstock.crm.actions.actor import Actor
from penstock.crm.actions.correcting import correct_opportunity
from penstock.crm.actions.imported import ImportedDeal, ImportedVersion, import_opportunities
from penstock.crm.actions.opportunities import edit_opportunity
from penstock.crm.models import Account, Opportunity, OpportunityVersion, RecordChange, Stage, Stamp
from penstock.crm.refusals import InvalidInput
from penstock.library import History

DAY = timedelta(days=1)


@pytest.fixture
def old(importer: Actor, account: Account, stages: dict[str, Stage], past: datetime) -> Opportunity:
    """Opened at 1,000.00 a hundred days ago; closing on day 10, a next step on day 20, 1,500.00 on day 40, a step on day 50."""
    first = {
        "name": "Old",
        "account": account.pk,
        "stage": stages["qualified"].pk,
        "amount": 100_000,
        "close_date": date(2027, 1, 1),
    }
    later: list[tuple[int, dict[str, Any]]] = [
        (10, {"stage": stages["closing"].pk}),
        (20, {"next_step": "Call"}),
        (40, {"amount": 150_000}),
        (50, {"next_step": "Visit"}),
    ]
    versions = [ImportedVersion(past, first), *(ImportedVersion(past + n * DAY, fields) for n, fields in later)]
    return Opportunity.objects.get(pk=import_opportunities(importer, [ImportedDeal(versions)]).done[0])


def told(deal: Opportunity, past: datetime, *names: str, known_at: datetime | None = None) -> list[tuple[Any, ...]]:
    """(day, values…) of the versions that count, as a plain reading of the table has it."""
    rows = OpportunityVersion.objects.filter(opportunity=deal).order_by("effective_at", "id")
    if known_at is not None:
        rows = rows.filter(recorded_at__lte=known_at)
    counted = {row["effective_at"]: row for row in rows.values("effective_at", *names)}
    return [((at - past).days, *(row[name] for name in names)) for at, row in counted.items()]


def residuals(known_at: datetime | None = None) -> list[int]:
    """The residual of the waterfall of each of the last months, over the versions made into a canonical history."""
    rows = [
        {
            "opportunity_id": str(row.opportunity_id),
            "effective_at": row.effective_at.replace(tzinfo=None),
            "recorded_at": row.recorded_at.replace(tzinfo=None),
            "seq": row.pk,
            "status": row.status,
            "stage": row.stage.key,
            "stage_order": row.stage_order,
            "amount": row.amount,
            "currency": row.currency,
            "close_date": row.close_date,
            "created_at": row.created_at.replace(tzinfo=None),
            "qualified": row.qualified,
            "region": row.region,
        }
        for row in OpportunityVersion.objects.select_related("stage")
    ]
    con = ibis.duckdb.connect(autoinstall_known_extensions=False)
    history = History(con.create_table("history", pa.Table.from_pylist(rows)), currency="EUR")
    now = datetime.now(UTC)
    moments = [now - timedelta(days=30 * n) for n in range(5, -1, -1)]
    options = {} if known_at is None else {"known_at": known_at}
    found = [
        history.waterfall(start, end, by=("stage",), prove=True, **options)  # type: ignore[arg-type]
        for start, end in pairwise(moments)
    ]
    con.disconnect()
    return [one.residual for one in found]


def test_a_corrected_amount_holds_until_it_was_changed_by_itself(actor: Actor, old: Opportunity, past: datetime) -> None:
    before = datetime.now(UTC)
    correct_opportunity(actor, old.pk, past + 5 * DAY, {"amount": 80_000})
    assert told(old, past, "amount", "next_step") == [
        (0, 100_000, ""),
        (5, 80_000, ""),
        (10, 80_000, ""),
        (20, 80_000, "Call"),
        (40, 150_000, "Call"),
        (50, 150_000, "Visit"),
    ]
    assert [amount for _, amount in told(old, past, "amount", known_at=before)] == [100_000, 100_000, 100_000, 150_000, 150_000]
    old.refresh_from_db()
    assert (old.amount, old.revision) == (150_000, 5)
    correction = RecordChange.objects.filter(record_type="opportunity").latest("id")
    assert (correction.operation, correction.fields) == ("correct", {"amount": [100_000, 80_000]})
    assert residuals() == [0] * 5
    assert residuals(before) == [0] * 5


def test_a_correction_that_reaches_the_present_is_the_state(actor: Actor, old: Opportunity, past: datetime) -> None:
    record = correct_opportunity(actor, old.pk, past + 45 * DAY, {"amount": 90_000, "region": "AMER"}, revision=5)
    record.refresh_from_db()
    assert (record.amount, record.region, record.next_step, record.revision) == (90_000, "AMER", "Visit", 6)
    assert told(old, past, "amount")[-3:] == [(40, 150_000), (45, 90_000), (50, 90_000)]
    edit_opportunity(actor, old.pk, {"amount": 95_000}, revision=6)
    assert residuals() == [0] * 5


def test_a_win_that_was_noted_late_is_won_when_it_was(
    actor: Actor, old: Opportunity, past: datetime, stages: dict[str, Stage]
) -> None:
    record = correct_opportunity(actor, old.pk, past + 45 * DAY, {"stage": stages["won"].pk})
    record.refresh_from_db()
    moment = past + 45 * DAY
    assert (record.status, record.stage_since, record.closed_at) == ("won", moment, moment)
    assert record.close_date == moment.date()
    assert [status for _, status in told(old, past, "status")] == ["open"] * 4 + ["won"] * 2
    assert told(old, past, "probability")[-3:] == [(40, 5000), (45, 10_000), (50, 10_000)]
    assert residuals() == [0] * 5


def test_an_entry_that_came_later_is_stamped_again(
    actor: Actor, old: Opportunity, past: datetime, stages: dict[str, Stage]
) -> None:
    correct_opportunity(actor, old.pk, past + 5 * DAY, {"stage": stages["identified"].pk})
    stamps = Stamp.objects.filter(record_type="opportunity", what="stage").order_by("at", "id")
    counted = {row.at: row for row in stamps}
    assert [((at - past).days, row.origin, row.target, row.seconds) for at, row in counted.items()] == [
        (0, "", "qualified", None),
        (5, "qualified", "identified", 5 * 86_400),
        (10, "identified", "closing", 5 * 86_400),
    ]
    old.refresh_from_db()
    assert (old.stage.key, old.stage_since) == ("closing", past + 10 * DAY)
    assert [qualified for _, qualified in told(old, past, "qualified")] == [True, False, True, True, True, True]
    assert residuals() == [0] * 5


def test_a_deal_that_was_where_it_went_earlier_than_noted(
    actor: Actor, old: Opportunity, past: datetime, stages: dict[str, Stage]
) -> None:
    record = correct_opportunity(actor, old.pk, past + 5 * DAY, {"stage": stages["closing"].pk})
    record.refresh_from_db()
    assert (record.stage.key, record.stage_since) == ("closing", past + 5 * DAY)
    assert told(old, past, "stage__key", "stage_since")[1:3] == [
        (5, "closing", past + 5 * DAY),
        (10, "closing", past + 5 * DAY),
    ]
    again = Stamp.objects.filter(record_type="opportunity", what="stage", at=past + 10 * DAY).latest("id")
    assert (again.origin, again.target) == ("closing", "closing")


def test_a_loss_undone_by_what_came_later_leaves_the_open_deal_open(
    actor: Actor, old: Opportunity, past: datetime, stages: dict[str, Stage]
) -> None:
    with pytest.raises(InvalidInput, match="why the deal was lost"):
        correct_opportunity(actor, old.pk, past + 5 * DAY, {"stage": stages["lost"].pk})
    record = correct_opportunity(actor, old.pk, past + 5 * DAY, {"stage": stages["lost"].pk, "lost_reason": "price"})
    record.refresh_from_db()
    assert (record.status, record.closed_at, record.close_date) == ("open", None, date(2027, 1, 1))
    assert [status for _, status in told(old, past, "status")] == ["open", "lost", "open", "open", "open", "open"]
    assert residuals() == [0] * 5


def test_moments_that_cannot_be_corrected(actor: Actor, old: Opportunity, past: datetime) -> None:
    for at in (past - DAY, datetime.now(UTC) + DAY, datetime(2026, 1, 1)):
        with pytest.raises(InvalidInput):
            correct_opportunity(actor, old.pk, at, {"amount": 1})
    with pytest.raises(InvalidInput, match="no such field"):
        correct_opportunity(actor, old.pk, past, {"status": "won"})
    assert OpportunityVersion.objects.count() == 5


def test_a_change_that_is_earlier_than_the_last_one_is_no_correction(actor: Actor, old: Opportunity, past: datetime) -> None:
    with pytest.raises(InvalidInput, match="Correct its past"):
        edit_opportunity(actor.but(at=past + 5 * DAY), old.pk, {"amount": 1})
    edit_opportunity(actor.but(at=past + 60 * DAY), old.pk, {"amount": 1})


def test_corrections_of_corrections(actor: Actor, old: Opportunity, past: datetime) -> None:
    correct_opportunity(actor, old.pk, past + 5 * DAY, {"amount": 80_000})
    correct_opportunity(actor, old.pk, past + 15 * DAY, {"amount": 70_000, "region": "AMER"})
    correct_opportunity(actor, old.pk, past, {"amount": 60_000})
    assert told(old, past, "amount", "region") == [
        (0, 60_000, "EMEA"),
        (5, 80_000, "EMEA"),
        (10, 80_000, "EMEA"),
        (15, 70_000, "AMER"),
        (20, 70_000, "AMER"),
        (40, 150_000, "AMER"),
        (50, 150_000, "AMER"),
    ]
    assert residuals() == [0] * 5
