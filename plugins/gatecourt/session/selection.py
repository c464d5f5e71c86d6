"""What the user typed, and what else narrows a session: a typed selection makes it partial, all else incomplete."""

from __future__ import annotations

import argparse

import pytest


def _typed(config: pytest.Config) -> argparse.Namespace:
    # invocation_params.args is the command line alone, without addopts and PYTEST_ADDOPTS. pytest's own parser reads
    # it, because options may be written in too many ways (-qm x, -mx, --deselect=x) for a second one.
    parser = config._parser
    return parser.parse_known_args(list(config.invocation_params.args))


def typed_selection(config: pytest.Config) -> bool:
    """Whether the command line itself selects: by ``-m``, ``-k`` or a path."""
    typed = _typed(config)
    return bool(getattr(typed, "markexpr", "") or getattr(typed, "keyword", "") or typed.file_or_dir)


def cut_short(config: pytest.Config) -> tuple[str, ...]:
    """What left checks out although the user did not type it, each as one would type it at the prompt."""
    typed = _typed(config)
    causes = []
    for name, flag in (("markexpr", "-m"), ("keyword", "-k")):
        effective = getattr(config.option, name, "")
        if effective and effective != getattr(typed, name, ""):
            causes.append(f"{flag} {effective} from addopts or the environment")
    if config.args_source is pytest.Config.ArgsSource.ARGS and not typed.file_or_dir:
        causes.append("paths from addopts or the environment")
    for name, flag in _CUTS.items():
        if getattr(config.option, name, None):
            causes.append(flag)
    return tuple(causes)


_CUTS = {
    "lf": "--lf",
    "stepwise": "--stepwise",
    "deselect": "--deselect",
    "ignore": "--ignore",
    "ignore_glob": "--ignore-glob",
}


def refuse_hidden_collect_only(config: pytest.Config) -> None:
    """Raises ``UsageError`` where ``--collect-only`` was not typed: pytest would run no check and exit 0."""
    if config.option.collectonly and not getattr(_typed(config), "collectonly", False):
        raise pytest.UsageError("--collect-only from addopts or the environment would run no check; remove it")
