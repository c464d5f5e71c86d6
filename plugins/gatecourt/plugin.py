"""The pytest plugin's front door: its options, the hook, and what is switched on when targets are named.

Installed but unasked it adds its options and does nothing else. One concern a file: ``pytest_targets`` (what is
judged), ``pytest_hearing`` (one check), ``pytest_court`` (the roll and the reports), ``pytest_proof`` (known-bad
variants).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatecourt import hookspecs

if TYPE_CHECKING:
    from gatecourt.session.session import GateSession


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the suite."""
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
        help="say on stderr every so often which system is running (default 10; 0 is never)",
    )
    parser.addini("gatecourt_targets", "gates.toml files judged when no --target is given", type="args", default=[])
    parser.addini("gatecourt_reports", "the folder for the court report and the evidence", default="")


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Makes the extension point known."""
    pluginmanager.add_hookspecs(hookspecs)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Opens a session where targets are named and gates are asked for."""
    if not (config.getoption("--target") or config.getini("gatecourt_targets")):
        return  # unasked, not even the suite's own modules are imported
    from gatecourt.rules import registry
    from gatecourt.session.selection import refuse_hidden_collect_only
    from gatecourt.session.session import SESSION, open_session

    refuse_hidden_collect_only(config)

    config.pluginmanager.register(registry, "gatecourt-registry")
    session = open_session(config)
    if session is not None:
        config.stash[SESSION] = session
        _switch_on(config, session)


def _switch_on(config: pytest.Config, session: GateSession) -> None:
    from gatecourt.session import fixtures
    from gatecourt.session.checks import Hearing
    from gatecourt.session.targets import Targets

    _register(config, Targets(session), "gatecourt-targets")
    _register(config, fixtures, "gatecourt-fixtures")
    _register(config, Hearing(session), "gatecourt-hearing")
    if session.worker:
        return
    from gatecourt.session.controller import Court
    from gatecourt.session.progress import Progress
    from gatecourt.session.proof import Proof

    _register(config, Proof(session) if session.proof else Court(session), "gatecourt-court")
    if (every := config.getoption("--progress-every")) > 0:
        config.pluginmanager.register(Progress(session, min(every, 3600.0)), "gatecourt-progress")


def _register(config: pytest.Config, plugin: object, name: str) -> None:
    """Registers a part that a hearing cannot do without. Raises ``UsageError`` where it is blocked."""
    if config.pluginmanager.register(plugin, name) is None:
        raise pytest.UsageError(f"-p no:{name} would leave a hearing without its court; take it out")
