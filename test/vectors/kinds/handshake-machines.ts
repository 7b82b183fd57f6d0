// The state machines under test, with every choice scripted. They run on the
// fast provider, the trace on noble: so both providers must agree, too. Only
// signatures are noble's in both, since OpenSSL's are random.
import { detectNodeCrypto } from '../../../proxy/crypto/provider.ts';
import { nobleCrypto } from '../../../shared/crypto/noble.ts';
import type { Crypto } from '../../../shared/crypto/provider.ts';
import { startClient } from '../../../shared/simpp/client.ts';
import { importDevice } from '../../../shared/simpp/device-keys.ts';
import { startGateway } from '../../../shared/simpp/gateway.ts';
import type { ClientStep, GatewayStep, KnownDevice, Session } from '../../../shared/simpp/handshake.ts';
import { scriptedEntropy } from '../scripted-entropy.ts';
import { bytesOf, isRefused, numberOf, valuesOf, type Values } from '../vector.ts';
import { contextOf, helloOf } from './handshake-setting.ts';

const fast = detectNodeCrypto();
const crypto: Crypto = { ...fast, p256: { ...fast.p256, sign: nobleCrypto.p256.sign } };

/** What S knows and permits beyond its key. */
export interface Knowledge {
  /** The devices that the directory lists under the key `s`: one or none. */
  readonly devices: readonly KnownDevice[];
  readonly allowGuests: boolean;
  readonly boundJid?: string;
}

/** S knows A if A logs in, and admits guests. */
export function ordinaryKnowledge(inputs: Values): Knowledge {
  const hello = helloOf(inputs);
  return {
    devices: hello.kind === 'login' ? [{ jid: hello.idA, deviceId: hello.deviceId }] : [],
    allowGuests: true,
  };
}

/** A, with M1 to send. */
export function startA(inputs: Values): ClientStep {
  const fixed = valuesOf(inputs, 'choices');
  const entropy = scriptedEntropy({
    scalars: [bytesOf(fixed, 'clientEphemeral')],
    kemSeeds: [bytesOf(fixed, 'kemSeed')],
  });
  const kuS = crypto.p256.privateKey(bytesOf(fixed, 'krS')).publicKey;
  return startClient({ crypto, entropy, kuS, ...contextOf(inputs) }, helloOf(inputs));
}

/** S, as what it makes of each message of A; a message that does not verify is refused like any other. */
export function startS(inputs: Values, { devices, ...rest }: Knowledge): (message: Uint8Array) => GatewayStep {
  const fixed = valuesOf(inputs, 'choices');
  const krS = crypto.p256.privateKey(bytesOf(fixed, 'krS'));
  let step: GatewayStep = startGateway({
    crypto,
    krS,
    entropy: scriptedEntropy({
      scalars: [bytesOf(fixed, 'gatewayEphemeral')],
      kemMessages: [bytesOf(fixed, 'kemMessage')],
      bytes: [bytesOf(fixed, 'rS')],
    }),
    importDevice: (agreementKey) => importDevice(crypto.p256, krS, agreementKey),
    now: () => numberOf(valuesOf(inputs, 'identity'), 'issued'),
    ...contextOf(inputs),
    ...rest,
  });
  return (message) => {
    const refused = isRefused(() => {
      if (step.kind === 'read' || step.kind === 'send') step = step.next(message);
      if (step.kind === 'find-device') step = step.next(devices[0]);
    });
    if (refused) step = { kind: 'refused' };
    return step;
  };
}

/** What A makes of M2. */
export function readM2(opening: ClientStep, message: Uint8Array): ClientStep | 'refused' {
  let step: ClientStep = opening;
  const refused = isRefused(() => {
    if (opening.kind === 'send') step = opening.next(message);
  });
  return refused ? 'refused' : step;
}

export type Refusal = 'refused by A' | 'refused by S';

interface Run {
  readonly messages: readonly Uint8Array[];
  readonly client: Session;
  readonly gateway: Session;
}

/** Both against each other; `onWire` sees each message on its way. */
export function runMachines(
  inputs: Values,
  onWire: (message: Uint8Array, which: 'M1' | 'M2' | 'M3') => Uint8Array = (message) => message,
): Run | Refusal {
  const deliver = startS(inputs, ordinaryKnowledge(inputs));
  const opening = startA(inputs);
  const first = opening.messages[0]!;
  const answer = deliver(onWire(first, 'M1'));
  if (answer.kind !== 'send') return 'refused by S';
  const closing = readM2(opening, onWire(answer.message, 'M2'));
  if (closing === 'refused' || closing.kind !== 'established') return 'refused by A';
  const last = closing.messages[0]!;
  const end = deliver(onWire(last, 'M3'));
  if (end.kind !== 'established') return 'refused by S';
  return { messages: [first, answer.message, last], client: closing.session, gateway: end.session };
}
