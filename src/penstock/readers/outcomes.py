"""What words say about a deal: won, lost, removed or open. Only clear words count; what only might be an end is asked about."""

from __future__ import annotations

import re
from typing import Final

from penstock.readers.fields import plain

_WON: Final = (
    "won", "closedwon", "closewon", "wonclosed", "win", "dealwon", "salewon", "gewonnen", "abgeschlossengewonnen",
    "closedgewonnen", "gagne", "gagné", "gagnée", "ferméegagnée", "cerradaganada", "cerradoganado", "ganada", "ganado",
    "ganha", "ganho", "fechadoganho", "fechadaeganha", "vinta", "vinto", "vunnen", "vundet", "vunnet", "wygrana", "wygrane",
    "成約", "赢单",
)  # fmt: skip
_LOST: Final = (
    "lost", "closedlost", "closelost", "lostclosed", "deallost", "salelost", "closedlosttocompetition", "verloren",
    "closedverloren", "perdu", "perdue", "ferméeperdue", "perdida", "perdido", "cerradaperdida", "cerradoperdido",
    "fechadoperdido", "persa", "perso", "förlorad", "tabt", "tapt", "przegrana", "przegrane", "失注", "输单",
)  # fmt: skip
_REMOVED: Final = ("removed", "deleted", "duplicate", "merged", "closedduplicate")
_OPEN: Final = ("open", "active", "inprogress", "ongoing", "offen", "ouvert", "ouverte", "abierta", "abierto", "aberto")
# Words inside a name that say it is an end, but not for certain which, or whose end.
_ENDS: Final = (
    "closed", "declined", "cancelled", "canceled", "rejected", "refused", "abandoned", "terminated", "dead", "expired",
    "withdrawn", "disqualified", "finished", "complete", "completed", "done", "archived", "approved", "activated",
    "no decision", "churned",
)  # fmt: skip


def outcome(name: str) -> str | None:
    """won, lost, removed or open where a stage's or status's name says so; None where it does not."""
    bare = plain(re.sub(r"^\W*\d+\W+", "", name)) or plain(name)  # "6 - Closed Won"
    for status, names in (("won", _WON), ("lost", _LOST), ("removed", _REMOVED), ("open", _OPEN)):
        if bare in names:
            return status
    words = re.findall(r"[^\W\d_]+", name.casefold())
    said = {"won" if "won" in words else "", "lost" if "lost" in words else ""} - {""}
    return said.pop() if len(said) == 1 and "closed" in words else None  # "Closed - Won (Renewal)"


def may_be_an_end(name: str) -> bool:
    """Whether a stage's name says that deals end there without saying how."""
    spaced = " ".join(re.findall(r"[^\W_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).casefold()))
    return any(re.search(rf"\b{word}\b", spaced) for word in _ENDS)
