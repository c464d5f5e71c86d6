"""Reconciliation: what an adapter says of its orders against what was expected of them, recomputed from both sides.

Amounts are compared as the decimals that stand in the files; a difference that equals its tolerance is none. The
system's own report is a claim, held against the recomputation and never taken for it.
"""
