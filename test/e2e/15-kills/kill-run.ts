// One run of the kill test: while messages flow from alice to bob, each behind a
// proxy of their own, something between them dies at a named point and comes
// back. Both clients keep their books by XEP-0198; what the run gives is what
// those books say.
import type { Prosody } from '../../../proxy/try/prosody.ts';
import type { WireTap } from '../../../proxy/try/wire-tap.ts';
import { eventually } from '../support/eventually.ts';
import type { GatewaySide } from '../support/gateway-side.ts';
import { ManagedClient } from '../support/managed-client.ts';
import type { Login, ProxySide } from '../support/proxy-side.ts';
import { archivedIds } from './archive.ts';

/** Everything that can die, and the two people. */
export interface Stage {
  readonly prosody: Prosody;
  readonly gateway: GatewaySide;
  /** Between each proxy and the gateway. */
  readonly wires: { readonly sender: WireTap; readonly receiver: WireTap };
  readonly proxies: { readonly sender: ProxySide; readonly receiver: ProxySide };
  readonly logins: { readonly sender: Login; readonly receiver: Login };
}

/** Who dies, by name. */
export const victims = {
  "the sender's wire is cut": async ({ wires }: Stage) => wires.sender.cut(),
  "the receiver's wire is cut": async ({ wires }: Stage) => wires.receiver.cut(),
  'the gateway is killed': async ({ gateway }: Stage) => {
    await gateway.kill();
    await gateway.run();
  },
  "the sender's proxy is killed": async ({ proxies }: Stage) => {
    await proxies.sender.kill();
    await proxies.sender.run();
  },
  "the receiver's proxy is killed": async ({ proxies }: Stage) => {
    await proxies.receiver.kill();
    await proxies.receiver.run();
  },
  'the server is killed': async ({ prosody }: Stage) => {
    await prosody.kill();
    await prosody.start();
  },
} as const satisfies Record<string, (stage: Stage) => Promise<void>>;

export type Victim = keyof typeof victims;

/** When it dies: right behind the moment at which this happened to a message. */
export const points = ['sent', 'acknowledged', 'received'] as const;
export type Point = (typeof points)[number];

export interface Run {
  readonly victim: Victim;
  readonly point: Point;
  /** Which message it happens to, from 0. */
  readonly at: number;
  /** Whether it dies a second time, as soon as it is back and the clients come again. */
  readonly twice: boolean;
}

export interface Outcome {
  /** Acknowledged to the sender, but neither received nor in the receiver's archive nor bounced. */
  readonly lost: readonly string[];
  /** Received more than once, though the sender did not repeat it in a new session. */
  readonly doubled: readonly string[];
  /** Not in the order in which they were sent. */
  readonly disordered: readonly string[];
  readonly faults: readonly string[];
  readonly counts: { readonly resumed: number; readonly begun: number };
}

const messageCount = 80;
/** Messages on the way at the same time. */
const window = 12;

/** Sends the messages through the death; every client is online and every message accounted for when it resolves. */
export async function killRun(stage: Stage, run: Run): Promise<Outcome> {
  await using receiver = await ManagedClient.login(stage.logins.receiver);
  await using sender = await ManagedClient.login(stage.logins.sender);
  const prefix = `${run.victim.replaceAll(/\W+/g, '-')}-${run.at}-${performance.now().toFixed(0)}`;
  const ids = Array.from({ length: messageCount }, (_, index) => `${prefix}-${String(index).padStart(3, '0')}`);
  const death = die(stage, run, { sender, receiver }, ids[run.at] ?? '');
  for (const [index, id] of ids.entries()) {
    await eventually('room for the next message', () => index - sender.acknowledged.size < window, 60_000);
    sender.send(stage.logins.receiver.jid, id);
  }
  await death;
  await sender.online();
  await receiver.online();
  await eventually('an acknowledgement of everything', () => sender.unacknowledged === 0, 60_000);
  const archived = await archivedIds(stage.logins.receiver);
  const here = (id: string): boolean => receiver.received.includes(id) || sender.bounced.includes(id);
  // A server that dies may have stored what it could no longer deliver: it is in the archive, which clients read.
  const isSafe = (id: string): boolean => here(id) || (run.victim === 'the server is killed' && archived.has(id));
  await eventually('every message', () => ids.every(isSafe), 15_000).catch(() => undefined);

  const times = (id: string): number => receiver.received.filter((received) => received === id).length;
  const once = receiver.received.filter((id) => !sender.repeated.has(id));
  return {
    lost: ids.filter((id) => sender.acknowledged.has(id) && !isSafe(id)),
    doubled: ids.filter((id) => times(id) > 1 && !sender.repeated.has(id)),
    disordered: once.filter((id, index) => index > 0 && id < (once[index - 1] ?? '')),
    faults: [...sender.faults, ...receiver.faults],
    counts: {
      resumed: sender.counts.resumed + receiver.counts.resumed,
      begun: sender.counts.begun + receiver.counts.begun,
    },
  };
}

async function die(
  stage: Stage,
  { victim, point, twice }: Run,
  { sender, receiver }: { readonly sender: ManagedClient; readonly receiver: ManagedClient },
  id: string,
): Promise<void> {
  const happened = {
    sent: () => sender.sent.has(id),
    acknowledged: () => sender.acknowledged.has(id),
    received: () => receiver.received.includes(id),
  }[point];
  await eventually(`${id} ${point}`, happened, 60_000);
  await victims[victim](stage);
  if (!twice) return;
  await sender.online();
  await receiver.online();
  await victims[victim](stage);
}
