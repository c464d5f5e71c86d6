"""The gates: one module a runbook chapter, its tests and a docstring."""
