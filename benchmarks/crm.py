"""How fast records are made and moved, single and in bulk, beside the bare insert of the same rows.

`python -m benchmarks.crm [--deals N]` makes an installation of its own on SQLite; with DATABASE_URL set to a PostgreSQL, a
database of its own there. Rates are per second.
"""

from __future__ import annotations

import argparse

from tests.installation import installation

CODE = """
    import time
    from datetime import date
    from django.db import connection, transaction
    from penstock.crm.actions import rows
    from penstock.crm.actions.accounts import create_account
    from penstock.crm.actions.activities import log_activities
    from penstock.crm.actions.actor import Actor, system
    from penstock.crm.actions.opportunities import create_opportunities, create_opportunity
    from penstock.crm.actions.stages import change_stage, change_stages
    from penstock.crm.models import Change, Opportunity, OpportunityVersion, OutboxEvent, Pipeline, RecordChange, Stage, Stamp
    from penstock.org.models import Company

    COUNT = {count}

    Company.objects.create(pk=1, name="Aquifer Systems")
    pipeline = Pipeline.objects.create(key="sales", name="Sales")
    names = ("qualified", "closing")
    first, second = (
        Stage.objects.create(pipeline=pipeline, key=key, position=place, names={{"en": key}}, probability=2000 * place)
        for place, key in enumerate(names, 1)
    )
    accounts = [create_account(system(), name=f"Lac Bleu {{number}}").pk for number in range(100)]
    deals = [
        dict(name=f"Pumps {{n}}", account=accounts[n % 100], amount=n, close_date=date(2999, 1, 1)) for n in range(COUNT)
    ]

    def measured(what, count, act):
        begun = time.perf_counter()
        result = act()
        print(f"| {{what}} | {{count / (time.perf_counter() - begun):,.0f}} |", flush=True)
        return result

    def each(some, act):
        for one in some:
            act(one)

    def bare():
        tables = (OpportunityVersion, RecordChange, Stamp, OutboxEvent)
        kept = {{table: list(table.objects.order_by("pk").values()[: COUNT]) for table in tables}}
        records = list(Opportunity.objects.order_by("pk").values()[: COUNT])
        def insert():
            with transaction.atomic():
                for table, values in ((Opportunity, records), *kept.items()):
                    rows.insert(table, [{{name: value for name, value in row.items() if name != "id"}} for row in values])
                transaction.set_rollback(True)
        return insert

    print(f"| {{connection.vendor}}, {{COUNT:,}} deals | a second |")
    print("|---|---|")
    made = measured("create, bulk", COUNT, lambda: create_opportunities(system(), deals)).done
    measured("bare insert of the same rows", COUNT, bare())
    measured("change of stage, bulk", COUNT, lambda: change_stages(system(), made, second.pk))
    some = min(300, COUNT)
    measured("create, one by one", some, lambda: each(deals[:some], lambda row: create_opportunity(system(), **row)))
    measured("change of stage, one by one", some, lambda: each(made[:some], lambda pk: change_stage(system(), pk, first.pk)))
    importing = Actor(user=None, source="import", quiet=True)
    touches = [dict(kind="call", account=accounts[n % 100], subject="Call") for n in range(COUNT)]
    measured("log activities, bulk", COUNT, lambda: log_activities(importing, touches))
"""


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--deals", type=int, default=10_000, help="how many deals are made and moved (default: %(default)s)")
    arguments = parser.parse_args()
    with installation() as place:
        print(place.run(CODE.format(count=arguments.deals)), end="")


if __name__ == "__main__":
    main()
