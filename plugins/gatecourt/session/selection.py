"""What the user typed, and what else narrows a session: a typed selection makes it partial, all else incomplete."""

from __future__ import annotations

import argparse

import pytest


def typed_options(config: pytest.Config) -> argparse.Namespace:
    """The options of the command line itself."""
    # invocation_params.args is the command line alone, without addopts and PYTEST_ADDOPTS. pytest's own parser reads
    # it, because options may be written in too many ways (-qm x, -mx, --deselect=x) for a second one.
    parser = config._parser
    return parser.parse_known_args(list(config.invocation_params.args))


def typed_selection(config: pytest.Config) -> bool:
    """Whether the command line itself selects: by ``-m``, ``-k`` or a path."""
    typed = typed_options(config)
    return bool(getattr(typed, "markexpr", "") or getattr(typed, "keyword", "") or typed.file_or_dir)


def cut_short(config: pytest.Config) -> tuple[str, ...]:
    """What left checks out although the user did not type it, each as one would type it at the prompt."""
    typed = typed_options(config)
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


def kept_by_typed_selection(config: pytest.Config, items: list[pytest.Item]) -> list[pytest.Item]:
    """The items that ``-m`` and ``-k`` keep, whatever a conftest or plugin removes beside them."""
    from _pytest.mark import KeywordMatcher, MarkMatcher, _parse_expression

    marks, words = config.option.markexpr, config.option.keyword
    kept = items
    if marks:
        wanted = _parse_expression(marks, "Wrong expression passed to '-m'")
        kept = [item for item in kept if wanted.evaluate(MarkMatcher.from_markers(item.iter_markers()))]
    if words:
        wanted = _parse_expression(words, "Wrong expression passed to '-k'")
        kept = [item for item in kept if wanted.evaluate(KeywordMatcher.from_item(item))]
    return kept
