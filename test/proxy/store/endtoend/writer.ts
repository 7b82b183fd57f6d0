// A process of its own that writes messages into a store until something stops
// it: a crash point, a full disk. Says what became durable, line by line.
//   node writer.ts DATABASE COUNT [CRASH-POINT]

import { writeSync } from 'node:fs';
import { setImmediate as endOfTurn } from 'node:timers/promises';
import { SimppError } from '../../../../shared/errors.ts';
import { crashAt } from '../../../../proxy/cli/crash-at.ts';
import { keystoreKey } from '../../../../proxy/keystore/key.ts';
import { EndToEndStores } from '../../../../proxy/store/endtoend/stores.ts';
import * as sample from './samples.ts';

const [path = '', count = '0', crash] = process.argv.slice(2);
/** Written at once: a line that waits in a pipe would not survive the crash. */
const say = (line: string): number => writeSync(1, `${line}\n`);

const stores = EndToEndStores.open(path, keystoreKey(new Uint8Array(32).fill(1)), { reached: crashAt(crash) });
const store = stores.account('romeo@montague.test');
let lost = 0;
store.onLost(() => lost++);
for (let n = 1; n <= Number(count); n++) {
  try {
    store.sessions.put({ ...sample.session('aa', 'ab'.repeat(32)), leasedTo: n });
    store.archive.put({ ...sample.message('x'.repeat(4000), n), digest: `d${n}` });
    await store.durable();
    say(`durable ${n}`);
  } catch (error) {
    say(`lost ${n} ${error instanceof SimppError ? error.code : 'unknown'} ${lost}`);
    await endOfTurn();
  }
}
say('end');
// Not closed: whatever comes next finds the file as a crash would leave it.
process.exit(0);
