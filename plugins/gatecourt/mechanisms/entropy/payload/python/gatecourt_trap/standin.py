"""Stand-ins: objects that tell the recorder, then do exactly what the original does."""

from __future__ import annotations

import gc
import sys
from _thread import get_ident

TYPE_CHECKING = False  # importing typing would cost more than all the rest
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any

    Before = Callable[[tuple[Any, ...], dict[str, Any], FrameType], None]


MUTED: set[int] = set()  # threads inside an opaque original


class Standin:
    """In place of a function. An object, because C functions do not bind as class attributes, and functions do."""

    def __init__(self, original: Any, before: Before, reduced: Any, module: str = "", name: str = "") -> None:
        self.__wrapped__ = original
        self._before = before
        self._reduced = reduced
        self.__module__ = module
        self.__name__ = self.__qualname__ = name
        self.__doc__ = original.__doc__

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Tell, then call the original."""
        self._before(args, kwargs, sys._getframe(1))
        return self.__wrapped__(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__wrapped__, name)

    @property  # type: ignore[misc]  # isinstance and inspect shall see what the original is
    def __class__(self) -> Any:
        return type(self.__wrapped__)

    def __repr__(self) -> str:
        return repr(self.__wrapped__)

    def __reduce__(self) -> Any:
        return self._reduced


class Opaque(Standin):
    """In place of a C function that reads a trapped source through its Python name: what it reads is not told again."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Tell, then call the original."""
        self._before(args, kwargs, sys._getframe(1))
        thread = get_ident()
        MUTED.add(thread)
        try:
            return self.__wrapped__(*args, **kwargs)
        finally:
            MUTED.discard(thread)


class Deprecated(Standin):
    """In place of a C function that warns: the warning must name the caller's line, as without a stand-in."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Tell, then call the original."""
        frame = sys._getframe(1)
        self._before(args, kwargs, frame)
        code = compile("function(*args, **kwargs)", frame.f_code.co_filename, "eval")
        names = {"function": self.__wrapped__, "args": args, "kwargs": kwargs}
        return eval(code.replace(co_firstlineno=frame.f_lineno), frame.f_globals, names)  # noqa: S307  # our own text


class _Method:
    """In place of a class method of a C type, in the dictionary of that type."""

    def __init__(self, original: Any, name: str, before: Callable[[type], Before], kind: type[Standin]) -> None:
        self._original, self._name, self._before, self._kind = original, name, before, kind

    def __get__(self, instance: Any, owner: type) -> Any:
        bound = self._original.__get__(instance, owner)
        return self._kind(bound, self._before(owner), (getattr, (owner, self._name)), owner.__module__, self._name)


def function(module: Any, name: str, before: Before, kind: type[Standin] = Standin) -> None:
    """Put a stand-in for ``module.name``, where there is such a function."""
    original = getattr(module, name, None)
    if callable(original) and not isinstance(original, Standin):
        setattr(module, name, kind(original, before, name, module.__name__, name))


def original_of(function: Any) -> Any:
    """What a stand-in, or a bound method behind one, stands in for."""
    function = getattr(function, "__wrapped__", function) if isinstance(function, Standin) else function
    inner: Any = getattr(function, "__func__", None)
    return type(function)(inner.__wrapped__, function.__self__) if hasattr(inner, "_gatecourt") else function


def method(cls: Any, name: str, before: Before) -> None:
    """Put a function before the method ``name`` of a Python class; the first of its arguments is the instance."""
    original = cls.__dict__.get(name)
    if original is None or hasattr(original, "_gatecourt"):
        return

    def standin(*args: Any, **kwargs: Any) -> Any:
        before(args, kwargs, sys._getframe(1))
        return original(*args, **kwargs)

    for key in ("__module__", "__name__", "__qualname__", "__doc__"):
        setattr(standin, key, getattr(original, key))
    standin.__wrapped__ = original  # type: ignore[attr-defined]
    standin._gatecourt = True  # type: ignore[attr-defined]
    setattr(cls, name, standin)


def class_method(cls: Any, name: str, before: Callable[[type], Before], kind: type[Standin] = Standin) -> bool:
    """Put a stand-in for a class method of a C type. False if the interpreter goes on using the original.

    The type stays the very same object, so that identity, isinstance, pickle and the C interface hold.
    """
    original = cls.__dict__[name]
    if type(original) is _Method:
        return True
    gc.get_referents(cls.__dict__)[0][name] = _Method(original, name, before, kind)
    if not isinstance(getattr(cls, name), Standin):  # looked up earlier: the old method is in the type cache
        _forget_lookups(cls)
    return isinstance(getattr(cls, name), Standin)


def _forget_lookups(cls: type) -> None:
    try:
        import ctypes
    except ImportError:
        return
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(cls))
