"""Checks of the files about people, devices and gateways: §3."""

from __future__ import annotations

from . import identities
from .case import Case
from .curves import P256, public_key
from .invite import read_invite
from .refusal import expect_refusal


def recovery(case: Case) -> None:
    """§3."""
    kr_a = identities.account_key(case.inputs.text('phrase'), case.inputs.text('jid'))
    case.expect('krA', kr_a)
    case.expect('kuA', public_key(P256, kr_a))


FINGERPRINTS = {'a person': None, 'a gateway': 'simpp-2', 'a gateway of the profile classic': 'classic'}


def fingerprint(case: Case) -> None:
    """§3."""
    inputs, profile = case.inputs, FINGERPRINTS[case.name]
    if profile is None:
        value = identities.person_fingerprint(inputs.text('jid'), inputs.bytes('kuA'))
    else:
        case.expect_true(inputs.text('profile') == profile, f'the profile is {profile}')
        value = identities.gateway_fingerprint(profile, inputs.bytes('kuS'))
    case.expect('fingerprint', value)
    case.expect('digits', identities.digits(value))


INVITES = (
    'one domain',
    'two domains',
    'a domain with U-labels',
    'an IPv6 address',
    'the profile classic',
    'without a port',
    'with white space around it',
    'not prepared, and a domain twice',
)


def invite(case: Case) -> None:
    """§3."""
    found = read_invite(case.inputs.text('text'))
    case.expect('host', found.host)
    case.expect('port', found.port)
    case.expect('domains', found.domains)
    case.expect('profile', found.profile)
    case.expect('key', found.key)
    case.expect('canonical', found.canonical())
    case.expect_true(read_invite(found.canonical()) == found, 'the canonical text says the same')


CERTIFICATES = ('alice, one device and another', 'alice, a list older than the certificate')


def certificate(case: Case) -> None:
    """§3."""
    account = identities.read_account(case.inputs)
    case.expect('kuA', account.ku_a)
    case.expect('certificate', account.certificate)
    case.expect('certificateHash', account.certificate_hash)
    case.expect('deviceList', account.device_list)
    not_before, issued = case.inputs.number('notBefore'), case.inputs.number('issued')
    case.expect_true((issued < not_before) == (case.name == CERTIFICATES[1]), 'the name says which is older')
    first = max(not_before, issued) - identities.CLOCK_SKEW
    last = case.inputs.number('notAfter') + identities.CLOCK_SKEW
    case.expect('acceptedFrom', first)
    case.expect('acceptedUntil', last)

    def accept(now: int) -> None:
        identities.accept_account(account.ku_a, account.certificate, account.device_list, now)

    accept(first)
    accept(last)
    too_early = 'certificate: not valid yet' if issued < not_before else 'device list: issued in the future'
    expect_refusal(case, lambda: accept(first - 1), too_early)
    expect_refusal(case, lambda: accept(last + 1), 'certificate: not valid any more')
