"""What other processes commit is read, whatever the order in which they do it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.installation import Installation, installation

SETUP = """
    from datetime import date
    from django.db import transaction
    from penstock.crm.actions.accounts import create_account
    from penstock.crm.actions.actor import system
    from penstock.crm.actions.opportunities import create_opportunity, edit_opportunity
    from penstock.crm.models import Account, Pipeline, Stage
    from penstock.org.models import Company
"""
MADE = (
    SETUP
    + """
    Company.objects.create(pk=1, name="Aquifer Systems")
    pipeline = Pipeline.objects.create(key="sales", name="Sales")
    Stage.objects.create(pipeline=pipeline, key="qualified", position=1, names={"en": "Qualified"}, probability=2000)
    account = create_account(system(), name="Lac Bleu SA", region="EMEA")
    for number in range(3):
        create_opportunity(system(), name=f"Pumps {number}", account=account, amount=100, close_date=date(2999, 1, 1))
"""
)
COUNTED = """
    from penstock.reports.mirror import mirror
    def held():
        with mirror().reading() as read:
            return read.con.raw_sql("SELECT count(*) FROM company_versions").fetchone()[0]
"""
# Inserts its version first, and commits when it is told to.
LATE = (
    SETUP
    + """
    with transaction.atomic():
        create_opportunity(system(), name="Late", account=Account.objects.get(), amount=100, close_date=date(2999, 1, 1))
        print("written", flush=True)
        input()
    print("committed", flush=True)
"""
)
LOOKING = (
    SETUP
    + COUNTED
    + """
    print(held(), flush=True)
    input()
    if {other}:
        create_opportunity(system(), name="Quick", account=Account.objects.get(), amount=100, close_date=date(2999, 1, 1))
    print(held(), flush=True)
    input()
    print(held(), flush=True)
    from penstock.reports.mirror import mirror
    print(mirror().con.raw_sql("SELECT count(DISTINCT seq) FROM company_versions").fetchone()[0], flush=True)
"""
)


@pytest.fixture
def made() -> Iterator[Installation]:
    with installation() as place:
        place.run(MADE)
        yield place


def test_versions_are_read_in_columns_as_they_are_through_the_records(made: Installation) -> None:
    printed = made.run(
        SETUP
        + """
    from penstock.reports import reading
    from penstock.reports.reading import Mark, rows_since
    import pyarrow as pa
    columns, mark = rows_since(Mark())
    through_columns = pa.Table.from_batches(columns).to_pylist()
    with transaction.atomic():
        records, same = rows_since(Mark())
    assert pa.Table.from_batches(records).to_pylist() == through_columns
    print(len(through_columns), mark.seq == same.seq)
    """
    )
    assert printed.split() == ["3", "True"]


def test_a_transaction_that_commits_late_is_not_passed_over(made: Installation) -> None:
    """On PostgreSQL the late one has the lower id; SQLite has one writer, so there nobody can overtake."""
    postgres = made.url.startswith("postgres")
    looking = made.start(LOOKING.format(other=postgres))
    assert looking.stdout is not None
    assert looking.stdin is not None
    assert looking.stdout.readline().strip() == "3"
    late = made.start(LATE)
    assert late.stdout is not None
    assert late.stdout.readline().strip() == "written"
    looking.stdin.write("\n")
    looking.stdin.flush()
    assert looking.stdout.readline().strip() == ("4" if postgres else "3")
    assert late.communicate("\n")[0].strip() == "committed"
    out, err = looking.communicate("\n", timeout=60)
    assert out.split() == (["5", "5"] if postgres else ["4", "4"]), err


def test_a_process_starts_from_the_files_and_reads_on_from_there(made: Installation) -> None:
    code = (
        SETUP
        + COUNTED
        + """
    from penstock.reports import segments
    segments._WORTH_A_FILE = 1
    {before}
    print(held(), len(list(segments.folder().glob("*.parquet"))))
    """
    )
    assert made.run(code.format(before="")).split() == ["3", "1"]
    edit = (
        'from penstock.crm.models import Opportunity; edit_opportunity(system(), Opportunity.objects.first().pk, {"amount": 7})'
    )
    assert made.run(code.format(before=edit)).split() == ["4", "2"]
    spoilt = 'next(segments.folder().glob("*.parquet")).write_bytes(b"not a file of versions")'
    assert made.run(code.format(before=spoilt)).split()[0] == "4"
    assert made.run(code.format(before="segments.remove()")).split() == ["4", "1"]
