// A stream with an end-to-end engine, through the whole proxy to a real Prosody:
// the engine writes bodies backwards, adds stanzas and swallows some.
import assert from 'node:assert/strict';
import { fromUtf8, utf8 } from '../../../shared/bytes.ts';
import type { EngineStream } from '../../../proxy/client/session-context.ts';
import type { Errand, RunErrand } from '../../../proxy/stages/errand.ts';
import { domain, prosodyForTests } from './prosody.ts';
import { plainAuth, RawClient } from './raw-client.ts';
import { directTo, TestProxy } from './test-proxy.ts';

const jid = `alice@${domain}`;
const carol = `carol@${domain}/c`;
const sm = `xmlns='urn:xmpp:sm:3'`;
const message = (to: string, text: string): string => `<message type='chat' to='${to}'><body>${text}</body></message>`;
const backwards = (stanza: Uint8Array): Uint8Array =>
  utf8(
    fromUtf8(stanza).replace(/<body>([^<]*)/, (_, text: string) => `<body>${Array.from(text).toReversed().join('')}`),
  );

describe('an end-to-end engine behind a client', function () {
  this.timeout(30_000);
  const prosody = prosodyForTests();
  let stack: AsyncDisposableStack;
  let proxy: TestProxy;
  let errands: Errand[];

  const endToEnd = ({ ownIdPrefix }: EngineStream): RunErrand => {
    return (errand, tell) => {
      errands.push(errand);
      if (errand.kind === 'bound') {
        tell({ kind: 'send', stanza: utf8(`<iq type='get' id='${ownIdPrefix}1'><ping xmlns='urn:xmpp:ping'/></iq>`) });
        setImmediate(() => tell({ kind: 'ready' }));
      }
      if (errand.kind !== 'claimed') return;
      const { ticket, claim, stanza } = errand;
      const done = (up: readonly Uint8Array[], down: readonly Uint8Array[]): void =>
        void setImmediate(() => tell({ kind: 'done', ticket, up, down, isDurable: true }));
      if (claim === 'seal') done([backwards(stanza), utf8(`<message to='${carol}'><store/></message>`)], []);
      else if (claim === 'command') done([], [utf8(`<message from='simpp.invalid'><body>done</body></message>`)]);
      else done([], [backwards(stanza)]);
    };
  };

  for (const mode of ['ended', 'relayed'] as const) {
    describe(`(${mode})`, () => {
      beforeEach(async () => {
        errands = [];
        stack = new AsyncDisposableStack();
        const whose = mode === 'ended' ? { jid } : { domain };
        proxy = stack.use(
          await TestProxy.start({
            setups: [{ ...directTo(prosody.server.port, whose), endToEnd: 'prefer' }],
            passwords: mode === 'ended' ? { [jid]: 'alice-secret' } : {},
            endToEnd,
          }),
        );
      });
      afterEach(() => stack.disposeAsync());

      it('changes what is said, answers for the virtual contact, and is told apart by nobody who counts', async () => {
        const c = stack.use(await RawClient.connect(`127.0.0.1:${prosody.server.port}`));
        await c.login(domain, 'carol', 'carol-secret', 'c');
        c.write('<presence/>');
        await c.expect('<presence');
        const a = stack.use(await RawClient.connect(proxy.address));
        await a.login(domain, 'alice', 'alice-secret', 'a');
        a.write(`<enable ${sm} resume='true'/>`);
        const id = /id='([^']+)'/.exec(await a.expect(/<enabled [^>]*>/))![1]!;
        a.write('<presence/>');
        await a.expect('<presence');
        a.write(message(carol, 'hello') + message('simpp.invalid', 'status'));
        await Promise.all([c.expect('olleh</body>'), a.expect('done</body>')]);
        c.write(message(`${jid}/a`, 'secret'));
        await a.expect('terces</body>');
        assert(!a.received.includes(`<ping`) && errands.some(({ kind }) => kind === 'answered'));
        a.write(`<r ${sm}/>`);
        await a.expect(/<a [^>]*h='3'/);

        // It vanishes, having seen its presence, the answer of the contact and one message.
        a.socket.resetAndDestroy();
        c.write(message(`${jid}/a`, 'queued'));
        const again = stack.use(await RawClient.connect(proxy.address));
        await again.open(domain);
        again.write(plainAuth('alice', 'alice-secret'));
        await again.expect(/<success[^>]*>/);
        await again.open(domain);
        const seen = a.received.slice(a.received.indexOf('<enabled')).match(/<(?:message|presence|iq)[ >]/g)!.length;
        again.write(`<resume ${sm} previd='${id}' h='${seen}'/>`);
        assert.match(await again.expect(/<resumed [^>]*>/), /h='3'/);
        await again.expect('deueuq</body>');
        again.write(message(carol, 'on') + `<r ${sm}/>`);
        await Promise.all([again.expect(/<a [^>]*h='4'/), c.expect('no</body>')]);
        assert.equal(again.received.match(/<body>/g)?.length, 1);
        assert.equal(errands.filter(({ kind }) => kind === 'gone').length, 1);
      });

      it('is not asked about a set-up that does without', async () => {
        await using plain = await TestProxy.start({
          setups: [directTo(prosody.server.port, mode === 'ended' ? { jid } : { domain })],
          passwords: mode === 'ended' ? { [jid]: 'alice-secret' } : {},
          endToEnd,
        });
        await using a = await RawClient.connect(plain.address);
        await a.login(domain, 'alice', 'alice-secret', 'a');
        assert.deepEqual(errands, []);
      });
    });
  }
});
