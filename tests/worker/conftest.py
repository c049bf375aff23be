"""The small company of the records' tests, and subscribers that can be told to fail."""

from __future__ import annotations

import pytest

from penstock.worker import subscribers
from penstock.worker.subscribers import Subscriber
from tests.crm.conftest import *  # noqa: F403
from tests.worker import listening


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> listening.Listener:
    """Events go to a listener alone, which keeps them."""
    monkeypatch.setattr(subscribers, "SUBSCRIBERS", (Subscriber(listening.listen, listening.everything),))
    listening.listener = listening.Listener()
    return listening.listener
