"""The calls of Python that read entropy, by full name, and the words without which a file holds none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

ALWAYS = -1


def _always(names: str) -> dict[str, int]:
    return dict.fromkeys(names.split(), ALWAYS)


def _unless_given(position: int, names: str) -> dict[str, int]:
    return dict.fromkeys(names.split(), position)


_BY_MODULE: Mapping[str, Mapping[str, int]] = {
    "time": _always(
        "time time_ns monotonic monotonic_ns perf_counter perf_counter_ns process_time process_time_ns"
        " thread_time thread_time_ns clock_gettime clock_gettime_ns"
    )
    | _unless_given(0, "localtime gmtime ctime asctime")
    | _unless_given(1, "strftime"),
    "datetime": _always("datetime.now datetime.utcnow datetime.today date.today"),
    "random": _always(
        "betavariate binomialvariate choice choices expovariate gammavariate gauss getrandbits lognormvariate"
        " normalvariate paretovariate randbytes randint random randrange sample shuffle triangular uniform"
        " vonmisesvariate weibullvariate SystemRandom"
    )
    | _unless_given(0, "Random seed"),
    "secrets": _always("token_bytes token_hex token_urlsafe choice randbelow randbits SystemRandom"),
    "uuid": _always("uuid1 uuid4 uuid6 uuid7 getnode"),
    "os": _always("urandom getrandom getpid getppid"),
    "socket": _always("gethostname") | _unless_given(0, "getfqdn"),
    "ssl": _always("RAND_bytes"),
    "platform": _always("node"),
    "tempfile": _always("mkstemp mkdtemp mktemp NamedTemporaryFile TemporaryDirectory"),
    "numpy.random": _always(
        "beta binomial bytes chisquare choice dirichlet exponential f gamma geometric gumbel hypergeometric laplace"
        " logistic lognormal logseries multinomial multivariate_normal negative_binomial noncentral_chisquare"
        " noncentral_f normal pareto permutation poisson power rand randint randn random random_integers"
        " random_sample ranf rayleigh sample shuffle standard_cauchy standard_exponential standard_gamma"
        " standard_normal standard_t triangular uniform vonmises wald weibull zipf"
    )
    | _unless_given(0, "default_rng RandomState SeedSequence seed MT19937 PCG64 PCG64DXSM Philox SFC64"),
    "pandas": _always("Timestamp.now Timestamp.today Timestamp.utcnow"),
}

#: full name -> position of the argument that makes the call pure, or ALWAYS
CALLS: Mapping[str, int] = {
    f"{module}.{name}": position for module, names in _BY_MODULE.items() for name, position in names.items()
}


def _name_pattern(names: Iterable[str]) -> re.Pattern[bytes]:
    return re.compile(rb"\b(?:" + "|".join(sorted(set(names))).encode() + rb")\b")


def _tell_tale(module: str) -> re.Pattern[bytes]:
    """Words of which every use of the module holds one: the last of its names, or the package's own submodule."""
    _, _, submodule = module.partition(".")
    return _name_pattern([submodule] if submodule else [name.rpartition(".")[2] for name in _BY_MODULE[module]])


_TELL_TALES = {module.partition(".")[0].encode(): _tell_tale(module) for module in _BY_MODULE}
_MODULES = _name_pattern(module.partition(".")[0] for module in _BY_MODULE)
# To the end of the statement: a backslash carries it over the line.
_IMPORTS = re.compile(rb"\b(?:import|from)\b(?:[^\r\n\\]|\\\r?\n|\\)*")
_ENCODED = re.compile(rb"(?:[^\n]*\n)?[ \t\f]*#[^\n]*coding[:=][ \t]*(?!utf-?8\b|ascii\b|latin-?1\b)", re.IGNORECASE)
_DYNAMIC = re.compile(rb"\b(?:__import__|import_module|modules)\b")


def may_use(source: bytes) -> bool:
    """Whether a file can hold a use: it imports a module of the table, and one of that module's names occurs.

    A file that declares an encoding of its own is always read: its bytes need not show the words that it spells.
    """
    if _ENCODED.match(source):
        return True
    text = source if _DYNAMIC.search(source) else b"\n".join(_IMPORTS.findall(source))
    return any(_TELL_TALES[module].search(source) for module in dict.fromkeys(_MODULES.findall(text)))
