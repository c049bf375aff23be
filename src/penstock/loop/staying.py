"""How long an account stays in the status that a rule gives it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from penstock.crm.models.record import Record
from penstock.loop.thresholds import days


def stays_until(settings: Mapping[str, Any] | None, watched: Record | None) -> datetime | None:
    """The instant until which it stays: so many days from now; None where a rule says nothing of it.

    settings: {"days": number}, or {"by": field, "days": {value: number}, "otherwise": number}, by a field of the record that
    was watched, such as the reason why a deal was lost.
    """
    if settings is None:
        return None
    count = settings["days"]
    if "by" in settings:
        count = count.get(getattr(watched, settings["by"], ""), settings["otherwise"])
    return timezone.now() + timedelta(days=days(count))
