"""Rows: those of some windows, from the journal, as a source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from watchkeeper import sources
from watchkeeper.journal import Served, served
from watchkeeper.running.news import News
from watchkeeper.running.touched import Spans

__all__ = ["JournalRows"]


@dataclass(frozen=True)
class JournalRows:
    """The rows of one model."""

    news: News
    served: Served

    def opened(
        self, windows: Spans, kinds: Mapping[str, Literal["number", "category"]] | None = None
    ) -> sources.SourceRows:
        """The rows of these windows; a column that holds values of another type there is read as text.

        Parameters
        ----------
        kinds : what each column is; None: what the journal says
        """
        odd = tuple(self.served.misfits(windows.pairs))
        reader = self.served
        if odd:
            reader = served(self.news.journal, self.news.given, odd=odd, known=self.news.traits)
        relation = reader.rows(windows.pairs, self.news.now)
        known = self.served.kinds if kinds is None else dict(kinds)
        return sources.open_rows(relation, self.served.model, "journal", kinds=known, optional=True)
