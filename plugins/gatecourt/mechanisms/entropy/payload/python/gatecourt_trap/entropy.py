"""Clock, random source and identity of the process or host: what makes two equal runs differ."""

from __future__ import annotations

import sys
from _thread import get_ident

from . import imports
from .standin import MUTED, Deprecated, Opaque, Standin, class_method, function, method, original_of

TYPE_CHECKING = False  # importing typing would cost more than all the rest
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any

    from .record import Recorder
    from .standin import Before

    Unless = Callable[[tuple[Any, ...], dict[str, Any]], bool]

_ALWAYS = {
    "os": ("urandom", "getrandom", "getpid", "getppid"),
    "platform": ("node",),
    "secrets": ("token_bytes", "token_hex", "token_urlsafe", "choice", "randbelow", "randbits"),
    "socket": ("gethostname", "getfqdn"),
    "ssl": ("RAND_bytes",),
    "tempfile": ("mkstemp", "mkdtemp", "mktemp", "NamedTemporaryFile"),
    "uuid": ("uuid1", "uuid4", "uuid6", "uuid7", "getnode"),
}
_CLOCKS = ("time", "monotonic", "perf_counter", "process_time", "thread_time", "clock_gettime")
_NOW_UNLESS_GIVEN = {"localtime": 0, "gmtime": 0, "ctime": 0, "asctime": 0, "strftime": 1}
_SETS_STATE = ("seed", "setstate", "set_state")
_LEAVES_STATE = ("getstate", "get_state")


def arm(recorder: Recorder) -> None:
    """Stand between the target and every source of entropy that the standard library or numpy offers."""
    trap = _Trap(recorder)
    imports.patch(
        {
            **dict.fromkeys(_ALWAYS, trap.patch_always),
            "time": trap.patch_time,
            "datetime": trap.patch_datetime,
            "random": trap.patch_random,
            "tempfile": trap.patch_tempfile,
            "numpy.random": trap.patch_numpy,
        }
    )


class _Trap:
    """One patch a module; each says which calls are reads."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def _told(self, call: str, unless: Unless | None = None) -> Before:
        note = self._recorder.note

        def before(args: tuple[Any, ...], kwargs: dict[str, Any], frame: FrameType) -> None:
            if unless is not None and unless(args, kwargs):
                return
            if not MUTED or get_ident() not in MUTED:
                note(call, frame)

        return before

    def patch_always(self, module: Any) -> None:
        for name in _ALWAYS[module.__name__]:
            function(module, name, self._told(module.__name__ + "." + name))

    def patch_time(self, module: Any) -> None:
        for name in [clock + unit for clock in _CLOCKS for unit in ("", "_ns")]:
            function(module, name, self._told("time." + name))
        for name, position in _NOW_UNLESS_GIVEN.items():
            function(module, name, self._told("time." + name, _given(position)))

    def patch_datetime(self, module: Any) -> None:
        warns = Deprecated if sys.version_info >= (3, 12) else Standin
        for cls, name, kind in (
            (module.date, "today", Opaque),
            (module.datetime, "now", Standin),
            (module.datetime, "utcnow", warns),
        ):
            if not class_method(cls, name, self._method_of(module, name), kind):
                self._recorder.gap("datetime." + cls.__name__ + "." + name, "the interpreter keeps the original")

    def _method_of(self, module: Any, name: str) -> Callable[[type], Before]:
        at_time = self._told("datetime.datetime." + name)
        at_date = self._told("datetime.date." + name)
        return lambda owner: at_time if issubclass(owner, module.datetime) else at_date

    def patch_tempfile(self, module: Any) -> None:
        self.patch_always(module)
        method(module.TemporaryDirectory, "__init__", self._told("tempfile.TemporaryDirectory"))

    def patch_random(self, module: Any) -> None:
        self._patch_global(module, module._inst)
        unseeded = self._told("random.Random", lambda args, kwargs: _seed(args[1:], kwargs, "x") is not None)
        system = self._told("random.SystemRandom")

        def before(args: tuple[Any, ...], kwargs: dict[str, Any], frame: FrameType) -> None:
            told = system if isinstance(args[0], module.SystemRandom) else unseeded
            told(args, kwargs, frame)

        method(module.Random, "__init__", before)
        reseeded = lambda args, kwargs: _seed(args[1:], kwargs, "a") is not None  # noqa: E731
        method(module.Random, "seed", self._told("random.Random.seed", reseeded))
        inside = module.Random.choice.__code__.co_filename
        for name in ("random", "getrandbits", "randbytes"):
            method(module.SystemRandom, name, _beyond(inside, self._told("random.SystemRandom." + name)))

    def patch_numpy(self, module: Any) -> None:
        self._patch_global(module, module.mtrand._rand)
        # numpy draws from secrets for seeded generators too (RandomState, unpickling) and then overwrites the state.
        module.bit_generator.randbits = original_of(module.bit_generator.randbits)
        unseeded = self._told("numpy.random.default_rng", lambda args, kwargs: _seed(args, kwargs, "seed") is not None)
        function(module, "default_rng", unseeded, Opaque)

    def _patch_global(self, module: Any, generator: Any) -> None:
        """The functions of a module that are methods of its hidden generator; whether it was seeded is told too."""
        seeded = [False]
        for name in dir(module):
            bound = getattr(getattr(module, name), "__self__", None) is generator
            if (bound or name in _SETS_STATE) and name not in _LEAVES_STATE:
                function(module, name, self._global(module.__name__ + "." + name, name, seeded))

    def _global(self, call: str, name: str, seeded: list[bool]) -> Before:
        note = self._recorder.note

        def before(args: tuple[Any, ...], kwargs: dict[str, Any], frame: FrameType) -> None:
            if name in _SETS_STATE:
                seeded[0] = _seed(args, kwargs, *kwargs) is not None
                if seeded[0]:
                    return
            note(call, frame, seeded[0])

        return before


def _given(position: int) -> Unless:
    return lambda args, _kwargs: len(args) > position and args[position] is not None


def _seed(args: tuple[Any, ...], kwargs: dict[str, Any], *names: str) -> Any:
    """The first argument, by position or by one of its names; None if it is None or not given."""
    return args[0] if args else next((kwargs[name] for name in names if name in kwargs), None)


def _beyond(filename: str, before: Before) -> Before:
    """``before``, told of the first frame outside the file: the one that asked the module, whatever it went through."""

    def outside(args: tuple[Any, ...], kwargs: dict[str, Any], frame: FrameType) -> None:
        place = frame
        while place.f_code.co_filename == filename and place.f_back is not None:
            place = place.f_back
        before(args, kwargs, place)

    return outside
