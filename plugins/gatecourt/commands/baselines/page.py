"""The page beside a baseline: what was recorded before and after, and what the bands around it can carry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from gatecourt.commands.baselines.selection import BaselineTarget
from gatecourt.mechanisms.bands.baseline import Baseline, Calibration, Custody
from gatecourt.mechanisms.bands.checks import noise_of
from gatecourt.mechanisms.bands.figures import counted, percent, shown
from gatecourt.mechanisms.bands.placement import Placement, place
from gatecourt.mechanisms.bands.section import Band
from gatecourt.mechanisms.bands.table import NONE, change_of, number

_HEADS = ("metric", "statistic", "old", "new", "change", "band", "floor", "noise", "smallest visible shift", "carries")


def page(selected: BaselineTarget, after: Baseline) -> str:
    """The page in Markdown."""
    title = f"# Baseline of {selected.name}"
    rows = [_row(name, band, selected, after) for name, band in sorted(selected.log.bands.items())]
    return "\n".join([title, "", *_custody(after), "", *_markdown(_HEADS, rows), "", *_LEGEND, ""])


_LEGEND = (
    "`band` is what the policy allows, `noise` the half-width of the interval for one more run of this system.",
    "`smallest visible shift` is the true shift that leaves this interval in 80 of 100 runs.",
    "A metric that does not carry its band can leave it by chance: such a value is HOLD, and a person decides.",
)


def placements(selected: BaselineTarget, baseline: Baseline) -> dict[str, Placement]:
    """Each banded metric at its own baseline, with its noise."""
    return {
        name: _at_itself(name, band, selected, baseline)
        for name, band in sorted(selected.log.bands.items())
        if name in baseline.metrics
    }


def _at_itself(name: str, band: Band, selected: BaselineTarget, baseline: Baseline) -> Placement:
    noise, _ = noise_of(name, selected.section, baseline)
    value = baseline.metrics[name].value
    return place(value, value, band, noise)


def _custody(after: Baseline) -> Iterable[str]:
    yield f"Recorded {_signed(after.custody)}, from {_runs(after)}."
    if after.noise is not None:
        yield f"Calibrated {_signed(after.noise.custody)}, from {_runs(after.noise)}."


def _signed(custody: Custody) -> str:
    commit = "" if custody.commit is None else f" at commit {custody.commit}"
    return f"{custody.recorded_at} by {custody.by}{commit}: {custody.reason}"


def _runs(recording: Baseline | Calibration) -> str:
    if recording.sources:
        names = [f"`{source.name}`" for source in recording.sources]
        return f"{counted(len(names), 'log')} ({_range(names)})"
    return f"{counted(len(recording.seeds), 'seed')} ({_range(sorted(recording.seeds))})"


def _range(values: Sequence[object]) -> str:
    return f"{values[0]} to {values[-1]}" if len(values) > 1 else str(values[0])


def _row(name: str, band: Band, selected: BaselineTarget, after: Baseline) -> tuple[str, ...]:
    old, new = after.before.get(name), after.metrics[name]
    comparable = old is not None and old.statistic == new.statistic
    moved = place(new.value, old.value, band) if old is not None and comparable else None
    placed = _at_itself(name, band, selected, after)
    noise = placed.noise
    return (
        f"`{name}`",
        new.statistic,
        NONE if old is None else f"{number(old.value)}{'' if comparable else f' ({old.statistic})'}",
        number(new.value),
        NONE if moved is None else change_of(moved),
        f"±{shown(Fraction(band.relative) * 100)}%" + _side(band),
        f"±{band.floor}" if band.floor else NONE,
        NONE if noise is None else f"±{_share(noise.half_width, new.value)}",
        NONE if noise is None else _share(noise.visible, new.value),
        {None: NONE, True: "yes", False: "no"}[placed.carried],
    )


def _side(band: Band) -> str:
    return {"both": "", "higher_is_worse": " above", "lower_is_worse": " below"}[band.direction]


def _share(distance: Fraction, value: Fraction) -> str:
    share = f" ({percent(distance / abs(value)).lstrip('+')})" if value else ""
    return f"{number(distance, 4)}{share}"


def _markdown(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterable[str]:
    yield "| " + " | ".join(heads) + " |"
    yield "|" + "|".join(["---", "---", *["---:"] * (len(heads) - 2)]) + "|"
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
