"""The database itself keeps history from being changed."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from penstock.crm.actions.accounts import create_account
from penstock.crm.actions.actor import Actor

TABLES = ["crm_change", "crm_recordchange", "crm_stamp"]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id + 1000", "DELETE FROM {}"])
def test_history_can_neither_be_updated_nor_deleted(actor: Actor, table: str, statement: str) -> None:
    create_account(actor, name="Lac Bleu SA")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))
