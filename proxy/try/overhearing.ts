// What an eavesdropper gets: every word said, every name and every password is
// looked for in what passed on the wire, and, to show that the search works, in
// what passed between the clients and the proxy.
import { overheard } from './overheard.ts';
import type { Said } from './talk.ts';
import type { World } from './world.ts';

/** Counts of words looked for and found. */
export interface Overhearing {
  /** Distinct words of at least four letters, names and passwords. */
  readonly said: number;
  readonly onLoopback: number;
  readonly onWire: number;
  readonly wireBytes: number;
}

/** The words to look for. */
export function wordsOf(said: readonly Said[]): string[] {
  const words = said.flatMap(({ text }) => text.match(/[\p{L}\p{N}]+/gu) ?? []);
  return words.filter((word) => Buffer.byteLength(word) >= 4);
}

/** Searches both taps. */
export function listenIn(world: World, said: readonly Said[]): Overhearing {
  const names = world.accounts.map(({ name }) => name).filter((name) => name.length >= 4);
  const jids = world.accounts.map(({ name }) => `${name}@`);
  const words = [...new Set([...wordsOf(said), ...names, ...jids])];
  // SCRAM never sends the password, so it is found nowhere: it is searched on the wire only.
  const secrets = world.accounts.map(({ password }) => password);
  const wire = world.wire.captured();
  return {
    said: words.length,
    onLoopback: overheard(world.speech.captured(), words).length,
    onWire: overheard(wire, [...words, ...secrets]).length,
    wireBytes: wire.length,
  };
}
