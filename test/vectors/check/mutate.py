"""Does the check notice everything? Changes one thing of one case at a time and demands that the case fails."""

from __future__ import annotations

import copy
import re
from random import Random
from typing import Any, Callable, Iterator

from .case import JsonObject, Mismatch
from .files import VECTOR_FILES, check_case, demand_names, read_cases

WHOLLY_MUTATED = 64  # values up to this many bytes or characters are changed at every place
SAMPLED = 16
Path = tuple[str | int, ...]
Mutation = tuple[str, JsonObject]  # what was changed, and the changed case


def mutate_file(file_name: str, random: Random) -> tuple[int, list[str]]:
    """How many mutations were tried, and those that survived."""
    cases, survivors, tried = read_cases(file_name), [], 0
    for i, entry in enumerate(cases):
        for what, changed in _mutations(entry, random, VECTOR_FILES[file_name].slow):
            tried += 1
            if not _fails(lambda: check_case(file_name, changed)):
                survivors.append(f'{file_name}: {entry["name"]}: {what}')
        for what, names in (('missing', cases[:i] + cases[i + 1 :]), ('doubled', cases + [entry])):
            tried += 1
            if not _fails(lambda: demand_names(file_name, names)):
                survivors.append(f'{file_name}: {entry["name"]}: {what}')
    return tried, survivors


def _fails(check: Callable[[], object]) -> bool:
    """Only a Mismatch counts: any other exception is a defect of the check and ends it."""
    try:
        check()
    except Mismatch:
        return True
    return False


def _mutations(entry: JsonObject, random: Random, slow: bool) -> Iterator[Mutation]:
    for part in ('inputs', 'outputs'):
        for path, value in _walk(entry[part], (part,)):
            where = '.'.join(map(str, path))
            if isinstance(value, dict):
                yield f'{where}: an unknown key', _replaced(entry, path, {**value, 'unknown': ''})
                for key in value:
                    rest = {name: item for name, item in value.items() if name != key}
                    yield f'{where}: without {key}', _replaced(entry, path, rest)
            elif isinstance(value, list):
                yield f'{where}: an item more', _replaced(entry, path, value + [''])
                for i in range(len(value)):
                    yield f'{where}: without item {i}', _replaced(entry, path, value[:i] + value[i + 1 :])
            else:
                for changed in _leaves(value, random, slow and part == 'inputs'):
                    yield f'{where}: {changed!r:.80}', _replaced(entry, path, changed)


def _walk(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    yield path, value
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from _walk(child, (*path, key))


def _replaced(entry: Any, path: Path, value: Any) -> Any:
    """A copy of the case with another value at this place; what lies off the path is shared."""
    if not path:
        return value
    copied = copy.copy(entry)
    copied[path[0]] = _replaced(entry[path[0]], path[1:], value)
    return copied


def _leaves(value: str | int | bool, random: Random, slow: bool) -> Iterator[str | int | bool]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
        yield value - 1
    elif not value:
        yield '00'  # a byte where there was none, or two characters
    elif re.fullmatch('([0-9a-f]{2})+', value):
        data = bytes.fromhex(value)
        for place in _places(len(data), random, slow):
            yield (data[:place] + bytes([data[place] ^ 1 << random.randrange(8)]) + data[place + 1 :]).hex()
    else:
        for place in _places(len(value), random, slow):
            yield value[:place] + chr(ord(value[place]) ^ 1) + value[place + 1 :]


def _places(length: int, random: Random, slow: bool) -> list[int]:
    if slow:
        return [random.randrange(length)]
    if length <= WHOLLY_MUTATED:
        return list(range(length))
    ends = {0, length // 2, length - 1}
    return sorted(ends | set(random.sample(range(length), SAMPLED - len(ends))))
