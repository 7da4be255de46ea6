"""Charts: one definition of each chart, for the report, notebooks and the command line alike."""

from watchkeeper.charts.plot import plot
from watchkeeper.charts.save import save_chart

__all__ = ["plot", "save_chart"]
