"""Published advisories held against the model: is there a threat that names the surface, and a claim that tells the
release with the flaw from the one with the fix?"""

from collateral.backtest.check import Unread, backtest, tags, widened
from collateral.backtest.model import BacktestFile, BacktestRow, ClaimFlip, NamedThreat, Totals, Verdict
from collateral.backtest.text import backtest_markdown, backtest_text

__all__ = [
    "BacktestFile",
    "BacktestRow",
    "ClaimFlip",
    "NamedThreat",
    "Totals",
    "Unread",
    "Verdict",
    "backtest",
    "backtest_markdown",
    "backtest_text",
    "tags",
    "widened",
]
