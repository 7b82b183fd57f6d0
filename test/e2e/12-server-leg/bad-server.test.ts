// A server that says something wrong, ends the stream with an error, or goes
// away, in every state of the stream and in both modes: the client gets an
// answer that it can show, and the proxy's other connections go on.
import assert from 'node:assert/strict';

import { Prosody } from '../../../proxy/try/prosody.ts';
import { needs } from '../../run/needs.ts';
import { ProxySide, type Login } from '../support/proxy-side.ts';
import { header, RawClient } from '../support/raw-client.ts';
import { logInRaw } from '../support/raw-session.ts';
import { BreakingServer } from './breaking-server.ts';

const domain = 'example.test';
const accounts = ['alice', 'bob'].map((name) => ({ name, password: `${name}-pass-phrase` }));
const alice = { jid: `alice@${domain}`, password: 'alice-pass-phrase' };
const bob = { jid: `bob@${domain}`, password: 'bob-pass-phrase' };

/** What the server was about to say, in each state of the stream. */
const states = {
  'its first header': ['<?xml', 1],
  'its first features': ['<stream:features', 1],
  'its challenge': ['<challenge', 1],
  'the success': ['<success', 1],
  'its second header': ['<?xml', 2],
  'its second features': ['<stream:features', 2],
  // Prosody writes attributes in any order.
  'the bind result': ['<iq ', 1],
  'the roster': ['<iq ', 2],
} as const;
type StateName = keyof typeof states;

const conflict =
  `<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>` +
  `<text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>you are here twice</text></stream:error></stream:stream>`;
const opening = `<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' from='${domain}' id='x' version='1.0'>`;

/** What it says instead, and what the client must then read. */
const wrongs = {
  'bytes that are no XML': { instead: '\u0000\u00ff\u0013 GET / HTTP/1.1', expected: /<text/ },
  'tags that do not match': { instead: '<message><body></message>', expected: /<text/ },
  'a DTD': { instead: `<!DOCTYPE x [<!ENTITY e 'e'>]>`, expected: /<text/ },
  'an endless name': { instead: `<${'x'.repeat(17 * 1024 * 1024)}`, expected: /<text/ },
  'a stream error': { instead: conflict, expected: /conflict.*you are here twice/s },
} as const;

describe('12 server leg: a server that does wrong', function () {
  needs('prosody');
  this.timeout(60_000);
  const stack = new AsyncDisposableStack();
  let server: BreakingServer;
  const proxies = new Map<'ended' | 'relayed', ProxySide>();
  /** Connections that must not be harmed. */
  const others = new Map<'ended' | 'relayed', RawClient>();

  before('opens a world', async () => {
    const prosody = stack.use(await Prosody.start({ domain, accounts }));
    server = stack.use(await BreakingServer.before(prosody));
    for (const mode of ['ended', 'relayed'] as const) {
      const proxy = stack.use(await ProxySide.create());
      const way = ['--direct', '--server', `127.0.0.1:${server.port}`, '--server-tls', 'none'];
      if (mode === 'relayed') await proxy.setUpDomain(domain, ...way);
      else for (const who of [alice, bob]) await proxy.setUpAccount(who, ...way);
      await proxy.run();
      proxies.set(mode, proxy);
      others.set(mode, stack.use(await logInRaw(proxy.login(bob))));
    }
  });
  after('ends the world', () => stack.disposeAsync());
  afterEach(() => (server.breakage = undefined));

  /** Logs in and asks for the roster, as far as it goes; all that was heard until the end. */
  async function heardBy(login: Login): Promise<string> {
    await using client = await RawClient.connect(login);
    const response = Buffer.from(`\0alice\0${login.password}`).toString('base64');
    const steps: readonly (readonly [string, string | RegExp])[] = [
      [header(domain), '</stream:features>'],
      [`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${response}</auth>`, '<success'],
      [header(domain), /<success[^]*<\/stream:features>/],
      [`<iq type='set' id='b1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>`, '<jid>'],
      [`<iq type='get' id='r1'><query xmlns='jabber:iq:roster'/></iq>`, 'jabber:iq:roster'],
    ];
    for (const [said, heard] of steps) {
      client.write(said);
      const isOver = await client.hear(heard).then(
        () => false,
        () => true,
      );
      if (isOver) break;
    }
    return client.untilClosed();
  }

  for (const mode of ['ended', 'relayed'] as const) {
    describe(`where logins are ${mode}`, () => {
      const reached = (Object.keys(states) as StateName[]).filter(
        // PLAIN, which passes, has no challenge.
        (state) => mode === 'ended' || state !== 'its challenge',
      );
      for (const state of reached) {
        for (const [wrong, { instead, expected }] of Object.entries(wrongs)) {
          it(`${wrong} instead of ${state}`, async () => {
            const [at, occurrence] = states[state];
            // A stream error has a header before it; other things come as they come.
            const ahead = at === '<?xml' && wrong === 'a stream error' ? opening : '';
            server.breakage = { at, occurrence, instead: ahead + instead, hangsUp: wrong === 'a stream error' };
            const proxy = proxies.get(mode)!;
            const heard = await heardBy(proxy.login(alice));
            assert.match(heard, /<stream:error|<\w+:error/);
            assert.match(heard, expected);
            assert.match(heard, /<\/stream:stream>$/);
            assert.doesNotMatch(heard, /pass-phrase|Something went wrong inside/);
          });
        }
      }

      it('the others go on', async () => {
        const other = others.get(mode)!;
        other.write(`<iq type='get' id='alive' to='${domain}'><ping xmlns='urn:xmpp:ping'/></iq>`);
        await other.hear(`id='alive'`);
      });
    });
  }
});
