// Contacts and their devices: which keys are pinned, and what was decided.
import { policies, trustStates } from '../../endtoend/desk.ts';
import type { ContactRecord, DeviceRecord } from '../../endtoend/records.ts';
import { blob, integer, optionalBlob, optionalInteger, optionalText, text } from '../row.ts';
import type { Row } from '../sqlite.ts';
import type { AccountRows } from './account-rows.ts';
import { oneOf, optionalOneOf } from './one-of.ts';

const deviceStates = ['listed', 'new', 'removed'] as const satisfies readonly DeviceRecord['state'][];

export class Contacts {
  readonly #rows: AccountRows;

  constructor(rows: AccountRows) {
    this.#rows = rows;
  }

  get(jid: string): ContactRecord | undefined {
    const tag = this.#rows.tag(jid);
    const row = this.#rows.get('SELECT sealed FROM contacts WHERE account = ? AND contact = ?', this.#rows.id, tag);
    return row && contactOf(this.#rows.open('contacts', [tag], row));
  }

  /** In order of their JIDs. */
  all(): readonly ContactRecord[] {
    const rows = this.#rows.all('SELECT contact, sealed FROM contacts WHERE account = ?', this.#rows.id);
    const contacts = rows.map((row) => contactOf(this.#rows.open('contacts', [text(row, 'contact')], row)));
    return contacts.toSorted((a, b) => (a.jid < b.jid ? -1 : 1));
  }

  put(contact: ContactRecord): void {
    const tag = this.#rows.tag(contact.jid);
    this.#rows.run(
      `INSERT INTO contacts (account, contact, sealed) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET sealed = excluded.sealed`,
      this.#rows.id,
      tag,
      this.#rows.seal('contacts', [tag], { ...contact }),
    );
  }

  /** Forgets a contact and its devices; false when there was none. */
  remove(jid: string): boolean {
    const tag = this.#rows.tag(jid);
    this.#rows.run('DELETE FROM devices WHERE account = ? AND contact = ?', this.#rows.id, tag);
    return this.#rows.run('DELETE FROM contacts WHERE account = ? AND contact = ?', this.#rows.id, tag) > 0;
  }

  devices(jid: string): readonly DeviceRecord[] {
    const tag = this.#rows.tag(jid);
    const rows = this.#rows.all(
      'SELECT device, sealed FROM devices WHERE account = ? AND contact = ? ORDER BY device',
      this.#rows.id,
      tag,
    );
    return rows.map((row) => deviceOf(this.#rows.open('devices', [tag, text(row, 'device')], row)));
  }

  device(jid: string, deviceId: string): DeviceRecord | undefined {
    const tag = this.#rows.tag(jid);
    const row = this.#rows.get(
      'SELECT sealed FROM devices WHERE account = ? AND contact = ? AND device = ?',
      this.#rows.id,
      tag,
      deviceId,
    );
    return row && deviceOf(this.#rows.open('devices', [tag, deviceId], row));
  }

  putDevice(device: DeviceRecord): void {
    const tag = this.#rows.tag(device.jid);
    this.#rows.run(
      `INSERT INTO devices (account, contact, device, sealed) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET sealed = excluded.sealed`,
      this.#rows.id,
      tag,
      device.deviceId,
      this.#rows.seal('devices', [tag, device.deviceId], { ...device }),
    );
  }

  removeDevice(jid: string, deviceId: string): boolean {
    const tag = this.#rows.tag(jid);
    const sql = 'DELETE FROM devices WHERE account = ? AND contact = ? AND device = ?';
    return this.#rows.run(sql, this.#rows.id, tag, deviceId) > 0;
  }
}

/** From the fields of its record. */
export function contactOf(row: Row): ContactRecord {
  return {
    jid: text(row, 'jid'),
    kuA: optionalBlob(row, 'kuA'),
    nextKuA: optionalBlob(row, 'nextKuA'),
    list: optionalBlob(row, 'list'),
    listVersion: integer(row, 'listVersion'),
    listHash: optionalBlob(row, 'listHash'),
    trust: oneOf(trustStates, text(row, 'trust')),
    policy: optionalOneOf(policies, optionalText(row, 'policy')),
    hasOptedOut: integer(row, 'hasOptedOut') === 1,
    alarm: optionalText(row, 'alarm'),
    fetchedAt: optionalInteger(row, 'fetchedAt'),
    lastMessageAt: optionalInteger(row, 'lastMessageAt'),
  };
}

/** From the fields of its record. */
export function deviceOf(row: Row): DeviceRecord {
  return {
    jid: text(row, 'jid'),
    deviceId: text(row, 'deviceId'),
    certificate: blob(row, 'certificate'),
    prekey: optionalBlob(row, 'prekey'),
    state: oneOf(deviceStates, text(row, 'state')),
    since: integer(row, 'since'),
    lastSeen: optionalInteger(row, 'lastSeen'),
  };
}
