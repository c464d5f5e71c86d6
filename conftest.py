"""Lets a bare clone run: where the plugin is not installed, pytest loads it from ``plugins/``.

Where it is loaded already this file says nothing, because pytest refuses ``pytest_plugins`` in a conftest that is not
at its root, and the gates of an editable install are collected from below other roots.
"""

import sys

if "gatecourt.plugin" not in sys.modules:
    pytest_plugins = ["gatecourt.plugin"]
