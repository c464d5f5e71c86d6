"""Reconciliation: the orders that an adapter reports compared with the expected ones, recomputed from both sides.

Amounts are compared as the decimals in the files; a difference equal to its tolerance is allowed. The system's own
report is compared with the recomputation and never used in its place.
"""
