// Two scripted clients talk through the world, each an ordinary XMPP client that
// knows nothing of SIMPP.
import { client, xml, type Client } from '@xmpp/client';
import type { Element } from '@xmpp/xml';
import { SimppError } from '../../shared/errors.ts';
import type { World } from './world.ts';
import { loginClient } from './xmpp-login.ts';

/** One message that arrived. */
export interface Said {
  readonly from: string;
  readonly to: string;
  readonly text: string;
}

const lines = [
  'The harbour office asks for the passphrase tonight.',
  'Tell them: marmalade, then wait for the lighthouse signal.',
  'And nobody overhears us between here and the server?',
  'Whoever listens there gets noise. Grüße vom Leuchtturm!',
] as const;

const timeoutMs = 15_000;

/** Lets the two accounts say every line, one after the other has arrived. */
export async function talk(world: World): Promise<readonly Said[]> {
  const [alice, bob] = world.accounts;
  if (alice === undefined || bob === undefined) throw new SimppError('internal');
  const speakers = [login(world, alice), login(world, bob)] as const;
  try {
    await Promise.all(speakers.map(({ online }) => withDeadline(online, 'a scripted client could not log in')));
    await Promise.all(speakers.map(({ jid }) => world.published(jid)));
    const said: Said[] = [];
    for (const [at, text] of lines.entries()) {
      const from = speakers[at % 2 === 0 ? 0 : 1];
      const to = speakers[at % 2 === 0 ? 1 : 0];
      const arrived = to.next();
      await from.entity.send(xml('message', { to: to.jid, type: 'chat' }, xml('body', {}, text)));
      const received = await withDeadline(arrived, 'a message did not arrive');
      said.push({ from: from.jid, to: to.jid, text: received });
    }
    return said;
  } finally {
    await Promise.allSettled(speakers.map(({ entity }) => entity.stop()));
  }
}

interface Speaker {
  readonly jid: string;
  readonly entity: Client;
  readonly online: Promise<unknown>;
  /** The body of the next message. */
  next(): Promise<string>;
}

function login({ domain, ports }: World, { name, password }: World['accounts'][number]): Speaker {
  const entity = client({ service: `xmpp://127.0.0.1:${ports.proxy}`, domain, username: name, password });
  const failed = new Promise<never>((_resolve, reject) => {
    entity.on('error', reject);
  });
  // Whoever waits takes part in the race below; nobody waiting is no crash.
  failed.catch(() => {});
  const online = loginClient(entity);
  return {
    jid: `${name}@${domain}`,
    entity,
    online: Promise.race([online, failed]),
    next: () => Promise.race([nextBody(entity), failed]),
  };
}

function nextBody(entity: Client): Promise<string> {
  return new Promise((resolve) => {
    const onStanza = (stanza: Element): void => {
      const body = stanza.is('message') ? stanza.getChildText('body') : null;
      if (body !== null) resolve(body);
    };
    entity.on('stanza', onStanza);
  });
}

async function withDeadline<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new SimppError('too-slow', `The try-out failed: ${what} in time.`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
