"""Declared known-bad variants of a target: what a ``faults/*.toml`` says, how it is read and applied to a copy."""
