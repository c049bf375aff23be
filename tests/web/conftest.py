"""The small company of the records' tests, its proof that history replays, and no language left on by a request."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation

from tests.crm.conftest import *  # noqa: F403
from tests.crm.conftest import _history_replays  # noqa: F401


@pytest.fixture(autouse=True)
def _language_is_reset() -> Iterator[None]:
    yield
    translation.activate("en")
