"""The small company of the records' tests."""

from __future__ import annotations

from tests.crm.conftest import *  # noqa: F403
