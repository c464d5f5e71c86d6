"""Operator commands and their log: each is logged, authorised, executed exactly once, and completed."""
