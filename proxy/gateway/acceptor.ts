// The profile that a gateway speaks, made ready with its key: what it offers
// and how a handshake begins. Everything after this is the same for both
// profiles (docs/protocol.md §4, §5, §10).

import { toBase64, utf8 } from '../../shared/bytes.ts';
import type { Crypto } from '../../shared/crypto/provider.ts';
import { SimppError } from '../../shared/errors.ts';
import { systemEntropy } from '../../shared/simpp/entropy.ts';
import { gatewayFingerprint } from '../../shared/simpp/fingerprint.ts';
import type { GatewayStep } from '../../shared/simpp/handshake.ts';
import { classic, simpp2, type ProfileName } from '../../shared/simpp/profile.ts';
import { element, escapeText } from '../../shared/xml/write.ts';
import { gatewayKeysOf } from '../invite.ts';
import { publicGatewayKey, type GatewayKey } from './key-file.ts';
import { rememberDevices } from './remembered-devices.ts';

/** A profile with the gateway's key in it. */
export interface Acceptor {
  readonly profile: ProfileName;
  readonly namespace: string;
  readonly suite: string;
  /** The `<simpp/>` feature, byte for byte as sent: it is part of the handshake's prologue. */
  readonly offer: Uint8Array;
  /** Begins a handshake on the outer stream. */
  start(domain: string): GatewayStep;
  /** Begins an enrolment inside the channel with this binding; absent where the profile has none. */
  startInside?(domain: string, binding: Uint8Array, boundJid: string): GatewayStep;
}

/** What an acceptor is made from. */
export interface AcceptorParts {
  readonly crypto: Crypto;
  readonly key: GatewayKey;
  readonly allowGuests: boolean;
  /** Seconds since 1970. */
  now(): number;
}

/** The acceptor of the key's profile. */
export function createAcceptor(parts: AcceptorParts): Acceptor {
  return parts.key.profile === 'classic' ? classicAcceptor(parts) : simpp2Acceptor(parts);
}

const nothing = new Uint8Array(0);

function simpp2Acceptor({ crypto, key, allowGuests, now }: AcceptorParts): Acceptor {
  if (key.profile !== 'simpp-2') throw new SimppError('internal');
  const { agreement, signing } = key;
  const fingerprint = gatewayFingerprint(crypto, {
    agreement: agreement.publicKey.bytes,
    signing: signing.publicKey.bytes,
  });
  const offer = writeOffer(simpp2.namespace, simpp2.suite, fingerprint);
  const fixed = {
    crypto,
    entropy: systemEntropy(crypto),
    krS: agreement,
    ...rememberDevices(crypto.p256, agreement),
    now,
  };
  return {
    profile: 'simpp-2',
    namespace: simpp2.namespace,
    suite: simpp2.suite,
    offer,
    start: (domain) => simpp2.startGateway({ ...fixed, domain, offer, binding: nothing, allowGuests }),
    startInside: (domain, binding, boundJid) =>
      simpp2.startGateway({ ...fixed, domain, offer: nothing, binding, boundJid, allowGuests: false }),
  };
}

function classicAcceptor({ crypto, key }: AcceptorParts): Acceptor {
  if (key.profile !== 'classic') throw new SimppError('internal');
  const krS = key.key;
  const fingerprint = gatewayFingerprint(crypto, gatewayKeysOf(publicGatewayKey(key)));
  return {
    profile: 'classic',
    namespace: classic.namespace,
    suite: classic.suite,
    offer: writeOffer(classic.namespace, classic.suite, fingerprint),
    start: (domain) => classic.startGateway({ crypto, entropy: systemEntropy(crypto), krS, domain }),
  };
}

function writeOffer(namespace: string, suite: string, fingerprint: Uint8Array): Uint8Array {
  return utf8(
    element(
      'simpp',
      { xmlns: namespace },
      element('suite', {}, escapeText(suite)),
      element('fingerprint', {}, escapeText(toBase64(fingerprint))),
    ),
  );
}
