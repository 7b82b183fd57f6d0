"""Both sides of the handshake of `simpp-2`: §5."""

from __future__ import annotations

from dataclasses import dataclass, field

from . import mlkem
from .case import Inputs, Refused
from .codec import decode, encode
from .curves import P256, decode_point, ecdh, public_key, sign, verify
from .identities import accept_account, read_account
from .names import demand_account, prepared_domain
from .noise import SymmetricState
from .primitives import gcm_open, gcm_seal, hkdf_expand, labelled, sha256

SUITE = 'P256+MLKEM768_AESGCM_SHA256'


@dataclass(frozen=True)
class Kind:
    """The messages that a kind of handshake carries as its payloads (§5.3)."""

    first: str
    second: str
    third: str
    id_hash: str


KINDS = {
    'guest': Kind('G1', 'S2', 'S3', 'h-id-kas'),
    'login': Kind('S1', 'S2', 'S3', 'h-id-kas'),
    'register': Kind('R1', 'R2', 'R3', 'h-id-ku'),
}


@dataclass(frozen=True)
class Keys:
    """What both sides derive when M2 is complete (§5.2)."""

    ck: bytes
    h2: bytes
    h3: bytes
    k_as: bytes

    def derived(self, label: str) -> bytes:
        return hkdf_expand(self.ck, labelled(label, self.h3), 32)

    def seal_third(self, payload: bytes) -> bytes:
        return encode('M3', payload=gcm_seal(self.derived('confirm'), 0, self.h3, payload))

    def open_third(self, m3: bytes) -> bytes:
        return gcm_open(self.derived('confirm'), 0, self.h3, decode('M3', m3)['payload'])


def k_as(state: SymmetricState) -> bytes:
    """K_AS, from ck after `se` and h2."""
    return hkdf_expand(state.ck, labelled('k-as', state.h), 32)


@dataclass(frozen=True)
class Knowledge:
    """What S knows and permits beyond its key."""

    devices: list[tuple[str, bytes]]  # JID and device id that the directory lists under the key `s`
    guests: bool = True
    bound_jid: str = ''  # empty on a stream; in an enrolment the JID that the server bound


def read_knowledge(gateway: Inputs) -> Knowledge:
    devices = [(device.text('jid'), device.bytes('deviceId')) for device in gateway.objects('devices')]
    return Knowledge(devices, gateway.flag('guests'), gateway.text('boundJid'))


@dataclass(frozen=True)
class Setting:
    """What both sides know beforehand, and what the choices of a vector make of it."""

    kind: Kind
    domain: str
    prologue: bytes
    id_a: str  # empty for a guest
    kr_a: bytes | None  # only a registration uses it
    ku_a: bytes | None
    kr_ds: bytes | None
    kr_dd: bytes
    payload1: bytes
    knowledge: Knowledge
    kr_s: bytes
    ku_s: bytes
    client_ephemeral: bytes
    kem_seed: bytes
    gateway_ephemeral: bytes
    kem_message: bytes
    r_s: bytes
    now: int
    forged: dict[str, bytes] = field(default_factory=dict)  # what is sealed in place of the right plaintext

    def start(self) -> SymmetricState:
        """h0: after the prologue and the pre-message `<- s`."""
        state = SymmetricState(self.prologue)
        state.mix_hash(self.ku_s)
        return state

    def id_hash(self, k_as_: bytes) -> bytes:
        """The hash in S2 or R2."""
        bound = self.ku_a if self.kind is KINDS['register'] else k_as_
        assert bound is not None
        return sha256(labelled(self.kind.id_hash, self.id_a.encode(), bound))


def read_setting(
    inputs: Inputs, forged: dict[str, bytes] | None = None, knowledge: Knowledge | None = None
) -> Setting:
    kind = inputs.text('kind')
    if kind not in KINDS:
        raise Refused(f'there is no handshake of kind {kind}')
    domain, offer, binding = prepared_domain(inputs.text('to')), inputs.text('offer'), inputs.bytes('binding')
    identity, choices = inputs.object('identity'), inputs.object('choices')
    kr_dd, now = identity.bytes('krDd'), 0
    id_a, device_id, kr_a, ku_a, kr_ds = '', b'', None, None, None
    payload1 = encode('G1')
    if kind != 'guest':
        id_a, device_id = identity.text('jid'), identity.bytes('deviceId')
    if kind == 'login':
        payload1 = encode(
            'S1',
            idA=id_a,
            deviceId=device_id,
            listVersion=identity.number('listVersion'),
            stateEpoch=identity.number('stateEpoch'),
        )
    if kind == 'register':
        account, kr_a, now = read_account(identity), identity.bytes('krA'), identity.number('issued')
        ku_a, kr_ds = account.ku_a, identity.bytes('krDs')
        payload1 = encode(
            'R1',
            idA=id_a,
            kuA=ku_a,
            deviceList=account.device_list,
            certificate=account.certificate,
            stateEpoch=identity.number('stateEpoch'),
        )
    kr_s = choices.bytes('krS')
    return Setting(
        kind=KINDS[kind],
        domain=domain,
        prologue=labelled('prologue', domain.encode(), offer.encode(), SUITE.encode(), binding),
        id_a=id_a,
        kr_a=kr_a,
        ku_a=ku_a,
        kr_ds=kr_ds,
        kr_dd=kr_dd,
        payload1=payload1,
        knowledge=knowledge or Knowledge([(id_a, device_id)] if kind == 'login' else []),
        kr_s=kr_s,
        ku_s=public_key(P256, kr_s),
        client_ephemeral=choices.bytes('clientEphemeral'),
        kem_seed=choices.bytes('kemSeed'),
        gateway_ephemeral=choices.bytes('gatewayEphemeral'),
        kem_message=choices.bytes('kemMessage'),
        r_s=choices.bytes('rS'),
        now=now,
        forged=forged or {},
    )


class Client:
    """A: writes M1, reads M2, writes M3."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self.state = setting.start()

    def write_m1(self) -> bytes:
        """-> e, es, e1, s, ss"""
        my, state = self._setting, self.state
        e = public_key(P256, my.client_ephemeral)
        state.mix_hash(e)
        state.mix_key(ecdh(P256, my.client_ephemeral, my.ku_s))
        e1 = state.encrypt_and_hash(my.forged.get('e1', mlkem.keygen(my.kem_seed)[0]))
        s = state.encrypt_and_hash(my.forged.get('s', public_key(P256, my.kr_dd)))
        state.mix_key(ecdh(P256, my.kr_dd, my.ku_s))
        return encode('M1', e=e, e1=e1, s=s, payload=state.encrypt_and_hash(my.forged.get('payload1', my.payload1)))

    def read_m2(self, m2: bytes) -> None:
        """<- e, ee, ekem1, se"""
        my, state, fields = self._setting, self.state, decode('M2', m2)
        decode_point(P256, fields['e'])
        state.mix_hash(fields['e'])
        state.mix_key(ecdh(P256, my.client_ephemeral, fields['e']))
        ciphertext = state.decrypt_and_hash(fields['ekem1'])
        state.mix_key(mlkem.decapsulate(my.kem_seed, ciphertext))
        state.mix_key(ecdh(P256, my.kr_dd, fields['e']))
        ck, h2, k = state.ck, state.h, k_as(state)
        payload = decode(my.kind.second, state.decrypt_and_hash(fields['payload']))
        self.keys = Keys(ck, h2, state.h, k)
        if payload['hash'] != my.id_hash(k):
            raise Refused(f'the hash of {my.kind.second} is false')
        self._r_s = payload['rS']

    def third_payload(self) -> bytes:
        """S3, or R3 with a signature by KR_A over R_S and h3."""
        if 'payload3' in self._setting.forged:
            return self._setting.forged['payload3']
        if self._setting.kr_a is None:
            return encode('S3', hash=sha256(labelled('h-rs', self._r_s)))
        return encode('R3', signature=sign(P256, self._setting.kr_a, labelled('R3', self._r_s, self.keys.h3)))


class Gateway:
    """S: reads M1, writes M2, reads M3. Its directory lists the one device of the setting."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self.state = setting.start()

    def read_m1(self, m1: bytes) -> None:
        my, state, fields = self._setting, self.state, decode('M1', m1)
        self._e = fields['e']
        decode_point(P256, self._e)
        state.mix_hash(self._e)
        state.mix_key(ecdh(P256, my.kr_s, self._e))
        self._e1 = state.decrypt_and_hash(fields['e1'])
        self._s = state.decrypt_and_hash(fields['s'])
        decode_point(P256, self._s)
        self.k_a = ecdh(P256, my.kr_s, self._s)
        state.mix_key(self.k_a)
        self._accept(state.decrypt_and_hash(fields['payload']))

    def _accept(self, payload1: bytes) -> None:
        """§5.4."""
        my, fields = self._setting, decode(self._setting.kind.first, payload1)
        if my.kind is KINDS['guest']:
            if not my.knowledge.guests:
                raise Refused('guests are refused')
            return
        if my.knowledge.bound_jid not in ('', fields['idA']):
            raise Refused('ID_A is not the JID that the server bound')
        if my.kind is KINDS['login']:
            listed = my.knowledge.devices if self._s == public_key(P256, my.kr_dd) else []
            if (fields['idA'], fields['deviceId']) not in listed:
                raise Refused('the directory does not know this device')
            demand_account(my.domain, fields['idA'])
            return
        demand_account(my.domain, fields['idA'])
        device = accept_account(fields['kuA'], fields['certificate'], fields['deviceList'], my.now)
        if device['jid'] != fields['idA']:
            raise Refused('the certificate is of another JID')
        if device['kuDd'] != self._s:
            raise Refused('the certificate is of another agreement key')

    def before_second_payload(self) -> None:
        """M2 up to `se`; leaves the state at h2."""
        my, state = self._setting, self.state
        self._own_e = public_key(P256, my.gateway_ephemeral)
        state.mix_hash(self._own_e)
        state.mix_key(ecdh(P256, my.gateway_ephemeral, self._e))
        self.kem_secret, self.ciphertext = mlkem.encapsulate(self._e1, my.kem_message)
        self._ekem1 = state.encrypt_and_hash(self.ciphertext)
        state.mix_key(self.kem_secret)
        state.mix_key(ecdh(P256, my.gateway_ephemeral, self._s))

    def write_m2(self) -> bytes:
        my, state = self._setting, self.state
        self.before_second_payload()
        ck, h2, k = state.ck, state.h, k_as(state)
        self.payload2 = my.forged.get('payload2') or encode(my.kind.second, rS=my.r_s, hash=my.id_hash(k))
        m2 = encode('M2', e=self._own_e, ekem1=self._ekem1, payload=state.encrypt_and_hash(self.payload2))
        self.keys = Keys(ck, h2, state.h, k)
        return m2

    def read_m3(self, m3: bytes) -> None:
        my, fields = self._setting, decode(self._setting.kind.third, self.keys.open_third(m3))
        if my.ku_a is not None:
            verify(P256, my.ku_a, labelled('R3', my.r_s, self.keys.h3), fields['signature'])
        elif fields['hash'] != sha256(labelled('h-rs', my.r_s)):
            raise Refused('the hash of S3 is false')
