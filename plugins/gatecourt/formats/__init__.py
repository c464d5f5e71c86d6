"""Strict reading of files, and the places in them: JSON, JSON Lines, YAML, TOML, pointers, quantities, digests."""
