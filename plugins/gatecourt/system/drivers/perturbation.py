"""The surroundings of a run: the fixed ones of a plain run, and what each perturbation makes of them.

A plain run sees UTC, hash seed 0, the C.UTF-8 locale, umask 022, an empty home and an empty temporary folder; its work
folder has the same path every time, so that only a declared perturbation can differ between two runs.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding
from gatecourt.formats.suggestions import did_you_mean
from gatecourt.system.drivers import template
from gatecourt.system.drivers.section import FROM_OUTSIDE, RunSection
from gatecourt.system.drivers.workdirs import Places

PERTURBATIONS: Mapping[str, str] = {
    "hash_seed": "another PYTHONHASHSEED, so that sets and dictionaries of strings iterate in another order",
    "time_zone": "a time zone in which it is another day than in UTC at the moment of the run",
    "cwd": "a work folder with another parent and a path of another length",
    "temp": "a temporary folder elsewhere (TMPDIR, TEMP, TMP)",
    "start_time": "a start in a later second of the wall clock than any in which a plain run was under way; the run "
    "waits for it, at most one second. A clock read in whole minutes is left to time_zone (the date) and to the "
    "entropy trap",
    "locale": "German number, date and sorting conventions where the system has them (LANG, LC_ALL)",
    "home": "a home folder elsewhere (HOME)",
    "umask": "umask 077 in place of 022",
    "cpu_count": "a single processor, so that worker counts taken from the machine change",
}

DEFAULT_PERTURBATIONS: tuple[str, ...] = ("hash_seed", "time_zone", "cwd", "temp", "start_time")

HANDED_ON: tuple[str, ...] = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "WINDIR", "PATHEXT", "COMSPEC")
"""All that a run takes from the outer environment unasked: what programs and their libraries are found by."""

_VARIABLES = {
    "hash_seed": ("PYTHONHASHSEED",),
    "time_zone": ("TZ",),
    "temp": ("TMPDIR", "TEMP", "TMP"),
    "locale": ("LC_ALL", "LANG"),
    "home": ("HOME",),
}


@dataclass(frozen=True)
class Environment:
    """The variables of one run, and those of them that came from outside and must not be shown."""

    variables: Mapping[str, str]
    secrets: Mapping[str, str]


def problems(names: Iterable[str]) -> list[str]:
    """One sentence for each name that is no perturbation."""
    found = []
    for name in names:
        if name not in PERTURBATIONS:
            hint = did_you_mean(name, PERTURBATIONS) or "known are " + ", ".join(sorted(PERTURBATIONS))
            found.append(f"{name!r} is no perturbation; {hint}")
    return found


def pinned(section: RunSection, names: Iterable[str]) -> list[str]:
    """The perturbations that cannot show anything: the manifest itself fixes a variable that they would change."""
    return [name for name in names if any(variable in section.env for variable in _VARIABLES.get(name, ()))]


def umask(perturb: Iterable[str]) -> int:
    """The umask of a run."""
    return 0o077 if "umask" in set(perturb) else 0o022


def cpus(perturb: Iterable[str]) -> tuple[int, ...]:
    """The processors that a run is held to; none for no restriction."""
    return tuple(sorted(_processors())[:1]) if "cpu_count" in set(perturb) else ()


def without_effect(perturb: Iterable[str]) -> list[Finding]:
    """The perturbations that this machine cannot make."""
    if "cpu_count" not in set(perturb) or len(_processors()) > 1:
        return []
    observed = "one: cpu_count changes nothing"
    return [Finding("determinism.perturb", "more than one processor", observed, "run.perturbation_void")]


def environment(
    section: RunSection, where: Places, perturb: Iterable[str], values: Mapping[str, str], extra: Mapping[str, str]
) -> Environment:
    """All variables of a run. What the manifest sets stands above any perturbation, ``extra`` above the manifest.

    Raises ``Judged``: ``run.env_missing`` for a variable that the outer environment does not have, ``run.template``.
    """
    variables = {name: os.environ[name] for name in HANDED_ON if name in os.environ}
    variables |= _plain(where) | _perturbed(perturb)
    secrets = {}
    for name, value in section.env.items():
        key = section.key(f"env.{name}")
        if value.startswith(FROM_OUTSIDE):
            secrets[value.removeprefix(FROM_OUTSIDE)] = variables[name] = _from_outside(key, value)
        else:
            variables[name] = template.fill(key, value, values)
    return Environment({**variables, **extra}, secrets)


def _from_outside(key: str, value: str) -> str:
    wanted = value.removeprefix(FROM_OUTSIDE)
    if wanted not in os.environ:
        raise Judged(Finding(key, f"the environment variable {wanted}", "not set", "run.env_missing"))
    return os.environ[wanted]


def _plain(where: Places) -> dict[str, str]:
    return {
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",  # a target's own tree is not written into
        "TZ": "UTC",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "HOME": str(where.home),
        **dict.fromkeys(_VARIABLES["temp"], str(where.tmp)),
    }


def _perturbed(perturb: Iterable[str]) -> dict[str, str]:
    changed = {
        "hash_seed": {"PYTHONHASHSEED": "4242"},
        "time_zone": {"TZ": another_day(time.gmtime().tm_hour)},
        "locale": dict.fromkeys(_VARIABLES["locale"], "de_DE.UTF-8"),
    }
    return {name: value for each in sorted(set(perturb)) for name, value in changed.get(each, {}).items()}


def another_day(hour: int) -> str:
    """A TZ value under which the date is not that of UTC at the given UTC hour; the sign is that of POSIX."""
    zone = "GMT-14" if hour >= 11 else "GMT+12"
    return f"Etc/{zone}" if Path("/usr/share/zoneinfo/Etc", zone).exists() else zone


def _processors() -> frozenset[int]:
    if not hasattr(os, "sched_getaffinity"):
        return frozenset({0})
    return frozenset(os.sched_getaffinity(0))
