"""One value of a JSON text set, added or removed in place: every other byte stays as it was written."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from gatecourt.core.errors import FaultError
from gatecourt.formats import pointer

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\r\n]*")


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an object or array: offsets of its first character, of its value, and of what follows it."""

    key: str
    start: int
    value: int
    end: int


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the last step of a pointer leads: into the container at ``opening``, to member ``index`` or to none."""

    opening: int
    members: list[Member]
    key: str
    index: int | None


def parse(text: str) -> object:
    """The document, NaN, infinities and doubled keys included. Raises ``FaultError`` if it is no JSON."""
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        raise FaultError(f"not JSON: {error}") from error


def value_text(text: str, at: str) -> str:
    """The text of the value at the pointer ``at``. Raises ``FaultError`` if nothing is there."""
    start, end = _value(text, at)
    return text[start:end]


def replaced(text: str, at: str, value: str) -> str:
    """``text`` with ``value`` (JSON text, not looked into) at the pointer ``at``."""
    start, end = _value(text, at)
    return text[:start] + value + text[end:]


def removed(text: str, at: str) -> str:
    """``text`` without the member at the pointer ``at`` and its comma."""
    place = _place(text, at)
    if place.index is None:
        raise absent(at)
    member = place.members[place.index]
    if place.index:
        start, end = place.members[place.index - 1].end, member.end
    elif len(place.members) > 1:
        start, end = member.start, place.members[1].start
    else:
        start, end = member.start, member.end
    return text[:start] + text[end:]


def added(text: str, at: str, value: str) -> str:
    """``text`` with a new last member in the object or array that the pointer ``at`` leads into."""
    place = _place(text, at)
    is_object = text[place.opening] == "{"
    if place.index is not None:
        raise FaultError(f"{at} is already there")
    if not is_object and place.key not in ("-", str(len(place.members))):
        raise FaultError(f"{at} is not the end of its list, which has {len(place.members)} items")
    if not place.members:
        name = f"{json.dumps(place.key, ensure_ascii=False)}: " if is_object else ""
        return text[: place.opening + 1] + name + value + text[place.opening + 1 :]
    last = place.members[-1]
    name = f"{json.dumps(place.key, ensure_ascii=False)}:{_space_before(text, last.value)}" if is_object else ""
    return f"{text[: last.end]},{_space_before(text, last.start)}{name}{value}{text[last.end :]}"


def absent(at: str) -> FaultError:
    """The refusal that a pointer leads nowhere."""
    return FaultError(f"nothing is at {at or 'the root'}")


def _value(text: str, at: str) -> tuple[int, int]:
    if not at:
        start = _skip(text, 0)
        return start, _end(text, start)
    place = _place(text, at)
    if place.index is None:
        raise absent(at)
    member = place.members[place.index]
    return member.value, member.end


def _place(text: str, at: str) -> _Place:
    *path, key = pointer.split(at)
    opening = _skip(text, 0)
    for step in path:
        members = _members(text, opening)
        index = _index(members, step)
        if index is None:
            raise absent(at)
        opening = members[index].value
    if text[opening] not in "{[":
        raise absent(at)
    members = _members(text, opening)
    return _Place(opening, members, key, _index(members, key))


def _index(members: list[Member], key: str) -> int | None:
    """Of a doubled key the last, which is the one that readers see."""
    return max((index for index, member in enumerate(members) if member.key == key), default=None)


def _members(text: str, opening: int) -> list[Member]:
    if text[opening] not in "{[":
        return []
    members: list[Member] = []
    cursor = _skip(text, opening + 1)
    while text[cursor] not in "}]":
        start, key = cursor, str(len(members))
        if text[opening] == "{":
            key, cursor = _DECODER.raw_decode(text, cursor)
            cursor = _skip(text, _skip(text, cursor) + 1)
        end = _end(text, cursor)
        members.append(Member(key, start, cursor, end))
        cursor = _skip(text, end)
        if text[cursor] == ",":
            cursor = _skip(text, cursor + 1)
    return members


def _end(text: str, start: int) -> int:
    return _DECODER.raw_decode(text, start)[1]


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _space_before(text: str, at: int) -> str:
    start = at
    while text[start - 1] in " \t\r\n":
        start -= 1
    return text[start:at]
