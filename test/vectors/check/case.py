"""One case of a vector file: inputs that must all be read, outputs that must all be recomputed."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any, Iterator

JsonObject = dict[str, Any]


class Mismatch(Exception):
    """The file and this implementation disagree, or the file is not what it should be."""


class Refused(Exception):
    """What this implementation says to a peer's bytes that must not be accepted."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def from_hex(text: object) -> bytes:
    """Bytes as the files write them: lower case, two digits each."""
    if not isinstance(text, str) or len(text) % 2 or not re.fullmatch('[0-9a-f]*', text):
        raise Mismatch(f'not bytes in hex: {text!r}')
    return bytes.fromhex(text)


class Script:
    """Private keys that a case fixes, handed out in order."""

    def __init__(self, keys: list[object]) -> None:
        self.left = [from_hex(key) for key in keys]

    def take(self) -> bytes:
        if not self.left:
            raise Mismatch('the case has no more private keys')
        return self.left.pop(0)


class Inputs:
    """A JSON object that remembers what was read of it; a key that nobody reads is an error."""

    def __init__(self, values: JsonObject) -> None:
        self.json = values
        self._unread = set(values)
        self._children: list[Inputs] = []

    def __contains__(self, key: str) -> bool:
        return key in self.json

    def _read(self, key: str, kind: type) -> Any:
        value = self.json.get(key)
        if type(value) is not kind:  # a bool is an int to isinstance
            raise Mismatch(f'input {key}: {kind.__name__} expected, not {value!r}')
        self._unread.discard(key)
        return value

    def bytes(self, key: str) -> bytes:
        return from_hex(self._read(key, str))

    def text(self, key: str) -> str:
        return self._read(key, str)

    def number(self, key: str) -> int:
        return self._read(key, int)

    def flag(self, key: str) -> bool:
        return self._read(key, bool)

    def list(self, key: str) -> list[Any]:
        return self._read(key, list)

    def raw(self, key: str) -> JsonObject:
        """An object whose keys the caller checks."""
        return self._read(key, dict)

    def object(self, key: str) -> Inputs:
        child = Inputs(self._read(key, dict))
        self._children.append(child)
        return child

    def objects(self, key: str) -> Iterator[Inputs]:
        for item in self._read(key, list):
            if type(item) is not dict:
                raise Mismatch(f'input {key}: objects expected, not {item!r}')
            child = Inputs(item)
            self._children.append(child)
            yield child

    def finish(self) -> None:
        if self._unread:
            raise Mismatch(f'inputs nobody knows: {sorted(self._unread)}')
        for child in self._children:
            child.finish()


class Case:
    """Recomputed values are handed to `expect`; the first that differs ends the case."""

    def __init__(self, entry: JsonObject) -> None:
        if set(entry) != {'name', 'inputs', 'outputs'}:
            raise Mismatch(f'a case has name, inputs and outputs, not {sorted(entry)}')
        self.name: str = entry['name']
        self.inputs = Inputs(entry['inputs'])
        self._outputs: JsonObject = entry['outputs']
        self._pending = set(self._outputs)
        self.checks = 0

    def expect(self, key: str, computed: bytes | str | int | bool | list[Any]) -> None:
        """Compares one output; bytes, also those in a list, stand as hex in the file."""
        computed = _as_json(computed)
        stated = self._outputs.get(key)
        if type(stated) is not type(computed) or stated != computed:
            raise Mismatch(f'{key}: the file says {stated!r:.100}, this implementation {computed!r:.100}')
        self._pending.discard(key)
        self.checks += 1

    def expect_digest(self) -> None:
        """SHA-256 over the inputs as JSON.stringify writes them; it pins the inputs of a negative case."""
        compact = json.dumps(self.inputs.json, ensure_ascii=False, separators=(',', ':'))
        self.expect('digest', hashlib.sha256(compact.encode()).digest())

    def expect_true(self, holds: bool, claim: str) -> None:
        """A property that no output states, such as that a peer reads back what was written."""
        if not holds:
            raise Mismatch(f'it does not hold that {claim}')
        self.checks += 1

    def finish(self) -> None:
        self.inputs.finish()
        if self._pending:
            raise Mismatch(f'outputs nobody recomputes: {sorted(self._pending)}')


def _as_json(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    return [_as_json(item) for item in value] if isinstance(value, list) else value
