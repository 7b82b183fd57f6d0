// Makes docs/pictures/clients anew: each client in a conversation through the
// proxy, as test/e2e/20-topologies drives it. `node test/docs/client-pictures.ts
// [CLIENT …]`; to be looked at before it is committed.
import { mkdir, writeFile } from 'node:fs/promises';
import type { Topology } from '../e2e/20-topologies/table.ts';
import { openTopologies } from '../e2e/20-topologies/world.ts';
import { TestAuthority } from '../e2e/support/certs.ts';
import type { Desktop } from '../e2e/support/desktop.ts';
import { Finch } from '../e2e/support/finch.ts';
import { Gajim } from '../e2e/support/gajim.ts';
import { Pidgin } from '../e2e/support/pidgin.ts';
import { Poezio } from '../e2e/support/poezio.ts';
import { encodePng } from '../e2e/support/screenshot.ts';
import type { Talker, TalkerLogin } from '../e2e/support/talker.ts';
import { TypedProfanity } from '../e2e/support/typed-profanity.ts';
import { terminalPicture } from './terminal-picture.ts';

const folder = new URL('../../docs/pictures/clients/', import.meta.url);
const maxBytes = 80_000;
const from = { heron: 'The heron stands in the reeds.', fish: 'And the fish knows it.' };

interface Pictured {
  readonly name: 'finch' | 'gajim' | 'pidgin' | 'poezio' | 'profanity';
  login(login: TalkerLogin): Promise<Talker & ({ readonly desktop: Desktop } | { readonly terminal: object })>;
  /** Of the upper left corner. */
  readonly size?: { readonly width: number; readonly height: number };
}

const pictured: readonly Pictured[] = [
  { name: 'finch', login: (login) => Finch.login(login) },
  { name: 'gajim', login: (login) => Gajim.login(login) },
  { name: 'pidgin', login: (login) => Pidgin.login(login), size: { width: 600, height: 400 } },
  { name: 'poezio', login: (login) => Poezio.login(login) },
  { name: 'profanity', login: (login) => TypedProfanity.login(login) },
];

async function draw({ name, login, size }: Pictured, authority: TestAuthority): Promise<void> {
  const topology: Topology = { server: 'Prosody', tls: 'no TLS', route: 'gateway', setUp: 'account', client: name };
  await using world = await openTopologies([topology], authority);
  const place = world.loginOf(topology);
  await using talker = await login(place);
  await world.seesOnline(`${place.jid}/${name}`);
  world.bob.say(place.jid, from.heron);
  await talker.hear(world.bob.jid, from.heron);
  await talker.say(world.bob.jid, from.fish);
  await world.bob.hear(from.fish);
  const [file, picture] =
    'desktop' in talker
      ? [`${name}.png`, encodePng(await settled(talker.desktop, from.fish, size))]
      : [`${name}.svg`, Buffer.from(terminalPicture(await talker.shows(), `${name}, talking to bob`))];
  if (picture.length > maxBytes) throw new Error(`${file} would have ${picture.length} bytes`);
  await writeFile(new URL(file, folder), picture);
}

/** The screen when the text that was sent has come to stand in the conversation. */
async function settled(desktop: Desktop, text: string, size: Pictured['size']) {
  await desktop.see(text);
  return await desktop.picture(size);
}

const chosen = process.argv.slice(2);
await mkdir(folder, { recursive: true });
await using authority = await TestAuthority.create();
for (const each of pictured) {
  if (chosen.length === 0 || chosen.includes(each.name)) await draw(each, authority);
}
