// What an eavesdropper gets, and what the server does: every word said, every
// name and every password is looked for in what passed on the wire, every word
// and password in what the server was given, and, to show that the search works,
// all of it in what passed between the clients and the proxy.
import { overheard } from './overheard.ts';
import type { Said } from './talk.ts';
import type { World } from './world.ts';

/** Counts of words looked for and found. */
export interface Overhearing {
  /** Distinct words of at least four letters, names and passwords. */
  readonly said: number;
  readonly onLoopback: number;
  readonly onWire: number;
  /** Of the longer words said; names of accounts are the server's business. */
  readonly atServer: number;
  readonly wireBytes: number;
}

/** The words to look for. */
export function wordsOf(said: readonly Said[]): string[] {
  const words = said.flatMap(({ text }) => text.match(/[\p{L}\p{N}]+/gu) ?? []);
  return words.filter((word) => Buffer.byteLength(word) >= 4);
}

/** Not one of the few letters that XML and base64 have by themselves. */
const isRare = (word: string): boolean => Buffer.byteLength(word) >= 6;

/** Searches all taps. */
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
    atServer: overheard(world.atServer.captured(), [...new Set(wordsOf(said))].filter(isRare)).length,
    wireBytes: wire.length,
  };
}
