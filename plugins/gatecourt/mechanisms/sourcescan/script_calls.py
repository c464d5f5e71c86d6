"""The calls and values of JavaScript that are entropy, by full name, and the words without which a file holds none."""

from __future__ import annotations

import re


def _named(names: str) -> frozenset[str]:
    return frozenset(names.split())


#: global objects from which a use can start
GLOBALS = _named("Math Date performance process crypto Temporal globalThis window self global")
_WHOLE = _named("globalThis window self global")

#: functions that are sources; ``Date()`` and ``new Date()`` depend on how they are called and are not among them
CALLS = _named(
    "Math.random Date.now performance.now process.hrtime process.hrtime.bigint process.uptime os.hostname os.uptime"
    " crypto.randomBytes crypto.pseudoRandomBytes crypto.randomInt crypto.randomUUID crypto.randomFill"
    " crypto.randomFillSync crypto.getRandomValues crypto.generateKey crypto.generateKeySync crypto.generateKeyPair"
    " crypto.generateKeyPairSync crypto.subtle.generateKey fs.mkdtemp fs.mkdtempSync fs.promises.mkdtemp"
    " Temporal.Now.instant Temporal.Now.plainDateISO Temporal.Now.plainDateTimeISO Temporal.Now.plainTimeISO"
    " Temporal.Now.zonedDateTimeISO uuid.v1 uuid.v4 uuid.v6 uuid.v7 nanoid.nanoid"
)
VALUES = _named("performance.timeOrigin process.pid process.ppid")

MODULES = _named("crypto perf_hooks process os fs fs/promises uuid nanoid")
_SAME = {"crypto.webcrypto": "crypto", "perf_hooks.performance": "performance", "fs/promises": "fs.promises"}

MODULE_STRINGS = re.compile(
    rb"""(?P<quote>['"`])(?:node:)?(?P<module>""" + "|".join(sorted(MODULES)).encode() + rb""")(?P=quote)"""
)
_WORDS = re.compile(
    rb"Date|random|Random|performance|hrtime|uptime|\bp?pid\b|hostname|generateKey|mkdtemp|Temporal|timeOrigin|uuid|nanoid"
)


def may_use(source: bytes) -> bool:
    """Whether a file can hold a use."""
    return _WORDS.search(source) is not None


def member(owner: str, name: str) -> str:
    """The full name of a member: ``globalThis.crypto.webcrypto`` and the module ``crypto`` are one."""
    if owner in _WHOLE:
        return name
    full = owner if name == "default" else f"{owner}.{name}"
    return _SAME.get(full, full)


def of_module(name: str) -> str:
    """The full name of an imported module."""
    return _SAME.get(name, name)
