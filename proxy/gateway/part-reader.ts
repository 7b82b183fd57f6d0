// The parts of an outer stream, within what a stranger may take: so many bytes
// and so much time (docs/protocol.md §4 Load). White space counts and is skipped.

import { SimppError } from '../../shared/errors.ts';
import type { ScannerLimits, StreamPart } from '../../shared/xml/scanner.ts';
import type { Leg } from '../leg.ts';
import type { TimeLimit } from './time-limit.ts';

/** Bytes before the switch to records. M1 with R1 of 32 devices takes 4.5 KiB in base64. */
export const maxPlaintextBytes = 8192;

/** Limits of the scanner that reads an outer stream. */
export const outerLimits: ScannerLimits = {
  maxHeaderBytes: 2048,
  maxElementBytes: maxPlaintextBytes,
  maxDepth: 8,
};

/** Reads an outer stream part by part. */
export class PartReader {
  readonly #leg: Leg;
  readonly #time: TimeLimit;
  #bytes = 0;

  constructor(leg: Leg, time: TimeLimit) {
    this.#leg = leg;
    this.#time = time;
  }

  /** The next part that says something, or undefined at the end; rejects with SimppError. */
  async next(): Promise<StreamPart | undefined> {
    for (;;) {
      const part = await this.#time.on(this.#leg.read());
      if (part === undefined) return undefined;
      this.#bytes += part.bytes.length;
      if (this.#bytes > maxPlaintextBytes)
        throw new SimppError('too-large', 'Too much came before the handshake ended.');
      if (part.kind !== 'space') return part;
    }
  }
}
