// What a person's decision does to what is known of a contact
// (docs/protocol.md §9.1, §9.6). Only a decision clears an alarm.
import { equalBytes, fromHex } from '../../shared/bytes.ts';
import type { Crypto } from '../../shared/crypto/provider.ts';
import { SimppError } from '../../shared/errors.ts';
import { fingerprintDigits, personFingerprint } from '../../shared/simpp/fingerprint.ts';
import type { ContactRecord, DeviceRecord } from './records.ts';
import type { Known } from './trust.ts';
import { isVerifyUri, readVerifyUri } from './verify-uri.ts';

/**
 * Takes a changed key, an undecided one, or new devices. After it the contact is trusted as it was, but a key that
 * was not compared is never verified.
 */
export function accept(known: Known): Known {
  const { nextKuA, ...contact } = clear(known.contact);
  if (nextKuA !== undefined) return { contact: pin(contact, nextKuA), devices: removed(known.devices) };
  return {
    contact: { ...contact, trust: contact.trust === 'verified' ? 'verified' : 'blind' },
    devices: known.devices.map((device) => (device.state === 'new' ? { ...device, state: 'listed' } : device)),
  };
}

/** Nothing is sent to them any more. */
export function refuse(known: Known): Known {
  return { ...known, contact: { ...known.contact, trust: 'refused' } };
}

/** Forgets keys and what was verified: the next bundle is a first contact again. */
export function reset(known: Known): Known {
  const { kuA: _kuA, nextKuA: _nextKuA, ...contact } = clear(known.contact);
  const { list: _list, listHash: _listHash, ...rest } = contact;
  return { contact: { ...rest, listVersion: 0, trust: 'undecided' }, devices: removed(known.devices) };
}

/**
 * The person has compared: `word` is what they compared with, 60 digits, 64 hexadecimal digits or a QR code's text;
 * without it they vouch for the key that is known. Throws SimppError where it is of no known key.
 */
export function verify(crypto: Crypto, known: Known, word?: string): Known {
  const { jid, kuA, nextKuA } = known.contact;
  if (kuA === undefined) {
    throw new SimppError(
      'key-missing',
      `No key of ${jid} is known yet. Write to them first, or wait until they are set up.`,
    );
  }
  if (word === undefined) {
    if (nextKuA !== undefined) {
      throw new SimppError('undecided', `${jid} shows another key than before. Verify it by its 60 digits.`);
    }
    return verified(known);
  }
  const fits = (key: Uint8Array): boolean => isFingerprint(crypto, jid, key, word);
  if (fits(kuA)) return verified({ ...known, contact: { ...known.contact, nextKuA: undefined } });
  if (nextKuA !== undefined && fits(nextKuA)) return verified(accept(known));
  throw new SimppError(
    'usage',
    `This is not the fingerprint of ${jid}. Compare again, and if it differs, do not write to them.`,
  );
}

/** A short string verified this KU_A (§9.6); throws SimppError where it is no key that is known. */
export function verifyKey(known: Known, kuA: Uint8Array): Known {
  const { jid, kuA: pinned, nextKuA } = known.contact;
  if (pinned !== undefined && equalBytes(pinned, kuA)) {
    return verified({ ...known, contact: { ...known.contact, nextKuA: undefined } });
  }
  if (nextKuA !== undefined && equalBytes(nextKuA, kuA)) return verified(accept(known));
  throw new SimppError('undecided', `The key of ${jid} has changed during the verification. Begin again.`);
}

function verified(known: Known): Known {
  const { contact, devices } = accept(known);
  return { contact: { ...contact, trust: 'verified' }, devices };
}

/** Whether a word is the fingerprint of a key, however it is written. */
export function isFingerprint(crypto: Crypto, jid: string, kuA: Uint8Array, word: string): boolean {
  const fingerprint = personFingerprint(crypto, jid, kuA);
  if (isVerifyUri(word)) {
    const uri = readVerifyUri(word);
    return uri.jid === jid && equalBytes(uri.fingerprint, fingerprint);
  }
  const written = word.replace(/[\s.:_-]/g, '');
  if (/^\d{60}$/.test(written)) return written === fingerprintDigits(fingerprint).replaceAll(' ', '');
  return /^[0-9a-f]{64}$/i.test(written) && equalBytes(fromHex(written), fingerprint);
}

/** Without its alarm; after the alarm of two lists the next one that comes is taken. */
function clear(contact: ContactRecord): ContactRecord {
  if (contact.alarm === undefined) return contact;
  const { alarm: _alarm, listHash: _listHash, ...rest } = contact;
  return rest;
}

function pin(contact: ContactRecord, kuA: Uint8Array): ContactRecord {
  const { list: _list, listHash: _listHash, ...rest } = contact;
  return { ...rest, kuA, listVersion: 0, trust: 'blind' };
}

/** Their sessions end: they were certified by a key that counts no more. */
function removed(devices: readonly DeviceRecord[]): readonly DeviceRecord[] {
  return devices.map((device) => ({ ...device, state: 'removed', prekey: undefined }));
}
