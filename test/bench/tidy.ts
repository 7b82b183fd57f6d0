// Before each block: sockets that were destroyed close, and young garbage goes.
// Without it the block that follows pays, and TLS leaves more of both than anything
// else. A full collection would throw compiled code away as well, and make all cold.
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect: NodeJS.GCFunction = runInNewContext('gc');
const turns = 3;

/** Lets the event loop come to rest and collects young garbage. */
export async function tidy(): Promise<void> {
  for (let left = turns; left > 0; left--) await turn();
  collect({ type: 'minor' });
}
