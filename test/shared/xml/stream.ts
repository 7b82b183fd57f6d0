// What the tests of the scanner share: feeding a stream in pieces and
// collecting what comes out.

import { concat, utf8 } from '../../../shared/bytes.ts';
import { SimppError } from '../../../shared/errors.ts';
import type { ErrorCode } from '../../../shared/errors.ts';
import type { ScannerLimits, StreamPart } from '../../../shared/xml/scanner.ts';
import { clientLimits, StreamScanner } from '../../../shared/xml/scanner.ts';

export const header =
  "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>";

/** All that a scanner made of a stream. */
export interface Outcome {
  readonly parts: readonly StreamPart[];
  readonly error: ErrorCode | undefined;
  /** Bytes that no part has taken. */
  readonly rest: Uint8Array;
  readonly mostBuffered: number;
}

export interface ScanOptions {
  readonly limits?: ScannerLimits;
  /** Calls restart() when it says so about the part at this index, pieces of white space not counted twice. */
  readonly restartAfter?: (index: number) => boolean;
}

/** Scans a stream that arrives in the given pieces; anything thrown but SimppError passes through. */
export function scanPieces(pieces: Iterable<Uint8Array>, options: ScanOptions = {}): Outcome {
  const scanner = new StreamScanner(options.limits ?? clientLimits);
  const parts: StreamPart[] = [];
  let mostBuffered = 0;
  let error: ErrorCode | undefined;
  try {
    for (const piece of pieces) {
      scanner.push(piece);
      for (let part = scanner.next(); part !== undefined; part = scanner.next()) {
        // White space is handed out as it arrives: only its sum does not depend on the pieces.
        const last = parts.at(-1);
        if (part.kind === 'space' && last?.kind === 'space') {
          parts[parts.length - 1] = { kind: 'space', bytes: concat(last.bytes, part.bytes) };
          continue;
        }
        parts.push(part);
        if (options.restartAfter?.(parts.length - 1) === true) scanner.restart();
      }
      mostBuffered = Math.max(mostBuffered, scanner.bufferedBytes);
    }
  } catch (thrown) {
    if (!(thrown instanceof SimppError)) throw thrown;
    error = thrown.code;
  }
  return { parts, error, rest: scanner.takeBuffered(), mostBuffered };
}

/** Bytes cut at the given offsets. */
export function* piecesAt(bytes: Uint8Array, offsets: readonly number[]): Generator<Uint8Array> {
  let from = 0;
  for (const offset of offsets.toSorted((a, b) => a - b)) {
    yield bytes.subarray(from, offset);
    from = offset;
  }
  yield bytes.subarray(from);
}

/** Bytes in pieces of one size. */
export function* piecesOf(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Scans text, or raw bytes, in one piece. */
export function scan(stream: string | Uint8Array, options?: ScanOptions): Outcome {
  return scanPieces([typeof stream === 'string' ? utf8(stream) : stream], options);
}

/** Kinds and texts of parts, for comparisons that print well. */
export function shown(parts: readonly StreamPart[]): readonly string[] {
  return parts.map((part) => `${part.kind} ${new TextDecoder().decode(part.bytes)}`);
}
