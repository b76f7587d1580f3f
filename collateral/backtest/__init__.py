"""Published advisories held against the model: is there a threat that names the surface, a claim that tells the release
with the flaw from the one with the fix, and a pinned version of a component that a release should not have?"""

from collateral.backtest.model import BacktestFile, BacktestRow, ClaimFlip, NamedThreat, ThirdPartyRow
from collateral.backtest.run import Records, Source, State, read_backtest, run_backtest
from collateral.backtest.text import backtest_markdown, backtest_text

__all__ = [
    "BacktestFile",
    "BacktestRow",
    "ClaimFlip",
    "NamedThreat",
    "Records",
    "Source",
    "State",
    "ThirdPartyRow",
    "backtest_markdown",
    "backtest_text",
    "read_backtest",
    "run_backtest",
]
