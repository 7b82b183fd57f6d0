// The record layer (docs/protocol.md §7): type (1 byte), length of what follows
// (2 bytes), sealed plaintext of at most 16 KiB. Counters and rekeys are
// implicit; the first record that is not authentic ends the channel for good.
import { ByteQueue } from '../byte-queue.ts';
import { concat } from '../bytes.ts';
import { SimppError } from '../errors.ts';
import type { Protection } from './protection.ts';

/** What a record carries. */
export type RecordType = 'data' | 'control' | 'close';

/** A record's plaintext and what it is. */
export interface Record {
  readonly type: RecordType;
  readonly plaintext: Uint8Array;
}

/** Longest plaintext of one record, in bytes. */
export const maxPlaintextBytes = 16_384;
/** Records under one key before the next key takes over. */
export const recordsPerKey = 2 ** 20;

const headerBytes = 3;
const typeBytes = { data: 1, control: 2, close: 3 } as const;
const typesOfBytes = new Map<number, RecordType>([
  [1, 'data'],
  [2, 'control'],
  [3, 'close'],
]);

function header(type: number, length: number): Uint8Array {
  return Uint8Array.of(type, length >> 8, length & 0xff);
}

/** One direction's keys and record number; both ends step through the same ones. */
class Direction {
  protection: Protection;
  #counter = 0;

  constructor(protection: Protection) {
    this.protection = protection;
  }

  /** The number for the next record, under a new key after each 2^20 records. */
  next(): number {
    if (this.#counter === recordsPerKey) {
      this.protection = this.protection.rekeyed();
      this.#counter = 0;
    }
    return this.#counter++;
  }

  mix(kAS: Uint8Array): void {
    this.protection = this.protection.mixed(kAS);
    this.#counter = 0;
  }
}

/** Seals the records of one direction, in order. */
export class RecordSealer {
  readonly #direction: Direction;

  constructor(protection: Protection) {
    this.#direction = new Direction(protection);
  }

  /** One record; `plaintext` must not exceed maxPlaintextBytes. */
  seal(type: RecordType, plaintext: Uint8Array): Uint8Array {
    if (plaintext.length > maxPlaintextBytes) throw new RangeError('a record holds at most 16384 bytes');
    const counter = this.#direction.next();
    const { protection } = this.#direction;
    const head = header(typeBytes[type], protection.sealedLength(plaintext.length));
    return concat(head, protection.seal(counter, head, plaintext));
  }

  /** Mixes K_AS of an enrolment into the key; the next record is the first under the new one. */
  mix(kAS: Uint8Array): void {
    this.#direction.mix(kAS);
  }
}

/** Opens the records of one direction from a byte stream; after an error it stays dead. */
export class RecordOpener {
  readonly #direction: Direction;
  readonly #maxSealedBytes: number;
  readonly #received = new ByteQueue();
  /** Of the record whose rest is still to come. */
  #header: Uint8Array | undefined;
  #failure: SimppError | undefined;

  constructor(protection: Protection) {
    this.#direction = new Direction(protection);
    this.#maxSealedBytes = protection.sealedLength(maxPlaintextBytes);
  }

  /** Adds bytes as they arrived; the array must not be changed afterwards. */
  push(chunk: Uint8Array): void {
    this.#received.push(chunk);
  }

  /** Bytes that wait for the rest of their record. */
  get bufferedBytes(): number {
    return this.#received.length + (this.#header?.length ?? 0);
  }

  /** The next whole record, or undefined until more bytes come; throws SimppError('record-forged'). */
  next(): Record | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    this.#header ??= this.#received.take(headerBytes);
    const head = this.#header;
    if (head === undefined) return undefined;
    const type = typesOfBytes.get(head[0]!);
    const length = head[1]! * 256 + head[2]!;
    if (type === undefined || length > this.#maxSealedBytes) throw this.#fail();
    const sealed = this.#received.take(length);
    if (sealed === undefined) return undefined;
    this.#header = undefined;
    const counter = this.#direction.next();
    const plaintext = this.#direction.protection.open(counter, head, sealed);
    if (plaintext === undefined || plaintext.length > maxPlaintextBytes) throw this.#fail();
    return { type, plaintext };
  }

  /** Mixes K_AS of an enrolment into the key; the next record must be under the new one. */
  mix(kAS: Uint8Array): void {
    this.#direction.mix(kAS);
  }

  #fail(): SimppError {
    this.#failure = new SimppError('record-forged');
    return this.#failure;
  }
}
