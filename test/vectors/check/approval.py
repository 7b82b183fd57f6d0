"""The code of a device that waits for approval: §9.1."""

from __future__ import annotations

from .primitives import labelled, sha256

ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'


def approval_code(jid: str, device_id: bytes, ku_ds: bytes, ku_dd: bytes) -> str:
    """The first 60 bits, five to a character."""
    bits = f'{int.from_bytes(sha256(labelled("approval", jid.encode(), device_id, ku_ds, ku_dd)), "big"):0256b}'
    code = ''.join(ALPHABET[int(bits[i : i + 5], 2)] for i in range(0, 60, 5))
    return f'{code[:4]}-{code[4:8]}-{code[8:]}'
