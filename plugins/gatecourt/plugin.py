"""The pytest plugin: its options, its hook, and the parts that it registers when targets are named.

Without a target it only adds its options. The parts are in ``session/``, one concern a file: ``targets`` (what is
judged), ``checks`` (one check), ``controller`` (the roll and the reports), ``proof`` (known-bad variants).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from gatecourt import hookspecs

if TYPE_CHECKING:
    from gatecourt.session.session import GateSession


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """The options of the suite."""
    _add_options(parser)
    config: Any = pluginmanager.get_plugin("pytestconfig")
    if hasattr(config, "known_args_namespace"):  # a conftest loaded us: the hook below has been called already
        _begin(config)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Ends older reports before anything can fail."""
    _begin(early_config)


def _begin(config: pytest.Config) -> None:
    words = [*config.invocation_params.args, *config.getini("addopts"), os.environ.get("PYTEST_ADDOPTS", "")]
    if any("--target" in word or "gatecourt" in word for word in words) or config.getini("gatecourt_targets"):
        from gatecourt.session.begin import begin  # unasked, nothing of the suite is imported

        begin(config)


def _add_options(parser: pytest.Parser) -> None:
    group = parser.getgroup("gatecourt", "gatecourt: runbook gates and their court")
    group.addoption(
        "--target",
        action="append",
        default=[],
        metavar="PATH",
        help="judge the system that this gates.toml describes, or the reference system of that name (repeatable)",
    )
    group.addoption("--reports", metavar="DIR", help="the folder for the court report and the evidence")
    group.addoption(
        "--prove",
        metavar="IDS",
        nargs="?",
        const="all",
        help="judge the declared faults instead: every known-bad variant must be convicted by the gate it names; "
        "'all' (the default), 'sample' for one of each kind and gate, or fault ids separated by commas",
    )
    group.addoption(
        "--effort",
        choices=("normal", "high"),
        default="normal",
        help="high: also the long lists of the manifest, such as every point at which a run is killed and resumed",
    )
    group.addoption(
        "--progress-every",
        type=float,
        default=10.0,
        metavar="SECONDS",
        help="how often to print on stderr which system is running (default 10; 0 is never)",
    )
    parser.addini("gatecourt_targets", "gates.toml files judged when no --target is given", type="args", default=[])
    parser.addini("gatecourt_reports", "the folder for the court report and the evidence", default="")


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Adds the hook through which gates are registered."""
    pluginmanager.add_hookspecs(hookspecs)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Opens a session where targets are named and gates can be collected."""
    if not (config.getoption("--target") or config.getini("gatecourt_targets")):
        return  # then not even the suite's own modules are imported
    from gatecourt.rules import registry
    from gatecourt.session.session import SESSION, open_session

    config.pluginmanager.register(registry, "gatecourt-registry")
    session = open_session(config)
    if session is not None:
        config.stash[SESSION] = session
        _register_parts(config, session)


def _register_parts(config: pytest.Config, session: GateSession) -> None:
    from gatecourt.session import fixtures
    from gatecourt.session.checks import CheckPlugin
    from gatecourt.session.targets import Targets

    _register(config, Targets(session), "gatecourt-targets")
    _register(config, fixtures, "gatecourt-fixtures")
    _register(config, CheckPlugin(session), "gatecourt-checks")
    if session.worker:
        return
    from gatecourt.session.controller import CourtPlugin
    from gatecourt.session.progress import Progress
    from gatecourt.session.proof import ProofPlugin

    _register(config, ProofPlugin(session) if session.proof else CourtPlugin(session), "gatecourt-court")
    if (every := config.getoption("--progress-every")) > 0:
        config.pluginmanager.register(Progress(session, min(every, 3600.0)), "gatecourt-progress")


def _register(config: pytest.Config, plugin: object, name: str) -> None:
    """Registers a part that no verdict can do without. Raises ``UsageError`` where ``-p no:NAME`` blocks it."""
    if config.pluginmanager.register(plugin, name) is None:
        raise pytest.UsageError(f"-p no:{name} blocks a part without which there is no verdict; remove it")
