"""What the tests share."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TREASURE = ROOT / "fixtures" / "treasure"
TOWNLET = ROOT / "fixtures" / "townlet"
