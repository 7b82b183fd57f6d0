"""Records of `simpp-2` (§7) and the plaintext of control records (§8)."""

from __future__ import annotations

from .case import Refused
from .codec import decode
from .page import CONTROL_MESSAGES, MESSAGES
from .primitives import gcm_open, gcm_seal, hkdf_expand, hmac_sha256, labelled

DATA, CONTROL, CLOSE = 1, 2, 3
LONGEST_PLAINTEXT, TAG_LENGTH = 16384, 16
RECORDS_PER_KEY = 2**20
CONTROL_BLOCK = 512


def rekeyed(key: bytes) -> bytes:
    return hkdf_expand(key, labelled('record-rekey'), 32)


def mixed(key: bytes, k_as: bytes) -> bytes:
    """§6.2: the key after an enrolment."""
    return hkdf_expand(hmac_sha256(key, k_as), labelled('record-mix'), 32)


def header(kind: int, length: int) -> bytes:
    return bytes([kind]) + length.to_bytes(2, 'big')


def split_header(record: bytes, shortest: int, longest: int) -> tuple[int, bytes, bytes]:
    """The type of a whole record, its header and the rest."""
    kind, length = record[0], int.from_bytes(record[1:3], 'big')
    if kind not in (DATA, CONTROL, CLOSE):
        raise Refused('no type of record')
    if not shortest <= length <= longest:
        raise Refused('a length that no record has')
    return kind, record[:3], record[3:]


class Direction:
    """One direction of a channel: the key and the number of the next record, for its writer or its reader."""

    def __init__(self, key: bytes) -> None:
        self._key, self._number = key, 0

    def mix(self, k_as: bytes) -> None:
        self._key, self._number = mixed(self._key, k_as), 0

    def seal(self, kind: int, plaintext: bytes) -> bytes:
        start = header(kind, len(plaintext) + TAG_LENGTH)
        sealed = gcm_seal(self._key, self._number, start, plaintext)
        self._advance()
        return start + sealed

    def open(self, record: bytes) -> tuple[int, bytes]:
        kind, start, sealed = split_header(record, TAG_LENGTH, LONGEST_PLAINTEXT + TAG_LENGTH)
        plaintext = gcm_open(self._key, self._number, start, sealed)
        if kind == CLOSE and plaintext:
            raise Refused('a close record that is not empty')
        self._advance()
        return kind, plaintext

    def _advance(self) -> None:
        self._number += 1
        if self._number == RECORDS_PER_KEY:
            self._key, self._number = rekeyed(self._key), 0


def split_records(wire: bytes) -> list[bytes]:
    records = []
    while wire:
        end = 3 + int.from_bytes(wire[1:3], 'big')
        records.append(wire[:end])
        wire = wire[end:]
    return records


def pad_control(message: bytes) -> bytes:
    """§8: the length in 2 bytes, the message, zeros up to a multiple of 512."""
    plaintext = len(message).to_bytes(2, 'big') + message
    return plaintext + bytes(-len(plaintext) % CONTROL_BLOCK)


def unpad_control(plaintext: bytes) -> bytes:
    length = int.from_bytes(plaintext[:2], 'big')
    message, padding = plaintext[2 : 2 + length], plaintext[2 + length :]
    if len(plaintext) < 2 or len(message) < length:
        raise Refused('truncated')
    if len(plaintext) % CONTROL_BLOCK or len(padding) >= CONTROL_BLOCK:
        raise Refused('padding of another length')
    if any(padding):
        raise Refused('padding that is not zero')
    return message


def open_control(plaintext: bytes) -> bytes:
    """The message of a control record, which must be one that §8 lists, in its one encoding."""
    message = unpad_control(plaintext)
    names = [name for name in CONTROL_MESSAGES if message[:1] == bytes([MESSAGES[name].tag])]
    if not names:
        raise Refused('no control message')
    decode(names[0], message)
    return message
