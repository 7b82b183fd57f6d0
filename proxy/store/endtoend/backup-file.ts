// The file of a backup: records under a fresh key, which is wrapped under a
// passphrase. So a wrong passphrase (the key does not open) and damage (the rest
// does not) are told apart.
//
//   "simpp-backup" ‖ version ‖ N ‖ r ‖ p (4 bytes each) ‖ salt (16) ‖ wrapped key (60)
//   ‖ AES-256-GCM, zero nonce, AAD all of that, over (length in 4 bytes ‖ record)*
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { concat, equalBytes, utf8 } from '../../../shared/bytes.ts';
import { SimppError } from '../../../shared/errors.ts';
import { defaultCost, unwrapSecret, wrapSecret, type ScryptCost } from '../../keystore/passphrase.ts';
import type { Row } from '../sqlite.ts';
import { pack, unpack, type Field } from './packing.ts';

const magic = utf8('simpp-backup');
const version = 1;
const purpose = 'backup';
const saltAt = magic.length + 1 + 12;
const wrappedAt = saltAt + 16;
const headerBytes = wrappedAt + 12 + 32 + 16;
const tagBytes = 16;
/** The key is used once, so its nonce may be fixed. */
const nonce = new Uint8Array(12);

/** It is made and read in memory. */
const maxBackupBytes = 512 * 2 ** 20;

export type BackupRecord = Readonly<Record<string, Field>>;

/** Seals the records under the passphrase; throws SimppError('storage-failed') when they are more than 512 MiB. */
export async function writeBackup(
  records: Iterable<BackupRecord>,
  passphrase: string,
  cost: ScryptCost = defaultCost,
): Promise<Uint8Array> {
  const key = randomBytes(32);
  const wrapped = await wrapSecret(purpose, key, passphrase, cost);
  const numbers = [cost.n, cost.r, cost.p].map(fourBytes);
  const header = concat(magic, Uint8Array.of(version), ...numbers, wrapped.salt, wrapped.sealed);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(header);
  key.fill(0);
  const parts: Uint8Array[] = [header];
  let size = headerBytes + tagBytes;
  for (const record of records) {
    const packed = pack(record);
    size += 4 + packed.length;
    if (size > maxBackupBytes) throw tooLarge();
    parts.push(cipher.update(fourBytes(packed.length)), cipher.update(packed));
    packed.fill(0);
  }
  cipher.final();
  return concat(...parts, cipher.getAuthTag());
}

/** The records; nothing is given before all of it was found unchanged. Throws SimppError. */
export async function readBackup(bytes: Uint8Array, passphrase: string): Promise<readonly Row[]> {
  if (bytes.length > maxBackupBytes) throw tooLarge();
  if (bytes.length < headerBytes + tagBytes || !equalBytes(bytes.subarray(0, magic.length), magic)) {
    throw new SimppError('storage-failed', 'This is no backup of SIMPP, or only the beginning of one.');
  }
  if (bytes[magic.length] !== version) {
    throw new SimppError('storage-failed', 'This backup was written by a newer version of SIMPP. Update SIMPP.');
  }
  const header = bytes.subarray(0, headerBytes);
  const decipher = createDecipheriv('aes-256-gcm', await unwrapKey(header, passphrase), nonce, {
    authTagLength: tagBytes,
  });
  decipher.setAAD(header);
  decipher.setAuthTag(bytes.subarray(-tagBytes));
  const content = decipher.update(bytes.subarray(headerBytes, -tagBytes));
  try {
    decipher.final();
  } catch (error) {
    throw new SimppError('storage-failed', 'The passphrase is right, but the backup is damaged. Use another copy.', {
      cause: error,
    });
  }
  return records(content);
}

async function unwrapKey(header: Uint8Array, passphrase: string): Promise<Uint8Array> {
  const view = new DataView(header.buffer, header.byteOffset, header.length);
  const [n, r, p] = [0, 4, 8].map((at) => view.getUint32(magic.length + 1 + at));
  const wrapped = {
    cost: { n: n ?? 0, r: r ?? 0, p: p ?? 0 },
    salt: header.slice(saltAt, wrappedAt),
    sealed: header.slice(wrappedAt),
  };
  try {
    return await unwrapSecret(purpose, wrapped, passphrase);
  } catch (error) {
    throw new SimppError(
      'keystore-locked',
      'The passphrase is not that of this backup. If you are sure of it, the beginning of the file is damaged.',
      { cause: error },
    );
  }
}

function records(content: Uint8Array): readonly Row[] {
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  const rows: Row[] = [];
  for (let at = 0; at < content.length;) {
    const end = at + 4 + view.getUint32(at);
    rows.push(unpack(content.subarray(at + 4, end)));
    at = end;
  }
  return rows;
}

function fourBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

function tooLarge(): SimppError {
  return new SimppError(
    'storage-failed',
    'The backup would be larger than 512 MiB. Keep a shorter history: simpp history keep DAYS.',
  );
}
