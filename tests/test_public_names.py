"""The names that a gate of one's own may rely on."""

from __future__ import annotations

import subprocess
import sys

import pytest

import gatecourt


def test_every_public_name_is_there():
    assert sorted(gatecourt.__all__) == gatecourt.__all__
    for name in gatecourt.__all__:
        assert getattr(gatecourt, name).__name__ == name


def test_any_other_name_is_refused():
    with pytest.raises(AttributeError, match="module 'gatecourt' has no attribute 'Docket'"):
        gatecourt.Docket  # noqa: B018  # the look-up itself is what is tested


def test_the_package_alone_imports_nothing_of_itself():
    script = "import gatecourt, sys; print([name for name in sys.modules if name.startswith('gatecourt.')])"
    done = subprocess.run([sys.executable, "-c", script], text=True, capture_output=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
