"""gatecourt: runbook checks as pytest gates, with a court that judges what they find."""

__version__ = "0.1.0"
