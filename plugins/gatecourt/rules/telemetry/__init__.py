"""Rows that a learner writes as it goes: whole, in order, judged row by row, and held against what was recorded."""
