"""A value of a JSON, YAML or TOML document together with the place where it stands.

Every way to take a value out either returns one of the demanded kind or raises ``Judged`` with the place, what was
expected and what is there. The gate that reads gives its own two reason codes::

    report = JsonValue.of(document, "reports/run.json", missing="risk.value_missing", wrong="risk.value_not_a_number")
    daily = report.number("/pnl/daily")
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Json
from gatecourt.formats import pointer
from gatecourt.formats.decimals import number
from gatecourt.formats.excerpt import excerpt


@dataclass(frozen=True, slots=True)
class Codes:
    """The reason codes of a reader: for what is absent or null, and for what is of another kind."""

    missing: str
    wrong: str


@dataclass(frozen=True, slots=True)
class JsonValue:
    """``value`` stands in ``file`` (with ``:LINE`` in JSON Lines) at the pointer ``at``.

    Its fractions are ``Decimal`` where the document was read with ``formats.decimals``, else ``float``.
    """

    file: str
    at: str
    value: Any
    codes: Codes

    @classmethod
    def of(cls, document: Any, file: str, *, missing: str, wrong: str) -> JsonValue:
        """A whole document."""
        return cls(file, "", document, Codes(missing, wrong))

    @property
    def where(self) -> str:
        """The place as findings name it: ``file``, ``file#/a/b`` or ``file:7#/a``."""
        return f"{self.file}#{self.at}" if self.at else self.file

    def has(self, place: str) -> bool:
        """Whether anything but null stands at the pointer."""
        return pointer.find(self.value, place) is not None

    def get(self, place: str) -> Any:
        """The raw value at the pointer, or ``pointer.ABSENT`` where nothing stands."""
        return pointer.find(self.value, place, pointer.ABSENT)

    def node(self, place: str = "", expected: str = "a value") -> JsonValue:
        """What stands at the pointer. Raises ``Judged`` (``missing``) where nothing or null does."""
        value = self.get(place)
        if value is pointer.ABSENT or value is None:
            observed = "absent" if value is pointer.ABSENT else "null"
            raise Judged(Finding(self._place(place), expected, observed, self.codes.missing))
        return JsonValue(self.file, self.at + place, value, self.codes)

    def number(self, place: str = "") -> Decimal:
        """The finite number at the pointer, exact as it is written."""
        found = self.node(place, "a finite number")
        exact = number(found.value)
        if exact is None:
            found.refuse("a finite number")
        return exact

    def amount(self, place: str = "") -> Decimal:
        """The number at the pointer, which is at least 0."""
        found = self.number(place)
        return found if found >= 0 else self.node(place).refuse("a number of at least 0")

    def share(self, place: str = "") -> Decimal:
        """The number at the pointer, which is from 0 to 1."""
        found = self.number(place)
        return found if 0 <= found <= 1 else self.node(place).refuse("a number from 0 to 1")

    def integer(self, place: str = "") -> int:
        """The whole number at the pointer; 2.0 is one."""
        found = self.number(place)
        return int(found) if found == found.to_integral_value() else self.node(place).refuse("a whole number")

    def count(self, place: str = "") -> int:
        """The whole number at the pointer, which is at least 0."""
        found = self.amount(place)
        if found != found.to_integral_value():
            self.node(place).refuse("a whole number of at least 0")
        return int(found)

    def text(self, place: str = "") -> str:
        """The text at the pointer, which is not blank."""
        found = self.node(place, "a text")
        if not isinstance(found.value, str) or not found.value.strip():
            found.refuse("a text")
        return str(found.value)

    def name(self, place: str = "") -> str:
        """The text or whole number at the pointer, as text: an id as systems write it."""
        found = self.node(place, "a text")
        if isinstance(found.value, bool) or not isinstance(found.value, str | int):
            found.refuse("a text")
        return str(found.value)

    def truth(self, place: str = "") -> bool:
        """True or false at the pointer."""
        found = self.node(place, "true or false")
        return found.value if isinstance(found.value, bool) else found.refuse("true or false")

    def items(self, place: str = "") -> list[JsonValue]:
        """The members of the list at the pointer."""
        found = self.node(place, "a list")
        if not isinstance(found.value, list):
            found.refuse("a list")
        return [JsonValue(self.file, f"{found.at}/{index}", item, self.codes) for index, item in enumerate(found.value)]

    def members(self, place: str = "") -> dict[str, JsonValue]:
        """The members of the object at the pointer, by key in sorted order."""
        found = self.node(place, "an object")
        if not isinstance(found.value, dict):
            found.refuse("an object")
        return {
            key: JsonValue(self.file, found.at + pointer.join((key,)), found.value[key], self.codes)
            for key in sorted(found.value)
        }

    def refuse(self, expected: str) -> NoReturn:
        """Raises ``Judged`` (``wrong``): something else than ``expected`` stands here."""
        raise Judged(Finding(self.where, expected, excerpt(without_decimals(self.value)), self.codes.wrong))

    def _place(self, place: str) -> str:
        return f"{self.file}#{self.at}{place}" if self.at or place else self.file


def without_decimals(value: Any) -> Json:
    """A value with its decimals as numbers, for people and for parameters."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {key: without_decimals(item) for key, item in value.items()}
    return [without_decimals(item) for item in value] if isinstance(value, list) else value
