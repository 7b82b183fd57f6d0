"""Names as §2.4 prepares them (RFC 7622), as far as the known answers need it: the right-to-left scripts and the
characters that depend on their neighbours are left out, and refused."""

from __future__ import annotations

import re
from unicodedata import category, normalize

from .case import Refused

_NOT_IN_LOCALPART = set('"&\'/:<>@')
_LETTERS_AND_DIGITS = {'Ll', 'Lo', 'Lm', 'Mn', 'Mc', 'Nd'}


def _narrowed(text: str) -> str:
    """Letters of full and half width as the ordinary ones."""
    return ''.join(normalize('NFKC', char) if '\uff01' <= char <= '\uffee' else char for char in text)


def _is_letter_or_digit(char: str) -> bool:
    return category(char) in _LETTERS_AND_DIGITS and normalize('NFKC', char) == char


def prepared_domain(text: str) -> str:
    """The domain with U-labels, in lower case and composed, without a final dot."""
    name = normalize('NFC', _narrowed(text.lower()).replace('\u3002', '.')).removesuffix('.')
    return '.'.join(_prepared_label(label) for label in name.split('.'))


def _prepared_label(label: str) -> str:
    if label.startswith('xn--'):
        decoded = _from_a_label(label)
        if _prepared_label(decoded) != decoded or decoded.isascii() or _a_label(decoded) != label:
            raise Refused('no domain')
        return decoded
    length = len(label if label.isascii() else _a_label(label))
    if not 1 <= length <= 63 or label[0] == '-' or label[-1] == '-':
        raise Refused('no domain')
    if not all(re.fullmatch('[a-z0-9_-]', char) if char.isascii() else _is_letter_or_digit(char) for char in label):
        raise Refused('no domain')
    return label


def _a_label(label: str) -> str:
    return 'xn--' + label.encode('punycode').decode('ascii')


def _from_a_label(label: str) -> str:
    try:
        return label[4:].encode('ascii').decode('punycode')
    except ValueError:
        raise Refused('no domain') from None


def _prepared_localpart(text: str) -> str:
    """The profile UsernameCaseMapped of RFC 8265, without what RFC 7622 §3.3.1 excludes."""
    mapped = normalize('NFC', _narrowed(text).lower())
    for char in mapped:
        if char in _NOT_IN_LOCALPART or not ('!' <= char <= '~' if char.isascii() else _is_letter_or_digit(char)):
            raise Refused('no localpart')
    if not 1 <= len(mapped.encode()) <= 1023:
        raise Refused('no localpart')
    return mapped


def demand_account(domain: str, id_a: str) -> None:
    """§5.4: ID_A is the prepared bare JID of an account of the domain."""
    local, _, name = id_a.partition('@')
    try:
        is_prepared = (_prepared_localpart(local), prepared_domain(name)) == (local, name)
    except Refused:
        is_prepared = False
    if not is_prepared:
        raise Refused('ID_A is not a prepared bare JID')
    if name != domain:
        raise Refused('ID_A is of another domain')
