"""Loaded by the target's own interpreter before the target: arms the traps, then steps aside.

Standard library only, Python 3.8 and newer. The folder of this file leaves ``sys.path`` again, and a
``sitecustomize`` that the target has of its own is run as if this one had never been there.
"""

# pathlib and contextlib are dear where every process of a target pays for their import:
# ruff: noqa: PTH100, PTH118, PTH120, SIM105
from __future__ import annotations

import os
import sys
from importlib.machinery import PathFinder


def _arm(folder: str) -> None:
    from gatecourt_trap import arm  # type: ignore[import-not-found]  # on the path while the trap is armed only

    arm(os.path.join(os.path.dirname(folder), "trap.conf"))


def _step_aside(folder: str) -> None:
    sys.path[:] = [entry for entry in sys.path if entry != folder]
    sys.path_importer_cache.pop(folder, None)
    spec = PathFinder.find_spec("sitecustomize", sys.path)
    if spec is None or spec.loader is None:
        return
    from importlib.util import module_from_spec

    module = module_from_spec(spec)
    sys.modules["sitecustomize"] = module
    spec.loader.exec_module(module)


_FOLDER = os.path.dirname(os.path.abspath(__file__))
try:
    _arm(_FOLDER)
except Exception:  # noqa: S110  # the target must run; a trap that did not arm is seen by its missing start record
    pass
_step_aside(_FOLDER)
