"""Patches a module right after its first import, so that arming loads nothing which the target does not."""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # importing typing would cost more than all the rest
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Patch = Callable[[Any], None]


def patch(patches: dict[str, Patch]) -> None:
    """Apply each patch to its module: now where it is loaded, else when it will be."""
    sys.meta_path.insert(0, _Finder(patches))
    for name, apply in patches.items():
        if name in sys.modules:
            apply(sys.modules[name])


class _Finder:
    """Asks the other finders and lends the module a loader that patches when the original loader is done."""

    def __init__(self, patches: dict[str, Patch]) -> None:
        self._patches = patches

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """The spec that the next finder gives, for the modules to be patched; None for all others."""
        apply = self._patches.get(name)
        if apply is None:
            return None
        for finder in [other for other in sys.meta_path if other is not self and hasattr(other, "find_spec")]:
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                if hasattr(spec.loader, "exec_module"):
                    lent: Any = _Loader(spec.loader, apply)
                    spec.loader = lent
                return spec
        return None


class _Loader:
    """The module's own loader, with a patch behind it."""

    def __init__(self, original: Any, apply: Patch) -> None:
        self._original, self._apply = original, apply

    def __getattr__(self, name: str) -> Any:
        return getattr(self._original, name)

    def create_module(self, spec: Any) -> Any:
        """The module object that the original loader makes."""
        return self._original.create_module(spec)

    def exec_module(self, module: Any) -> None:
        """Run the module under its own loader, then patch it."""
        module.__spec__.loader = self._original
        module.__loader__ = self._original
        self._original.exec_module(module)
        self._apply(module)
