"""One folder a gate: gate.py registers it, section.py binds its manifest keys, the rest judges."""
