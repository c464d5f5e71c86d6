"""Commands that must end well before anything else is believed: smoke run, lint, types, tests."""
