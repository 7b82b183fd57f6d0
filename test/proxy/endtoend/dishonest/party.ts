// The people of a test, their machines and whoever stands between them: opened
// for each test anew, closed after it.
import assert from 'node:assert/strict';
import { temporaryFolder } from '../../keystore/folder.ts';
import { Carrier } from './carrier.ts';
import { Clock, Machine, type Became, type MachineOptions } from './machine.ts';

export const alice = 'alice@example.test';
export const bob = 'bob@example.test';
export const mallory = 'mallory@example.test';

export interface Party {
  readonly carrier: Carrier;
  readonly clock: Clock;
  /** Opens a machine; another one for a JID that has one asks to be approved. */
  open(jid: string, more?: Partial<MachineOptions>): Promise<Machine>;
}

/** Call inside describe(). */
export function partyOfTest(): () => Party {
  let machines: Machine[] = [];
  let party: Party | undefined;
  // Before the folder goes.
  afterEach(() => {
    for (const machine of machines) machine[Symbol.dispose]();
    machines = [];
  });
  const folder = temporaryFolder();
  beforeEach(() => {
    const carrier = new Carrier();
    const clock = new Clock();
    party = {
      carrier,
      clock,
      open: async (jid, more) => {
        const machine = await Machine.open({ jid, folder: folder(), carrier, clock, ...more });
        machines.push(machine);
        return machine;
      },
    };
  });
  return () => party!;
}

/** The stanza as the server passes it on: with the sender's address. */
export function from(jid: string, stanza: string): string {
  return stanza.replace('<message', `<message from='${jid}/client'`);
}

/** The one stanza that went up, as it arrives. */
export function passed(jid: string, { up, down }: Became): string {
  assert.deepEqual(down, []);
  assert.equal(up.length, 1);
  return from(jid, up[0]!);
}

/** Says it from one machine to the other; what the other's client is shown. */
export async function say(
  sender: Machine,
  receiver: Machine,
  words: string,
  id?: string,
): Promise<{ readonly wire: string; readonly shown: string }> {
  const wire = passed(sender.jid, await sender.write(receiver.jid, words, id));
  assert.ok(wire.includes('<encrypted') && !wire.includes(words), 'it is encrypted');
  return { wire, shown: bodies(await receiver.receive(wire)) };
}

/** The texts that a client would show. */
export function bodies(stanzas: readonly string[]): string {
  return stanzas
    .map((stanza) => [...stanza.matchAll(/<body[^>]*>([^<]*)<\/body>/g)].map(([, body]) => body).join(' | '))
    .join(' || ');
}

/** The conversation goes on, both ways. */
export async function goesOn(first: Machine, second: Machine): Promise<void> {
  assert.equal((await say(first, second, 'still here?')).shown, 'still here?');
  assert.equal((await say(second, first, 'of course')).shown, 'of course');
}
