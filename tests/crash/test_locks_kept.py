"""A question asked of the ledger leaves the locks of its process on an SQLite file as they are.

When a process closes a file, the operating system drops all locks that the process holds on it. A second SQLite library in the
process does that to the first one; other processes then take the database for unused and delete what is being written to.
"""

from __future__ import annotations

import pytest

from tests.installation import installation

QUESTION = """
    import os, subprocess, sys
    from penstock.crm.actions.accounts import create_account
    from penstock.crm.actions.actor import system
    from penstock.org.models import Company
    from penstock.reports.mirror import mirror
    from django.db import connection
    Company.objects.create(pk=1, name="Aquifer Systems")
    create_account(system(), name="Lac Bleu")
    with mirror().reading():
        pass
    path = connection.settings_dict["NAME"]
    other = "import sqlite3, sys; file = sqlite3.connect(sys.argv[1]); file.execute('SELECT * FROM crm_account'); file.close()"
    subprocess.run([sys.executable, "-c", other, path], check=True)
    print(os.path.exists(f"{path}-wal"))
"""


def test_other_processes_see_that_the_database_is_in_use() -> None:
    with installation() as place:
        if place.url.startswith("postgres"):
            pytest.skip("only SQLite's locks are the operating system's")
        assert place.run(QUESTION).strip() == "True", "another process has tidied the write-ahead log away under this one"
