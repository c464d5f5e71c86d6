"""The manifest: from ``gates.toml`` to a target."""
