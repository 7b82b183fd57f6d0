// What a person hears unasked, from the virtual contact in each of their clients,
// and what stands in the log of it: kinds and addresses, never words.
import { toHex } from '../../shared/bytes.ts';
import type { Crypto } from '../../shared/crypto/provider.ts';
import { approvalCode } from '../../shared/simpp/approval-code.ts';
import type { SkippedDevice } from '../../shared/simpp/contact-bundle.ts';
import { fingerprintDigits, personFingerprint } from '../../shared/simpp/fingerprint.ts';
import { certificateBody, signedObject } from '../../shared/simpp/messages.ts';
import type { Log } from '../log.ts';
import type { AnnouncementFacts, AnnouncementKind } from './contact/facts.ts';
import type { OwnNotice } from './own-standing.ts';
import type { ContactRecord } from './records.ts';
import type { TrustNotice } from './trust.ts';

/** Says something to every client of the person. */
export type Announce = <Kind extends AnnouncementKind>(kind: Kind, facts: AnnouncementFacts[Kind]) => void;

export interface AnnouncerDeps {
  readonly jid: string;
  readonly crypto: Crypto;
  readonly log: Log;
  readonly say: Announce;
}

/** The same thing is said again after this long. */
const quietMs = 10 * 60 * 1000;
const maxRemembered = 1000;

export class Announcer {
  readonly #deps: AnnouncerDeps;
  readonly #said = new Map<string, number>();
  readonly #now: () => number;

  constructor(deps: AnnouncerDeps, now: () => number) {
    this.#deps = deps;
    this.#now = now;
  }

  /** Says it, unless the same was said just now. */
  say<Kind extends AnnouncementKind>(kind: Kind, facts: AnnouncementFacts[Kind]): void {
    const key = `${kind} ${JSON.stringify(facts)}`;
    const last = this.#said.get(key);
    if (last !== undefined && this.#now() - last < quietMs) return;
    this.#said.set(key, this.#now());
    const [oldest] = this.#said.keys();
    if (this.#said.size > maxRemembered && oldest !== undefined) this.#said.delete(oldest);
    this.#deps.log.info('end-to-end notice', { jid: this.#deps.jid, stage: kind });
    this.#deps.say(kind, facts);
  }

  trust(contact: ContactRecord, notices: readonly TrustNotice[]): void {
    const { jid } = contact;
    for (const notice of notices) {
      switch (notice.kind) {
        case 'undecided':
          this.say('undecided', { contact: jid, fingerprint: this.#digits(jid, contact.kuA) });
          break;
        case 'key-changed': {
          const { wasVerified, isVouched } = notice;
          const fingerprint = this.#digits(jid, contact.nextKuA);
          this.say('key-changed', { contact: jid, fingerprint, wasVerified, isVouched });
          break;
        }
        case 'list-rolled-back':
          this.say('list-rolled-back', { contact: jid, seen: notice.seen, known: notice.known });
          break;
        case 'new-device':
        case 'device-added':
          this.say(notice.kind, { contact: jid, device: notice.deviceId });
          break;
        case 'key-returned':
        case 'two-keys':
        case 'two-lists':
          this.say(notice.kind, { contact: jid });
          break;
      }
    }
  }

  skipped(jid: string, devices: readonly SkippedDevice[]): void {
    for (const { deviceId, reason } of devices) {
      this.#deps.log.warn('device of a contact skipped', {
        jid,
        text: deviceId === undefined ? reason : `${toHex(deviceId)}: ${reason}`,
      });
      this.say('device-skipped', { contact: jid, device: deviceId === undefined ? undefined : toHex(deviceId) });
    }
  }

  own(notice: OwnNotice): void {
    const { jid, log, crypto } = this.#deps;
    switch (notice.kind) {
      case 'device-waiting': {
        const device = toHex(notice.device.deviceId);
        const body = certificateBody.decode(signedObject.decode(notice.device.certificate).body);
        this.say('own-device-waiting', { device, code: approvalCode(crypto, body) });
        break;
      }
      case 'device-added':
        this.say('own-device-added', { device: notice.deviceId });
        break;
      case 'removed':
        this.say('own-device-removed', { account: jid });
        break;
      case 'other-key':
        this.say('two-keys', { contact: jid });
        break;
      case 'list-rolled-back':
        this.say('list-rolled-back', { contact: jid, seen: notice.seen, known: notice.known });
        break;
      case 'not-published':
        log.warn('keys not published', { jid, text: notice.reason });
        break;
    }
  }

  #digits(jid: string, kuA: Uint8Array | undefined): string {
    return kuA === undefined ? '' : fingerprintDigits(personFingerprint(this.#deps.crypto, jid, kuA));
  }
}
