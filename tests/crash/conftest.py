"""Kills, full disks and races take minutes: they run where PENSTOCK_TEST_KILLS says at how many moments to kill."""

from __future__ import annotations

import os

collect_ignore_glob = [] if os.environ.get("PENSTOCK_TEST_KILLS") else ["test_*.py"]
