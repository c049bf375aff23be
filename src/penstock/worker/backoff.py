"""When something that failed is tried again: later each time, and not all at the same moment."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from django.utils import timezone

# With these, what fails for three hours is given up.
ATTEMPTS = 8
_FIRST_SECONDS = 5
_FACTOR = 4
_LONGEST_SECONDS = 3_600


def next_attempt(attempts: int) -> datetime:
    """The moment of the next attempt after `attempts` that failed: 5 s, 20 s, 80 s … up to an hour, half as much more or less."""
    seconds = min(_LONGEST_SECONDS, _FIRST_SECONDS * _FACTOR ** (attempts - 1))
    return timezone.now() + timedelta(seconds=seconds * random.uniform(0.5, 1.5))
