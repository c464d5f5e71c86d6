"""Renderers: the only place where verdicts become sentences and files."""
