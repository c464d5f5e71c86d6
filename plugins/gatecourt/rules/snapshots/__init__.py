"""Snapshots of a simulation: what a run can be continued from, judged before anybody has to."""
