"""Backtesting: history judged again, by the rules as they are and by others."""

from watchkeeper.backtesting.job import backtest
from watchkeeper.backtesting.replay import Replay
from watchkeeper.backtesting.result import Backtest
from watchkeeper.backtesting.told import Told
from watchkeeper.backtesting.variant import Variant

__all__ = ["Backtest", "Replay", "Told", "Variant", "backtest"]
