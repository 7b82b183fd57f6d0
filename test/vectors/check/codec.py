"""Messages as §2.2 encodes them, after the field tables of the page itself."""

from __future__ import annotations

from typing import Any

from .case import Refused, from_hex
from .page import MESSAGES, Fixed, Kind, ListOf, Number, Rest

Values = dict[str, Any]


def encode(name: str, **values: Any) -> bytes:
    """The tag, then the fields in order. `values` must hold exactly the declared fields."""
    message = MESSAGES[name]
    if set(values) != {field for field, _ in message.fields}:
        raise Refused(f'{name} has other fields than {sorted(values)}')
    return bytes([message.tag]) + b''.join(_encode_value(kind, values[field]) for field, kind in message.fields)


def _encode_value(kind: Kind, value: Any) -> bytes:
    if isinstance(kind, Number):
        _demand(0 <= value <= kind.maximum, 'a number above its maximum')
        return value.to_bytes(kind.size, 'big')
    if isinstance(kind, Fixed):
        _demand(len(value) == kind.size, 'a value of another length')
        return value
    if isinstance(kind, ListOf):
        _demand(kind.fewest <= len(value) <= kind.most, 'a list of another length')
        return len(value).to_bytes(2, 'big') + b''.join(_encode_value(kind.item, item) for item in value)
    if isinstance(kind, Rest):
        _demand(kind.shortest <= len(value) <= kind.longest, 'a value of another length')
        return value
    data = value.encode() if kind.text else value
    _demand(kind.shortest <= len(data) <= kind.longest, 'a value of another length')
    return len(data).to_bytes(2, 'big') + data


def decode(name: str, data: bytes) -> Values:
    """The values of a message; whatever is not its unique encoding is refused."""
    reader = _Reader(data)
    message = MESSAGES[name]
    _demand(reader.number(1) == message.tag, 'another tag')
    values = {field: reader.value(kind) for field, kind in message.fields}
    _demand(not reader.rest, 'trailing bytes')
    return values


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.rest = data

    def take(self, size: int) -> bytes:
        _demand(len(self.rest) >= size, 'truncated')
        taken, self.rest = self.rest[:size], self.rest[size:]
        return taken

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), 'big')

    def value(self, kind: Kind) -> Any:
        if isinstance(kind, Number):
            number = self.number(kind.size)
            _demand(number <= kind.maximum, 'a number above its maximum')
            return number
        if isinstance(kind, Fixed):
            return self.take(kind.size)
        if isinstance(kind, Rest):
            _demand(kind.shortest <= len(self.rest) <= kind.longest, 'a value of another length')
            return self.take(len(self.rest))
        length = self.number(2)
        if isinstance(kind, ListOf):
            _demand(kind.fewest <= length <= kind.most, 'a list of another length')
            return [self.value(kind.item) for _ in range(length)]
        _demand(kind.shortest <= length <= kind.longest, 'a value of another length')
        data = self.take(length)
        if not kind.text:
            return data
        try:
            return data.decode()
        except UnicodeDecodeError:
            raise Refused('not UTF-8') from None


def _demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Refused(otherwise)


def from_json(name: str, values: Values) -> Values:
    """Values as messages.json writes them: bytes in hex, numbers and texts as they are."""
    kinds = dict(MESSAGES[name].fields)
    return {field: _from_json(kinds[field], value) if field in kinds else value for field, value in values.items()}


def _from_json(kind: Kind, value: Any) -> Any:
    if isinstance(kind, ListOf):
        return [_from_json(kind.item, item) for item in value]
    return value if isinstance(kind, Number) or getattr(kind, 'text', False) else from_hex(value)
