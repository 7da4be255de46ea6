"""Reports: a result as one HTML file, and as the summary that a notebook shows."""

from watchkeeper.reports.report import write_report

__all__ = ["write_report"]
