// `simpp try`: a whole world on this machine, to look at. With --once two
// scripted clients talk through it, and what an eavesdropper got is counted.
import { SimppError } from '../../shared/errors.ts';
import { processOutput } from '../cli/output.ts';
import { catchStopSignals } from '../cli/signals.ts';
import type { Endpoint } from '../endpoint.ts';
import { advice } from './advice.ts';
import { installPackages } from './apt.ts';
import { listenIn } from './overhearing.ts';
import { findProsody } from './prosody.ts';
import { Screen } from './screen.ts';
import { Listener } from './speech.ts';
import { talk } from './talk.ts';
import { openWorld, type World } from './world.ts';

/** The command line of `simpp try`. */
export interface TryFlags {
  readonly server?: Endpoint;
  readonly domain?: string;
  readonly once?: boolean;
  readonly install?: boolean;
  readonly json?: boolean;
}

const clientPort = 5222;

/** Runs the command. */
export async function runTry(flags: TryFlags): Promise<void> {
  const output = processOutput(flags.json === true);
  if (flags.server === undefined && (await findProsody()) === undefined) {
    await installPackages(['prosody'], { install: flags.install === true, who: 'The try-out world' });
  }
  const once = flags.once === true;
  await using world = await openWorld({
    domain: flags.domain ?? 'example.test',
    clientPort: once ? 0 : clientPort,
    ...(flags.server !== undefined && { server: flags.server }),
  });
  const { ports } = world;
  output.say(
    `XMPP server ─ 127.0.0.1:${ports.server}   ◄─ gateway ─ 127.0.0.1:${ports.gateway}   ◄─ SIMPP ─   ` +
      `proxy ─ 127.0.0.1:${ports.proxy}   ◄─ clients`,
  );
  output.say(`Fingerprint of the gateway: ${world.gatewayFingerprint}`);
  if (!once) output.say(advice(world));
  if (!output.json) draw(world);
  if (once) {
    await report(world, output);
    return;
  }

  output.result({ ready: true, domain: world.domain, ports, accounts: world.accounts });
  const signals = catchStopSignals(() => {});
  try {
    await signals.stopped;
  } finally {
    signals.dispose();
  }
}

async function report(world: World, output: ReturnType<typeof processOutput>): Promise<void> {
  const exchange = await talk(world);
  const words = listenIn(world, exchange);
  const { onWire, onLoopback, atServer, said, wireBytes } = words;
  output.say(
    `\nOf ${said} words and names, ${onLoopback} were found between the clients and the proxy, ` +
      `${onWire} in the ${wireBytes} bytes on the wire, and ${atServer} in what the server was given to read.`,
  );
  output.result({
    ok: onWire === 0 && atServer === 0,
    domain: world.domain,
    ports: world.ports,
    fingerprints: { gateway: world.gatewayFingerprint, ...world.fingerprints() },
    exchange,
    words,
  });
  if (onWire > 0) throw new SimppError('internal', `${onWire} words were readable on the wire.`);
  if (atServer > 0) throw new SimppError('internal', `${atServer} words were readable at the server.`);
}

function draw(world: World): void {
  const screen = new Screen({
    columns: process.stdout.columns ?? 120,
    isColoured: process.stdout.hasColors?.() === true,
    write: (line) => void process.stdout.write(`${line}\n`),
  });
  screen.heading();
  watch(world, screen);
}

/** Shows on a screen what the taps hear from now on. */
export function watch(world: World, screen: Screen): void {
  const listeners = new Map<number, Listener>();
  world.speech.transform((chunk, direction, connection) => {
    if (direction === 'down') {
      const listener = listeners.get(connection) ?? new Listener((said) => screen.said(said));
      listeners.set(connection, listener);
      listener.push(chunk);
    }
    return chunk;
  });
  world.atServer.transform((chunk, direction) => {
    if (direction === 'up') screen.given(chunk);
    return chunk;
  });
  world.wire.transform((chunk, direction) => {
    screen.passed(chunk, direction);
    return chunk;
  });
}
