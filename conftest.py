"""Lets a bare clone run: where the plugin is not installed, pytest loads it from ``plugins/``."""

pytest_plugins = ["gatecourt.plugin"]
