"""Checks of the files about what people publish of themselves: §9.1."""

from __future__ import annotations

from . import bundle
from .approval import approval_code
from .case import Case, Inputs, Mismatch, Refused
from .curves import P256, public_key
from .refusal import expect_refusal
from .session import Person, read_person


def sign_prekey(person: Person, inputs: Inputs) -> bytes:
    return bundle.sign_prekey(
        person.kr_ds,
        person.jid,
        person.device_id,
        inputs.number('id'),
        inputs.bytes('y'),
        inputs.bytes('kemSeed'),
        inputs.number('issued'),
        inputs.number('epoch'),
    )


def sign_one_time(person: Person, inputs: Inputs) -> bytes:
    return bundle.sign_one_time(
        person.kr_ds, person.jid, person.device_id, inputs.number('id'), inputs.bytes('secret')
    )


def publication(case: Case) -> None:
    """§9.1."""
    case.expect_digest()
    inputs = case.inputs
    person = read_person(inputs.object('person'))
    case.expect('certificate', person.account.certificate)
    case.expect('prekey', sign_prekey(person, inputs.object('prekey')))
    case.expect('oneTime', sign_one_time(person, inputs.object('oneTime')))
    retired_at = inputs.number('retiredAt')
    case.expect('tombstone', bundle.sign_tombstone(person.kr_ds, person.jid, person.device_id, retired_at))
    next_ku_a = public_key(P256, inputs.bytes('nextKrA'))
    rollover = bundle.sign_rollover(person.kr_a, person.jid, next_ku_a, inputs.number('rolloverIssued'))
    case.expect('rollover', rollover)
    case.expect('listHash', bundle.list_hash(person.account.device_list))
    ku_ds, ku_dd = public_key(P256, person.kr_ds), public_key(P256, person.kr_dd)
    case.expect('approvalCode', approval_code(person.jid, person.device_id, ku_ds, ku_dd))


_FALSE_PREKEY = 'prekey: a false signature'
_NO_ONE_TIME, _STALE = 'no one-time key', 'stale'
# why the device is skipped; or what is missing of it
BUNDLES = {
    'everything holds': '',
    'without a one-time key': _NO_ONE_TIME,
    'a prekey of 30 days': '',
    'a prekey of more than 30 days': _STALE,
    'a prekey of 90 days': _STALE,
    'a prekey of more than 90 days': 'prekey: too old',
    'a prekey from the future': 'prekey: issued in the future',
    'no prekey': 'no prekey',
    "a bit of the prekey's signature": _FALSE_PREKEY,
    'a prekey signed by the account key': _FALSE_PREKEY,
    'a prekey of another device id': 'prekey: of another device',
    'a prekey of another JID': 'prekey: of another device',
    'a G_y that is not on the curve': 'not on the curve',
    'an encapsulation key that is not reduced': 'an encapsulation key that is not reduced',
    'a one-time key for a prekey': _FALSE_PREKEY,
    'a tombstone': 'the device has retired itself',
    'a certificate that is not listed': 'certificate: not listed',
    "a bit of the certificate's signature": 'certificate: a false signature',
    'a certificate that is over': 'certificate: not valid any more',
    "a bit of the one-time key's signature": _NO_ONE_TIME,
    'a one-time key of another device id': _NO_ONE_TIME,
    'a one-time key with the id 0': _NO_ONE_TIME,
    'a one-time key that is not on the curve': _NO_ONE_TIME,
}


def _read_devices(inputs: Inputs) -> list[bundle.RawDevice]:
    parts = ('certificate', 'prekey', 'oneTime', 'tombstone')
    return [bundle.RawDevice(*(device.bytes(part) for part in parts)) for device in inputs.objects('devices')]


def read_bundle(case: Case) -> None:
    """§9.1: a list that holds, and one device that does, or does not."""
    case.expect_digest()
    inputs, told = case.inputs, BUNDLES[case.name]
    ku_a, device_list, now = inputs.bytes('kuA'), inputs.bytes('list'), inputs.number('now')
    raw = _read_devices(inputs)
    listed = bundle.accept_bundle_list(inputs.text('jid'), ku_a, device_list, len(raw), now)
    case.expect('listVersion', listed['version'])
    case.expect('listHash', bundle.list_hash(device_list))
    if len(raw) != 1:
        raise Mismatch('these cases have one device each')
    try:
        device = bundle.accept_device(ku_a, listed, raw[0], now)
    except Refused as refusal:
        case.expect_true(refusal.reason == told, f'it is skipped because of: {told} (but: {refusal.reason})')
        case.expect('devices', [])
        return
    case.expect_true(device.stale == (told == _STALE), 'the name says whether it is stale')
    case.expect_true((device.one_time is None) == (told == _NO_ONE_TIME), 'the name says whether a key is left')
    shown = {
        'deviceId': device.certificate['deviceId'].hex(),
        'stale': device.stale,
        'oneTimeId': device.one_time['id'] if device.one_time else 0,
    }
    case.expect('devices', [shown])


BAD_BUNDLES = {
    'KU_A is not on the curve': 'not on the curve',
    'KU_A is of another account': 'device list: a false signature',
    'a bit of the list': 'device list: a false signature',
    "a bit of the list's signature": 'device list: a false signature',
    'the list is signed by the device': 'device list: a false signature',
    'the list names another KU_A': 'device list: another account key',
    'the list is of another JID': 'device list: another JID',
    'another JID was asked for': 'device list: another JID',
    'the list is from the future': 'device list: issued in the future',
    'a certificate for a list': 'device list: a false signature',
    '33 devices': 'more than 32 devices',
}


def bad_bundle(case: Case) -> None:
    """§9.1."""
    case.expect_digest()
    inputs = case.inputs
    ku_a, device_list, now = inputs.bytes('kuA'), inputs.bytes('list'), inputs.number('now')
    jid, devices = inputs.text('jid'), _read_devices(inputs)
    expect_refusal(
        case,
        lambda: bundle.accept_bundle_list(jid, ku_a, device_list, len(devices), now),
        BAD_BUNDLES[case.name],
    )
    case.expect('refused', True)
