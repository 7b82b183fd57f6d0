"""What the checks of cases that must be refused have in common."""

from __future__ import annotations

from typing import Callable

from .case import Case, Mismatch, Refused


def expect_refusal(case: Case, attempt: Callable[[], object], reason: str) -> None:
    """The attempt must be refused, and for this reason only."""
    try:
        attempt()
    except Refused as refusal:
        case.expect_true(refusal.reason == reason, f'it is refused because of: {reason} (but: {refusal.reason})')
        return
    raise Mismatch(f'accepted, in spite of: {reason}')


def flipped(data: bytes, at: int) -> bytes:
    """The byte at this place, counted from the end when negative, XORed with 1."""
    place = range(len(data))[at]
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
