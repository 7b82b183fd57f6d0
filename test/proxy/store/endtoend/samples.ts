// One record of each kind, every field set, for tests of the store.
import { randomBytes } from 'node:crypto';
import { toHex } from '../../../../shared/bytes.ts';
import type {
  ArchivedMessage,
  ContactRecord,
  DeviceRecord,
  OwnOneTimeRecord,
  OwnPrekeyRecord,
  SessionRecord,
  SkippedKeyRecord,
  UnsentMessage,
} from '../../../../proxy/endtoend/records.ts';

export const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
export const id = (length = 32): string => toHex(random(length));

export const juliet = 'juliet@capulet.test';

export function contact(jid = juliet): ContactRecord {
  return {
    jid,
    kuA: random(65),
    nextKuA: random(65),
    list: random(300),
    listVersion: 7,
    listHash: random(32),
    trust: 'verified',
    policy: 'require',
    hasOptedOut: true,
    alarm: 'Two keys were seen.',
    fetchedAt: 1_700_000_000_000,
    lastMessageAt: 1_700_000_000_001,
  };
}

export function device(deviceId = id(16), jid = juliet): DeviceRecord {
  return { jid, deviceId, certificate: random(200), prekey: random(1500), state: 'new', since: 5, lastSeen: 6 };
}

export function session(deviceId: string, sessionId = id(), jid = juliet): SessionRecord {
  return {
    sessionId,
    jid,
    deviceId,
    state: random(500),
    leasedTo: 64,
    begunAt: 1_700_000_000_000,
    lastReceivedAt: 1_700_000_000_002,
    isBroken: true,
    endedAt: undefined,
  };
}

export function skippedKey(sessionId: string, number: number, at = 1_700_000_000_000): SkippedKeyRecord {
  return { sessionId, dh: 'ab'.repeat(33), number, key: random(32), at };
}

export function prekey(number: number, issuedAt = 1_700_000_000_000): OwnPrekeyRecord {
  return { id: number, secret: random(32), seed: random(64), signed: random(1400), issuedAt };
}

export function oneTime(number: number): OwnOneTimeRecord {
  return { id: number, secret: random(32), issuedAt: 1_700_000_000_000 };
}

export function message(text: string, at = 1_700_000_000_000, from = juliet): ArchivedMessage {
  return {
    digest: id(),
    contact: from,
    isOwn: false,
    at,
    id: 'm1',
    state: 'encrypted',
    deviceId: id(16),
    envelope: random(700),
    text,
  };
}

export function unsent(text: string): Omit<UnsentMessage, 'number'> {
  return { to: juliet, at: 1_700_000_000_000, reason: 'She has no keys.', id: 'u1', stanza: random(300), text };
}
