"""``python -m tests.campaign``: runs what is open of every part, then sums up. ``--fresh`` forgets what was done."""

from __future__ import annotations

import argparse
import sys

from tests.bench import ROOT
from tests.campaign import bands, coverage, engine_kills, faults, kills, seeds
from tests.campaign.ledger import Ledger

PARTS = {
    faults.PART: (faults.items, faults.prove, "faults convicted by the gate they name"),
    seeds.PART: (seeds.items, seeds.acquit, "clean runs with fresh seeds acquitted"),
    bands.PART: (bands.items, bands.acquit, "clean runs with fresh seeds stayed within their bands"),
    kills.PART: (kills.items, kills.kill, "killed sessions left no false GO"),
    engine_kills.PART: (engine_kills.items, engine_kills.kill, "killed and resumed runs lost and doubled no row"),
    coverage.PART: (coverage.items, coverage.measure, "floors of branch coverage reached"),
}


def main() -> int:
    """0 where every item of every chosen part is good, else 1."""
    parser = argparse.ArgumentParser(prog="campaign", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="only these parts")
    parser.add_argument("--fresh", action="store_true", help="begin again")
    options = parser.parse_args()
    path = ROOT / "reports" / "campaign" / "ledger.jsonl"
    if options.fresh:
        path.unlink(missing_ok=True)
    ledger = Ledger(path)
    chosen = options.parts or list(PARTS)
    for part in chosen:
        for line in PARTS[part][1](ledger):
            print(line, flush=True)
    return _sum_up(ledger, chosen)


def _sum_up(ledger: Ledger, parts: list[str]) -> int:
    good = True
    print()
    for part in parts:
        items, _, words = PARTS[part]
        wanted = items()
        rows = ledger.of(part, wanted)
        passed = sum(row["good"] for row in rows)
        good = good and passed == len(wanted)
        print(f"{passed} of {len(wanted)} {words}")
        if part in (seeds.PART, bands.PART) and rows:
            bound = upper_bound(len(rows) - passed, len(rows))
            print(
                f"  {len(rows) - passed} false alarms in {len(rows)}: the rate is below {bound:.1%} at 95 % confidence"
            )
    return 0 if good else 1


def upper_bound(alarms: int, runs: int) -> float:
    """The rate of false alarms that so many in so many runs leave possible at 95 % (Clopper and Pearson, one-sided)."""
    from scipy.special import betaincinv

    return 1.0 if alarms == runs else float(betaincinv(alarms + 1, runs - alarms, 0.95))


if __name__ == "__main__":
    sys.exit(main())
