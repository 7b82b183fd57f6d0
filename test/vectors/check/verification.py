"""Verification by a short string: §9.6."""

from __future__ import annotations

from .primitives import labelled, sha256


def commitment(nonce: bytes) -> bytes:
    return sha256(labelled('sas-commit', nonce))


def digits(id: str, a: tuple[str, bytes], b: tuple[str, bytes], nonce_a: bytes, nonce_b: bytes) -> tuple[str, str]:
    """What A shows and what B shows; a side is its JID and KU."""
    joined = labelled('sas', id.encode(), a[0].encode(), b[0].encode(), a[1], b[1], nonce_a, nonce_b)
    shown = sha256(joined)
    return tuple(f'{int.from_bytes(half, "big") % 10**6:06}' for half in (shown[:8], shown[8:16]))
