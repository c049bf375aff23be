"""The small company of the records' tests, and a mirror of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from penstock.reports import mirror
from tests.crm.conftest import *  # noqa: F403


@pytest.fixture(autouse=True)
def _own_mirror() -> Iterator[None]:
    mirror.drop()
    yield
    mirror.drop()
