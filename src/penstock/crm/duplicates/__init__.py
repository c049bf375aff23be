"""Records that may be the same company or the same person, each with a score from 0 to 100 and the reasons in words.

`facts` says what of a record is compared, `comparing` how alike two are, `candidates` looks for those of one record, `pairs`
for all of a kind at once. Pairs that somebody has dismissed (`crm.actions.dismissing`) stay away. Merging is in
`crm.actions.merging`.
"""

from __future__ import annotations

from penstock.crm.duplicates.candidates import Candidate, candidates
from penstock.crm.duplicates.dismissed import dismissed_pairs
from penstock.crm.duplicates.pairs import Pair, find_duplicates

__all__ = ["Candidate", "Pair", "candidates", "dismissed_pairs", "find_duplicates"]
