"""Domains of companies, as they are found in websites and e-mail addresses."""

from __future__ import annotations

import re
from pathlib import Path

# Addresses at these say nothing of a company. A domain a line, and lines that begin with a # for people.
_LISTED = Path(__file__).with_name("mailboxes.txt").read_text(encoding="utf-8").split("\n")
MAILBOXES = frozenset(line.strip() for line in _LISTED if line.strip() and not line.startswith("#"))
# What stands between a name and its country, as in co.uk.
_SECOND_LEVEL = frozenset("ac co com edu gov ltd net or org plc".split())
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_DOMAIN = re.compile(r"[^\s.@]+(?:\.[^\s.@]+)+")


def domain_of(text: str) -> str:
    """The domain in a website's or an e-mail address, or in a domain: lower case, without `www.`; empty where there is none.

    `https://www.Lac-Bleu.example/contact`, `ada@lac-bleu.example` and `LAC-BLEU.example` are all `lac-bleu.example`.
    """
    host = re.split(r"[/?#]", _SCHEME.sub("", text.strip().lower()), maxsplit=1)[0]
    host = host.rpartition("@")[2].partition(":")[0].strip(".").removeprefix("www.")
    return host if len(host) <= 120 and _DOMAIN.fullmatch(host) else ""


def company_domain(email: str) -> str:
    """The domain of an e-mail address, unless it is one where anybody may have a mailbox; empty then."""
    domain = domain_of(email) if "@" in email else ""
    return "" if domain in MAILBOXES else domain


def company_of(domain: str) -> str:
    """A company's name as its domain tells it: `lac-bleu.example` and `lac-bleu.co.uk` are `Lac Bleu`."""
    labels = domain.split(".")
    own = -3 if len(labels) > 2 and labels[-2] in _SECOND_LEVEL and len(labels[-1]) == 2 else -2
    return " ".join(word.capitalize() for word in labels[max(own, -len(labels))].split("-") if word)
