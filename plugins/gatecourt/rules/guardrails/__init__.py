"""Commands that must succeed before anything else counts: smoke run, lint, types, tests."""
