"""The libraries that judge come from where Python found them at its start, never from a folder of the target.

Without this a file ``jsonschema_rs.py`` beside ``gates.toml`` would be imported in place of the real one: pytest puts
the folders of conftest files, and ``python -m`` the current folder, at the front of ``sys.path``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

from gatecourt.core.extras import EXTRAS

_AT_START = tuple(sys.path)
_CORE = (
    *("_duckdb", "bracex", "execnet", "filelock", "greenlet", "jsonschema_rs", "numpy", "orderly_set", "orjson"),
    *("packaging", "pluggy", "psutil", "psycopg_binary", "pytest", "rfc8785", "ruamel", "typing_extensions", "wcmatch"),
    *("xdist", "_pytest", "iniconfig", "pygments"),
)
OWN = frozenset({*_CORE, *EXTRAS, *sys.stdlib_module_names})


class OwnLibraries(MetaPathFinder):
    """Finds our libraries, and Python's own, only on ``path``."""

    def __init__(self, path: Sequence[str]) -> None:
        self.path = list(path)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The specification of a library of ours; None for any other module. Raises ``ModuleNotFoundError``."""
        if path is not None or fullname not in OWN or fullname in sys.builtin_module_names:
            return None
        found = PathFinder.find_spec(fullname, self.path, target)
        if found is None and fullname in EXTRAS:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        return found


def protect_own_libraries(folders: Iterable[Path]) -> None:
    """From now on no library of ours is imported from ``folders`` or from a folder added to ``sys.path`` later."""
    if any(isinstance(finder, OwnLibraries) for finder in sys.meta_path):
        return
    forbidden = {folder.resolve() for folder in folders}
    trusted = [entry for entry in _AT_START if entry and Path(entry).resolve() not in forbidden]
    sys.meta_path.insert(0, OwnLibraries(trusted))
