"""Invites: §3."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import quote, unquote_to_bytes

from .case import Refused
from .curves import P224, P256, decode_point
from .names import prepared_domain

LONGEST, MOST_DOMAINS, DEFAULT_PORT = 2048, 16, 5222
_NAME = re.compile(r'(?=.*[a-z])(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*\.?')


@dataclass(frozen=True)
class Invite:
    host: str
    port: int
    domains: list[str]
    profile: str
    key: bytes

    def canonical(self) -> str:
        host = f'[{self.host}]' if ':' in self.host else self.host
        domains = ','.join(quote(domain, safe="-_.!~*'()") for domain in self.domains)
        profile = '&profile=classic' if self.profile == 'classic' else ''
        return f'simpp://{host}:{self.port}/{domains}?key={_base64url(self.key)}{profile}'


def read_invite(text: str) -> Invite:
    text = text.strip(' \t\r\n')
    if len(text) > LONGEST:
        raise Refused('too long')
    scheme, found, rest = text.partition('://')
    if not found or scheme.lower() != 'simpp':
        raise Refused('another scheme')
    match = re.fullmatch(r'([^/?#]*)/([^?#]*)\?([^#]*)', rest)
    if not match:
        raise Refused('another form')
    host, port = _address(match[1])
    parts = _parts(match[3])
    profile = parts.get('profile', 'simpp-2')
    return Invite(host, port, _domains(match[2]), profile, _key(profile, parts))


def _address(text: str) -> tuple[str, int]:
    match = re.fullmatch(r'(?:\[([^]]+)]|([^]:[]+))(?::([0-9]{1,5}))?', text.lower())
    if not match or not (_is(IPv6Address, match[1]) if match[1] else _is_host(match[2])):
        raise Refused('no address')
    port = int(match[3] or DEFAULT_PORT)
    if port > 65535:
        raise Refused('no address')
    return match[1] or match[2], port


def _is_host(text: str) -> bool:
    return _is(IPv4Address, text) or bool(_NAME.fullmatch(text)) and len(text) <= 253


def _is(kind: type, text: str) -> bool:
    try:
        kind(text)
    except AddressValueError:
        return False
    return True


def _unquoted(text: str) -> str:
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        raise Refused('not UTF-8') from None


def _domains(path: str) -> list[str]:
    texts = path.split(',')
    if len(texts) > MOST_DOMAINS:
        raise Refused('too many domains')
    return list(dict.fromkeys(prepared_domain(_unquoted(text)) for text in texts))


def _parts(query: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in query.split('&'):
        name, _, value = part.partition('=')
        if name in found:
            raise Refused('a part that stands twice')
        if name not in ('key', 'profile'):
            raise Refused('a part that is not known')
        found[name] = _unquoted(value)
    return found


def _key(profile: str, parts: dict[str, str]) -> bytes:
    """KU_S: both halves on P-256, or the one point on P-224."""
    if 'key' not in parts:
        raise Refused('no key')
    if profile not in ('simpp-2', 'classic'):
        raise Refused('a profile that is not known')
    key = _from_base64url(parts['key'])
    curve, points = (P224, [key]) if profile == 'classic' else (P256, [key[:65], key[65:]])
    for point in points:
        decode_point(curve, point)
    return key


def _base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip('=')


def _from_base64url(text: str) -> bytes:
    if not re.fullmatch('[A-Za-z0-9_-]*', text) or len(text) % 4 == 1:
        raise Refused('not base64url')
    data = urlsafe_b64decode(text + '=' * (-len(text) % 4))
    if _base64url(data) != text:
        raise Refused('not base64url')
    return data
