"""Penstock in Python: `penstock.read(path)` gives a History, `history.waterfall(start, end)` a Waterfall, and so on.

Here live the objects a person holds in a notebook, and the machine-readable form of each answer. A figure is asked for here once;
the command line, the pages and the API all ask in the same way.
Here lives no formula (that is `penstock.ledger`), no reading of files (`penstock.readers`) and no drawing (`penstock.charts`).
"""

from penstock.library.history import History
from penstock.library.reading import read
from penstock.library.tieout import TieOutError
from penstock.library.validity import InvalidHistory
from penstock.library.waterfall import Waterfall

__all__ = ["History", "InvalidHistory", "TieOutError", "Waterfall", "read"]
