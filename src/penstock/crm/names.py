"""Names of companies, compared: what is left of one without its legal form, accents and signs."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Legal forms as they are written once dots, accents and case are gone.
LEGAL_FORMS = frozenset(
    """ab ag aps as asa bhd bv bvba co company corp corporation cv cvba doo eg eirl eood esv eurl ev gbr gesmbh gie gmbh gp hf inc
    incorporated jsc kft kg kgaa kk kommanditgesellschaft lda limited llc llp lp ltd ltda mbh nv oao ohg ood oy oyj ooo pac pbc
    plc pllc pte pty pvt sa saa sab sac sae sapa sapi sarl sas sasu sca scarl sci scop scpa scrl se selarl sl slu snc
    spa spj spolka sprl spzoo sro srl srls ug vof zrt""".split()
)
# Those that are also written before the name; others, such as `as`, begin names of their own.
_BEFORE = frozenset("eurl gie gmbh kg sa sarl sas sasu sci scop selarl snc spa sprl srl the".split())
# Words that stand with a legal form and say nothing of the company on their own.
_FILLERS = frozenset("and und et e y the".split())
_APOSTROPHES = re.compile(r"['’`´]")
_WORD = re.compile(r"\w+", re.UNICODE)
_INITIALS = re.compile(r"\b(?:[^\W\d_][./]\s?){1,5}(?:[^\W\d_]\b\.?)?")
_UNFOLDED = str.maketrans({"ß": "ss", "ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ı": "i"})


@lru_cache(maxsize=4_096)
def name_key(name: str) -> str:
    """A company's name as it is compared: lower case, accents folded, signs gone, legal forms left out, single spaces.

    `Lac Bleu S.A.`, `LAC-BLEU SAS` and `Lac Bleu` have the same key, `lac bleu`. Legal forms are taken from the end and from
    the beginning, never from the middle, and never the last word that is left: `SAS` stays `sas`.
    """
    plain = folded(name)
    words = _WORD.findall(_INITIALS.sub(_joined, _APOSTROPHES.sub("", plain)))
    while len(words) > 1 and (words[-1] in LEGAL_FORMS or words[-1] in _FILLERS):
        words.pop()
    while len(words) > 1 and words[0] in _BEFORE:
        words.pop(0)
    return " ".join(words)[:200]


def folded(text: str) -> str:
    """A text in lower case without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("&", " and ")).translate(_UNFOLDED)
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


def _joined(initials: re.Match[str]) -> str:
    """`s.a.` as `sa`, whether or not there are spaces between."""
    return re.sub(r"[./\s]", "", initials.group()) + " "
