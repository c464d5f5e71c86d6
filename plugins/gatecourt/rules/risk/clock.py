"""Times in a declared unit, and the trading days on which they fall."""

from __future__ import annotations

import datetime
import math
import zoneinfo
from decimal import Decimal

from gatecourt.formats.quantities import PER_SECOND, TimeUnit

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


def zone(name: str) -> datetime.tzinfo:
    """The time zone called ``name``. Raises ``ValueError`` for one that is not in the time zone database."""
    if name == "UTC":
        return datetime.UTC
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f'expected a time zone such as "UTC" or "Europe/Berlin", found {name!r}') from error


def instant(time: Decimal, unit: TimeUnit) -> datetime.datetime:
    """``time`` since 1970 in UTC, cut to whole seconds. Raises ``ValueError`` outside the years 1 to 9999."""
    try:
        return _EPOCH + datetime.timedelta(seconds=math.floor(time) // PER_SECOND[unit])
    except OverflowError as error:
        raise ValueError("outside the years 1 to 9999") from error


def day(moment: datetime.datetime, in_zone: datetime.tzinfo) -> datetime.date:
    """The calendar day of ``moment`` in a time zone. Raises ``ValueError`` at the ends of the calendar."""
    try:
        return moment.astimezone(in_zone).date()
    except OverflowError as error:
        raise ValueError("outside the years 1 to 9999") from error
