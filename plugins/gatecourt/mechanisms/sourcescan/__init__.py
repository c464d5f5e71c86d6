"""Source scan: where the target's code reads a clock, a random source or an identity of process or host.

``scan`` finds the places (Python with aliases resolved, JavaScript and TypeScript by syntax tree), ``judge`` holds
them against the exemptions of the manifest.
"""
