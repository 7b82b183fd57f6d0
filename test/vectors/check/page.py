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
class ListOf:
    item: Kind
    fewest: int
    most: int


Kind = Number | Fixed | Variable | ListOf


@dataclass(frozen=True)
class Message:
    name: str
    tag: int
    fields: tuple[tuple[str, Kind], ...]


def _kind(text: str) -> Kind:
    """One kind of §2.2 in the notation of the tables."""
    if text == 'u64':
        return Number(8, 2**53 - 1)
    if match := re.fullmatch(r'u8(?: ≤ (\d+))?', text):
        return Number(1, int(match[1] or 255))
    if match := re.fullmatch(r'fixed\((\d+)\)', text):
        return Fixed(int(match[1]))
    if match := re.fullmatch(r'(bytes|text)\((\d+)\.\.(\d+)\)', text):
        return Variable(match[1] == 'text', int(match[2]), int(match[3]))
    if match := re.fullmatch(r'list\((.+), (\d+)\.\.(\d+)\)', text):
        return ListOf(_kind(match[1]), int(match[2]), int(match[3]))
    raise ValueError(f'docs/protocol.md has a kind of field that §2.2 does not explain: {text}')


def _fields(cell: str) -> tuple[tuple[str, Kind], ...]:
    if cell == 'none':
        return ()
    parts = re.split(r', (?=\w+: )', cell)  # a comma inside list(…) is not followed by a name
    return tuple((name, _kind(kind)) for name, kind in (part.split(': ') for part in parts))


def _table(name: str) -> list[list[str]]:
    """The rows between the markers NAME:begin and NAME:end, without the heading."""
    section = PAGE.split(f'<!-- {name}:begin -->')[1].split(f'<!-- {name}:end -->')[0]
    rows = [line.strip('| ').split(' | ') for line in section.splitlines() if line.startswith('| ')]
    return rows[1:]


LABELS = tuple(row[0].strip('`') for row in _table('labels'))
MESSAGES = {
    name: Message(name, int(tag, 16), _fields(fields))
    for name, tag, fields in _table('messages') + _table('classic-messages')
}
SECTIONS = frozenset(re.findall(r'^#+ (\d+(?:\.\d+)?)\.? ', PAGE, re.MULTILINE)) | frozenset(
    # the numbered points of a section: §4.6 is point 6 of §4
    f'{chapter}.{point}'
    for chapter, body in re.findall(r'^## (\d+)\. .*?\n(.*?)(?=^## |\Z)', PAGE, re.MULTILINE | re.DOTALL)
    for point in re.findall(r'^(\d+)\. ', body, re.MULTILINE)
)
