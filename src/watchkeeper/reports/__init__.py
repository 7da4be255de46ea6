"""Reports: a result as one HTML file, and as the summary that a notebook shows."""

from watchkeeper.reports.report import write_report
from watchkeeper.reports.summary import summary_html

__all__ = ["summary_html", "write_report"]
