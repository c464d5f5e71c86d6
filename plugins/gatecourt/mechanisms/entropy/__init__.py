"""Entropy trap: which line of the target read a clock, a random source or the identity of its process or host.

``environment`` puts a trap into the environment of a run of a Python or Node target, ``read_trap`` reads its
log, ``judge`` compares that with what the manifest allows.
"""
