from __future__ import annotations

import pytest

from gatecourt.rules.determinism.protection import Protection, words

COVERED = [
    (("pnl",), "pnl"),
    (("summary", "realizedPnl"), "pnl"),
    (("summary", "PnL"), "pnl"),
    (("netpnl",), "pnl"),
    (("TOTAL_EQUITY_USD",), "equity"),
    (("final_equity_usd",), "equity"),
    (("episode_rewards", 3), "reward"),
    (("balances", "0"), "balance"),
    (("max_draw_down",), "drawdown"),
    (("maxDrawdownPct",), "drawdown"),
    (("fees", "usd"), "fee"),
    (("orders", 1, "filled_qty"), "qty"),
    (("dataset_ref", "sha256"), "sha256"),
    (("configHash",), "hash"),
    (("hacks", 0, "decision"), "decision"),
    (("loss",), "loss"),
    (("losses",), "loss"),
    (("policyLosses",), "loss"),
    (("avg_price",), "price"),
    (("eqs_score",), "score"),
]
FREE = [
    ("run_id",),
    ("timestamp_utc",),
    ("ts_ms",),
    ("decisions", 0, "timestamp"),
    ("mismatches", 1, "timestamp"),
    ("positions", "BTC", "updated_at"),
    ("fees", "created_at_ms"),
    ("payload", "duration_ms"),
    ("meta", "host"),
    ("closure",),
    (0, 1),
]


@pytest.mark.parametrize(("steps", "word"), COVERED)
def test_protected(steps, word):
    assert Protection().covered(steps) == word


@pytest.mark.parametrize("steps", FREE)
def test_free(steps):
    assert Protection().covered(steps) is None


def test_extra_names_are_protected_in_any_spelling():
    protection = Protection(["gas_used", "Karma"])
    assert protection.covered(("tx", "gasUsed"))
    assert protection.covered(("gas_used_total",))
    assert protection.covered(("agent_karma",))
    assert protection.covered(("gas",)) is None


def test_words_of_a_name():
    assert words("HTTPServerTime_ms2") == ("http", "server", "time", "ms", "2")
