"""docs/protocol.md read as data: its sections, its labels and the fields of its messages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

PAGE = (Path(__file__).parents[3] / 'docs' / 'protocol.md').read_text(encoding='utf-8')


@dataclass(frozen=True)
class Number:
    size: int
    maximum: int


@dataclass(frozen=True)
class Fixed:
    size: int


@dataclass(frozen=True)
class Variable:
    text: bool
    shortest: int
    longest: int


@dataclass(frozen=True)
class Rest:
    shortest: int
    longest: int


@dataclass(frozen=True)
class ListOf:
    item: Kind
    fewest: int
    most: int


Kind = Number | Fixed | Variable | Rest | ListOf


@dataclass(frozen=True)
class Message:
    name: str
    tag: int
    fields: tuple[tuple[str, Kind], ...]


def _kind(text: str) -> Kind:
    """One kind of §2.2 in the notation of the tables."""
    if text == 'u64':
        return Number(8, 2**53 - 1)
    if match := re.fullmatch(r'u(8|32)(?: ≤ (\d+))?', text):
        size = int(match[1]) // 8
        return Number(size, int(match[2] or 256**size - 1))
    if match := re.fullmatch(r'fixed\((\d+)\)', text):
        return Fixed(int(match[1]))
    if match := re.fullmatch(r'(bytes|text)\((\d+)\.\.(\d+)\)', text):
        return Variable(match[1] == 'text', int(match[2]), int(match[3]))
    if match := re.fullmatch(r'rest\((\d+)\.\.(\d+)\)', text):
        return Rest(int(match[1]), int(match[2]))
    if match := re.fullmatch(r'list\((.+), (\d+)\.\.(\d+)\)', text):
        return ListOf(_kind(match[1]), int(match[2]), int(match[3]))
    raise ValueError(f'docs/protocol.md has a kind of field that §2.2 does not explain: {text}')


def _fields(cell: str) -> tuple[tuple[str, Kind], ...]:
    if cell == 'none':
        return ()
    parts = re.split(r', (?=\w+: )', cell)  # a comma inside list(…) is not followed by a name
    return tuple((name, _kind(kind)) for name, kind in (part.split(': ') for part in parts))


def _rows(text: str) -> list[list[str]]:
    """The rows of a table, without its heading."""
    return [line.strip('| ').split(' | ') for line in text.splitlines() if line.startswith('| ')][1:]


def _table(name: str) -> list[list[str]]:
    """The rows between the markers NAME:begin and NAME:end."""
    return _rows(PAGE.split(f'<!-- {name}:begin -->')[1].split(f'<!-- {name}:end -->')[0])


LABELS = tuple(row[0].strip('`') for row in _table('labels'))
MESSAGES = {
    name: Message(name, int(tag, 16), _fields(fields))
    for name, tag, fields in _table('messages') + _table('classic-messages')
}
# §8, and what §10.3 adds in the classic channel
CONTROL_MESSAGES = tuple(row[0] for row in _rows(PAGE.split('\n## 8. ')[1].split('\n## 9. ')[0])) + (
    'classic C1 request',
    'classic C1 answer',
)
SECTIONS = frozenset(re.findall(r'^#+ (\d+(?:\.\d+)?)\.? ', PAGE, re.MULTILINE)) | frozenset(
    # the numbered points of a section: §4.6 is point 6 of §4
    f'{chapter}.{point}'
    for chapter, body in re.findall(r'^## (\d+)\. .*?\n(.*?)(?=^## |\Z)', PAGE, re.MULTILINE | re.DOTALL)
    for point in re.findall(r'^(\d+)\. ', body, re.MULTILINE)
)
