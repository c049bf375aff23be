"""Nothing leaves the domain around access: every table has a rule, and no module reads records without asking for one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import Model

from penstock.crm.access import kinds
from penstock.crm.models import Change, OpportunityVersion, OutboxEvent, RecordChange, Stamp
from penstock.crm.models.record import OwnedRecord, Record
from penstock.crm.record_types import record_models, record_type
from tests.conftest import ROOT

SOURCE = ROOT / "src" / "penstock"
PACKAGES = ("org", "crm", "loop", "reports", "council", "exchange", "worker", "web", "api", "cli")
MANAGERS = ("objects", "_default_manager", "_base_manager")
HISTORY = (Change, RecordChange, OpportunityVersion, Stamp, OutboxEvent)
TABLE_OF_RECORDS = re.compile(r"\b(?:FROM|JOIN)\s+\"?crm_", re.IGNORECASE)

# The places that read records, or tables that are not known by name, without a viewer, each with the reason.
WITHOUT_A_VIEWER = {
    "crm/access": "this is where access is decided",
    "crm/actions": "the writer asks `may` for each record and `visible_to` for each id; the rest is what an action follows from",
    "crm/probabilities.py": "what is learned is a rate of all deals of the company, and names none of them",
    "crm/replay.py": "the proof that history and state agree must look at every record",
    "crm/criteria.py": "what a deal lacks for a stage is a fact of the deal, which the caller has from visible_to",
    "org/actions": "the organisation knows no records: `_default_manager` here is of its own tables",
    "loop/assignment.py": "work is shared out by the system, which counts what each person carries",
    "loop/circles.py": "how often rules set each other off is counted by the system itself",
    "loop/due.py": "the clock is the system itself",
    "loop/facts.py": "conditions of rules are judged by the system itself",
    "loop/performing.py": "rules are carried out by the system itself",
    "loop/running.py": "rules are run by the system itself; a dry run for a viewer starts from visible_to",
    "loop/standing.py": "alerts are found by the system and told to those who answer for the record",
    "loop/triggers.py": "events are taken up by the system itself",
    "loop/verbs.py": "what a rule does is done by the system itself, through the actions",
    "reports/labels.py": "names of people and teams are known to all; those of records come from visible_to",
    "reports/segments.py": "the mirror holds every version; reports.source joins it with visible_opportunity_ids",
    "reports/versions_sql.py": "the mirror holds every version; reports.source joins it with visible_opportunity_ids",
    "reports/verification.py": "the proof that nothing is lost must look at every record",
    "cli/server/archive.py": "a backup holds everything; whoever runs the command has the database itself",
    "cli/server/worker.py": "whoever runs the worker sees which events were given up, by number",
    "worker/outbox.py": "events are handed out by the system itself",
    "worker/queue.py": "the queue of django-tasks holds no records",
}


def tables() -> list[type[Model]]:
    """Every model of the product."""
    ours = [config for config in apps.get_app_configs() if config.name.startswith("penstock.")]
    return [model for config in ours for model in config.get_models()]


def unguarded(path: Path) -> Iterator[str]:
    """The reads of a module that are not of a table known to be no record."""
    harmless = {model.__name__ for model in tables() if not issubclass(model, Record) and model not in HISTORY}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and node.attr in MANAGERS:
            of = node.value.id if isinstance(node.value, ast.Name) else ast.unparse(node.value)
            if of not in harmless:
                yield f"line {node.lineno}: {of}.{node.attr}"
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and TABLE_OF_RECORDS.search(node.value):
            yield f"line {node.lineno}: SQL on tables of records"


def modules() -> dict[str, Path]:
    """The modules of the packages that have records, by their path in the package."""
    files = [path for package in PACKAGES for path in (SOURCE / package).rglob("*.py") if "migrations" not in path.parts]
    return {path.relative_to(SOURCE).as_posix(): path for path in sorted(files)}


def excused(name: str) -> bool:
    return any(name == place or name.startswith(f"{place}/") for place in WITHOUT_A_VIEWER)


@pytest.mark.parametrize("model", tables(), ids=lambda model: model._meta.label)
def test_every_table_has_a_rule(model: type[Model]) -> None:
    if issubclass(model, Record):
        _, kind = kinds.kind_of(model)
        fields = {field.name for field in model._meta.get_fields()}
        assert kind.owned == issubclass(model, OwnedRecord)
        assert set(kind.parents) <= fields
        assert kind.account in {"", "self"} | fields
    else:
        assert kinds.shown(model) in ("all", "own", "history", "set_up")


def test_no_rule_is_of_a_table_that_is_gone() -> None:
    assert set(kinds.KINDS) == {record_type(model) for model in record_models()}
    installed = {config.label for config in apps.get_app_configs()}
    there = {model._meta.label_lower for model in tables()}
    assert not [label for label in kinds.TABLES if label.split(".")[0] in installed and label not in there]


def test_every_kind_of_record_that_is_a_model_is_known() -> None:
    assert {model for model in tables() if issubclass(model, Record)} == set(record_models())


def test_no_module_reads_records_around_access() -> None:
    around = {name: list(unguarded(path)) for name, path in modules().items() if not excused(name)}
    assert not {name: reads for name, reads in around.items() if reads}, "ask crm.access.visible_to, or say here why not"


@pytest.mark.parametrize("place", WITHOUT_A_VIEWER)
def test_every_excuse_is_still_needed(place: str) -> None:
    reads = [
        read for name, path in modules().items() if name == place or name.startswith(f"{place}/") for read in unguarded(path)
    ]
    assert reads, f"{place} reads nothing around access any more: take it off the list"


def test_a_read_around_access_is_noticed(tmp_path: Path) -> None:
    module = tmp_path / "around.py"
    module.write_text(
        "def deals():\n    return Opportunity.objects.all()\n\n\n"
        "def any_of(model):\n    return model._default_manager.all()\n\n\n"
        "SQL = 'SELECT * FROM crm_opportunity'\nSTAGES = Stage.objects.all()\n"
    )
    assert [line.split(":")[0] for line in unguarded(module)] == ["line 9", "line 2", "line 6"]
