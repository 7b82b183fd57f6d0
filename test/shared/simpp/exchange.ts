// Drives the two sides of a handshake against each other, in memory. Every
// message passes through `wire`, which may change it.
import { nobleCrypto } from '../../../shared/crypto/noble.ts';
import type { Crypto, PrivateKey } from '../../../shared/crypto/provider.ts';
import { certificateHash, signCertificate, signDeviceList } from '../../../shared/simpp/certificate.ts';
import { startClient, type Hello } from '../../../shared/simpp/client.ts';
import { importDevice } from '../../../shared/simpp/device-keys.ts';
import { systemEntropy } from '../../../shared/simpp/entropy.ts';
import { startGateway, type GatewayContext } from '../../../shared/simpp/gateway.ts';
import type { Claim, GatewayStep, KnownDevice, Session } from '../../../shared/simpp/handshake.ts';

export const now = 1_800_000_000;
export const jid = 'alice@example.test';
const context = { domain: 'example.test', offer: new Uint8Array([1, 2, 3]), binding: new Uint8Array(0) };

/** An account with one device, as its owner holds it. */
export function newDevice(crypto: Crypto = nobleCrypto, owner = jid, krA: PrivateKey = crypto.p256.generate()) {
  const krDs = crypto.p256.generate();
  const krDd = crypto.p256.generate();
  const deviceId = crypto.randomBytes(16);
  const certificate = signCertificate(crypto, krA, {
    jid: owner,
    deviceId,
    kuDs: krDs.publicKey.bytes,
    kuDd: krDd.publicKey.bytes,
    notBefore: now - 10,
    notAfter: now + 1000,
  });
  const deviceList = signDeviceList(crypto, krA, {
    jid: owner,
    kuA: krA.publicKey.bytes,
    version: 1,
    issued: now - 10,
    certificates: [certificateHash(crypto, certificate)],
  });
  return { jid: owner, krA, krDs, krDd, deviceId, certificate, deviceList };
}

export type TestDevice = ReturnType<typeof newDevice>;

export const helloOf = {
  guest: ({ krDd }: TestDevice): Hello => ({ kind: 'guest', agreement: krDd }),
  login: ({ krDd, jid: idA, deviceId }: TestDevice): Hello => ({
    kind: 'login',
    agreement: krDd,
    idA,
    deviceId,
    listVersion: 1,
    stateEpoch: 1,
  }),
  register: ({ krDd, jid: idA, krA, deviceList, certificate }: TestDevice): Hello => ({
    kind: 'register',
    agreement: krDd,
    idA,
    krA,
    deviceList,
    certificate,
    stateEpoch: 1,
  }),
} as const;

export interface Options {
  readonly krS: PrivateKey;
  readonly hello: Hello;
  /** The directory: devices by hex of their agreement key. */
  find?(agreementKey: Uint8Array): KnownDevice | undefined;
  wire?(message: Uint8Array, which: 'M1' | 'M2' | 'M3'): Uint8Array;
  readonly pinned?: PrivateKey;
  readonly gateway?: Partial<GatewayContext>;
  readonly clientBinding?: Uint8Array;
  readonly crypto?: { readonly client: Crypto; readonly gateway: Crypto };
}

export type Outcome =
  | { readonly kind: 'established'; readonly client: Session; readonly gateway: Session; readonly claim: Claim }
  | { readonly kind: 'refused by S' };

/** Runs a handshake; what A or S throws comes through. */
export function exchange(options: Options): Outcome {
  const { krS, hello, wire = (message) => message } = options;
  const clientCrypto = options.crypto?.client ?? nobleCrypto;
  const gatewayCrypto = options.crypto?.gateway ?? nobleCrypto;
  const opening = startClient(
    {
      ...context,
      binding: options.clientBinding ?? context.binding,
      crypto: clientCrypto,
      entropy: systemEntropy(clientCrypto),
      kuS: clientCrypto.p256.publicKey((options.pinned ?? krS).publicKey.bytes),
    },
    hello,
  );
  let gateway = startGateway({
    ...context,
    crypto: gatewayCrypto,
    entropy: systemEntropy(gatewayCrypto),
    krS,
    importDevice: (agreementKey) => importDevice(gatewayCrypto.p256, krS, agreementKey),
    allowGuests: true,
    now: () => now,
    ...options.gateway,
  });
  const deliver = (message: Uint8Array): GatewayStep => {
    if (gateway.kind !== 'read' && gateway.kind !== 'send') throw new Error(`S does not read in ${gateway.kind}`);
    gateway = gateway.next(message);
    if (gateway.kind === 'find-device') gateway = gateway.next(options.find?.(gateway.agreementKey));
    return gateway;
  };
  const answer = deliver(wire(opening.messages[0]!, 'M1'));
  if (answer.kind !== 'send' || opening.kind !== 'send') return { kind: 'refused by S' };
  const closing = opening.next(wire(answer.message, 'M2'));
  const end = deliver(wire(closing.messages[0]!, 'M3'));
  if (end.kind !== 'established' || closing.kind !== 'established') return { kind: 'refused by S' };
  return { kind: 'established', client: closing.session, gateway: end.session, claim: end.claim };
}
