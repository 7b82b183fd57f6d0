import assert from 'node:assert/strict';
import { fromUtf8, utf8 } from '../../../shared/bytes.ts';
import { SimppError } from '../../../shared/errors.ts';
import { serverLimits, StreamScanner } from '../../../shared/xml/scanner.ts';
import { observe } from '../../../proxy/gateway/observe.ts';
import { initialObserver, type Effect, type ObserverRules } from '../../../proxy/gateway/observer-state.ts';
import { header } from './stranger.ts';

const sasl = 'urn:ietf:params:xml:ns:xmpp-sasl';
const sm = 'urn:xmpp:sm:3';
const bind = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'";
const serverHeader = `<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='s' version='1.0'>`;
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const auth = (mechanism: string, text = ''): string =>
  `<auth xmlns='${sasl}' mechanism='${mechanism}'>${base64(text)}</auth>`;
const success = `<success xmlns='${sasl}'/>`;
const legacyLogin = (username: string): string =>
  `<iq type='set' id='1'><query xmlns='jabber:iq:auth'><username>${username}</username>` +
  '<password>secret</password><resource>r</resource></query></iq>';

/** Both sides of a stream, and what the observer made of what they said. */
function watch(changes: Partial<ObserverRules> = {}) {
  const admitsAll = { beginLogin: () => true, nameLogin: () => true };
  const rules = { domain: 'example.test', allowRegistration: false, ...admitsAll, ...changes };
  let state = initialObserver;
  const say = (side: 'client' | 'server', text: string): readonly Effect[] => {
    const scanner = new StreamScanner(serverLimits);
    if (!text.includes('<stream:stream')) {
      scanner.push(utf8(serverHeader));
      scanner.next();
    }
    scanner.push(utf8(text));
    const all: Effect[] = [];
    for (let part = scanner.next(); part !== undefined; part = scanner.next()) {
      const step = observe(rules, state, side, part);
      state = step.state;
      all.push(...step.effects);
    }
    return all;
  };
  say('client', header('example.test'));
  say('server', serverHeader);
  return { client: (text: string) => say('client', text), server: (text: string) => say('server', text) };
}

const kinds = (effects: readonly Effect[]): string => effects.map(({ kind }) => kind).join(' ');
const bytesOf = (effect: Effect | undefined): string =>
  effect !== undefined && 'bytes' in effect ? fromUtf8(effect.bytes) : '';
const identified = (effects: readonly Effect[]) => {
  const found = effects.find((effect) => effect.kind === 'identified');
  return found === undefined ? undefined : { by: found.by, jid: found.jid, anonymous: found.anonymous };
};

function loggedIn(stream: ReturnType<typeof watch>, login = auth('PLAIN', '\0alice\0secret')): void {
  stream.client(login);
  stream.server(success);
  stream.client(header('example.test'));
  stream.server(serverHeader);
}

function bound(stream: ReturnType<typeof watch>): void {
  loggedIn(stream);
  stream.client(`<iq type='set' id='b'>${bind}/></iq>`);
  stream.server(`<iq type='result' id='b'>${bind}><jid>alice@example.test/r</jid></bind></iq>`);
}

describe('the observer of an inner stream', () => {
  it('passes bytes as they are, features excepted', () => {
    const stream = watch();
    bound(stream);
    const odd = `<message\n to = "b@example.test" ><body>&#x41;<![CDATA[<]]>&amp;</body></message  >`;
    assert.equal(bytesOf(stream.client(odd)[0]), odd);
    assert.equal(bytesOf(stream.server(odd)[0]), odd);
    assert.equal(kinds(stream.client(' ')), 'forward');
    const features = (inside: string): string => `<stream:features>${inside}</stream:features>`;
    const fresh = watch();
    const offered =
      `<mechanisms xmlns='${sasl}'><mechanism>SCRAM-SHA-1-PLUS</mechanism><mechanism>PLAIN</mechanism></mechanisms>` +
      "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
    assert.equal(
      bytesOf(fresh.server(features(offered))[0]),
      features(`<mechanisms xmlns='${sasl}'><mechanism>PLAIN</mechanism></mechanisms>`),
    );
  });

  it('learns the bare JID from the bind result, prepared', () => {
    const stream = watch();
    loggedIn(stream);
    assert.equal(kinds(stream.client(`<iq type='set' id='b'>${bind}/></iq>`)), 'forward hold');
    assert.equal(kinds(stream.server("<iq type='result' id='other'/>")), 'forward');
    const effects = stream.server(`<iq type='result' id='b'>${bind}><jid>Älice@EXAMPLE.test/r/x@y</jid></bind></iq>`);
    assert.equal(kinds(effects), 'identified release');
    assert.deepEqual(identified(effects), { by: 'bind', jid: 'älice@example.test', anonymous: false });
  });

  it('learns nothing from a bind that failed, and nothing good from one without JID', () => {
    const stream = watch();
    loggedIn(stream);
    stream.client(`<iq type='set' id='b'>${bind}/></iq>`);
    assert.equal(kinds(stream.server("<iq type='error' id='b'/>")), 'forward release');
    stream.client(`<iq type='set' id='b'>${bind}/></iq>`);
    assert.throws(
      () => stream.server("<iq type='result' id='b'/>"),
      (error) => error instanceof SimppError && error.code === 'jid-mismatch',
    );
  });

  it('reads prefixed elements as what they are', () => {
    const stream = watch();
    stream.client(`<s:auth xmlns:s='${sasl}' mechanism='PLAIN'>${base64('\0alice\0x')}</s:auth>`);
    assert.equal(kinds(stream.server(`<q:success xmlns:q='${sasl}'/>`)), 'login-cleared forward restart release');
  });

  it('learns username@to from a XEP-0078 login that succeeded', () => {
    const stream = watch();
    const login = legacyLogin('Alice');
    assert.equal(kinds(stream.client(login)), 'forward hold');
    const failed = stream.server("<iq type='error' id='1'/>");
    assert.deepEqual(failed[0], { kind: 'login-failed', account: 'alice@example.test' });
    assert.equal(kinds(failed), 'login-failed forward release');
    stream.client(login);
    const effects = stream.server("<iq type='result' id='1'/>");
    assert.equal(kinds(effects), 'login-cleared identified release');
    assert.deepEqual(identified(effects), { by: 'legacy', jid: 'alice@example.test', anonymous: false });
  });

  it('learns nothing from a XEP-0078 name that looks like an address', () => {
    for (const name of ['alice@example.test', 'alice@example.test/x', '/alice']) {
      const stream = watch();
      stream.client(legacyLogin(name));
      assert.deepEqual(identified(stream.server("<iq type='result' id='1'/>"))?.jid, undefined);
    }
  });

  it('lets only one request run before the login, so that no answer is taken for another', () => {
    const stream = watch();
    assert.equal(kinds(stream.client("<iq type='get' id='1'><query xmlns='jabber:iq:auth'/></iq>")), 'forward hold');
    assert.equal(kinds(stream.server("<iq type='result' id='2'/>")), 'forward');
    assert.equal(kinds(stream.server("<iq type='result' id='1'/>")), 'forward release');
  });

  describe('on a resumed stream', () => {
    const resume = (login: string) => {
      const stream = watch();
      loggedIn(stream, login);
      assert.equal(kinds(stream.client(`<resume xmlns='${sm}' previd='p' h='0'/>`)), 'forward hold');
      return identified(stream.server(`<resumed xmlns='${sm}' previd='p' h='0'/>`));
    };

    it('takes the authcid of PLAIN or SCRAM at the domain', () => {
      const alice = { by: 'resumed', jid: 'alice@example.test', anonymous: false };
      assert.deepEqual(resume(auth('PLAIN', '\0alice\0secret')), alice);
      assert.deepEqual(resume(auth('PLAIN', 'alice@example.test\0alice\0secret')), alice);
      assert.deepEqual(resume(auth('SCRAM-SHA-1', 'n,,n=alice,r=abc')), alice);
      assert.deepEqual(resume(auth('SCRAM-SHA-256', 'y,a=alice@example.test,n=alice,r=abc')), alice);
      assert.equal(resume(auth('SCRAM-SHA-1', 'n,,n=a=3Db,r=abc'))?.jid, 'a=b@example.test');
    });

    it('knows nobody when the mechanism does not tell, or somebody acts for somebody else', () => {
      for (const login of [
        auth('EXTERNAL', 'alice'),
        auth('PLAIN', 'bob@example.test\0alice\0secret'),
        auth('PLAIN', 'alice\0secret'),
        auth('SCRAM-SHA-1', 'n,a=bob@example.test,n=alice,r=abc'),
        auth('SCRAM-SHA-1', 'c=biws,n=alice,r=abc'),
      ]) {
        assert.deepEqual(resume(login), { by: 'resumed', jid: undefined, anonymous: false });
      }
    });

    it('goes on to bind when the server refuses', () => {
      const stream = watch();
      loggedIn(stream);
      stream.client(`<resume xmlns='${sm}' previd='p' h='0'/>`);
      assert.equal(kinds(stream.server(`<failed xmlns='${sm}'/>`)), 'forward release');
    });
  });

  it('holds the client while the server thinks about its login', () => {
    const stream = watch();
    assert.equal(kinds(stream.client(auth('SCRAM-SHA-1', 'n,,n=alice,r=abc'))), 'forward hold');
    assert.equal(kinds(stream.server(`<challenge xmlns='${sasl}'>abcd</challenge>`)), 'forward release');
    assert.equal(kinds(stream.client(`<response xmlns='${sasl}'>abcd</response>`)), 'forward hold');
    assert.equal(kinds(stream.server(success)), 'login-cleared forward restart release');
    assert.equal(kinds(stream.client(`<iq type='set' id='b'>${bind}/></iq>`)), 'forward hold');
    assert.equal(kinds(stream.server('<stream:error><conflict/></stream:error>')), 'forward release');
  });

  it('says when a login was ANONYMOUS', () => {
    const stream = watch();
    loggedIn(stream, auth('ANONYMOUS'));
    stream.client(`<iq type='set' id='b'>${bind}/></iq>`);
    const effects = stream.server(`<iq type='result' id='b'>${bind}><jid>x1@example.test/r</jid></bind></iq>`);
    assert.equal(identified(effects)?.anonymous, true);
  });

  it('counts a refused password, whichever message named the account, and nothing else', () => {
    const stream = watch();
    const fail = (condition: string) => stream.server(`<failure xmlns='${sasl}'><${condition}/></failure>`)[0];
    stream.client(auth('PLAIN', '\0alice\0wrong'));
    assert.deepEqual(fail('not-authorized'), { kind: 'login-failed', account: 'alice@example.test' });
    stream.client(auth('PLAIN'));
    stream.client(`<response xmlns='${sasl}'>${base64('\0Bob\0wrong')}</response>`);
    assert.deepEqual(fail('not-authorized'), { kind: 'login-failed', account: 'bob@example.test' });
    stream.client(auth('X-UNKNOWN', 'abc'));
    assert.equal(fail('invalid-mechanism')?.kind, 'login-cleared');
  });

  it('does not try a login that may not be tried', () => {
    const notAlice = (account: string | undefined): boolean => account !== 'alice@example.test';
    const stream = watch({ beginLogin: notAlice, nameLogin: notAlice });
    const refused = stream.client(auth('PLAIN', '\0alice\0secret'));
    assert.equal(kinds(refused), 'answer');
    assert.match(bytesOf(refused[0]), /^<failure .*<temporary-auth-failure\/>/);
    // In the middle of an exchange the server must forget it too.
    stream.client(auth('PLAIN'));
    const aborted = stream.client(`<response xmlns='${sasl}'>${base64('\0alice\0secret')}</response>`);
    assert.equal(bytesOf(aborted[0]), `<abort xmlns='${sasl}'/>`);
    stream.server(`<failure xmlns='${sasl}'><aborted/></failure>`);
    const legacy = stream.client(legacyLogin('alice'));
    assert.match(bytesOf(legacy[0]), /type='error'.*<resource-constraint /);
    assert.equal(kinds(stream.client(auth('PLAIN', '\0bob\0secret'))), 'forward hold');
  });

  it('answers in-band registration before the login, unless it is allowed', () => {
    const request = "<iq type='get' id='1'><query xmlns='jabber:iq:register'/></iq>";
    assert.match(bytesOf(watch().client(request)[0]), /type='error'.*<not-allowed /);
    assert.equal(kinds(watch({ allowRegistration: true }).client(request)), 'extend forward hold');
    const stream = watch();
    bound(stream);
    assert.equal(kinds(stream.client(request)), 'forward', 'a new password is a matter of the account');
  });

  it('notices that an account was removed, when its own server says so', () => {
    const remove = (id: string, to = ''): string =>
      `<iq type='set' id='${id}'${to}><query xmlns='jabber:iq:register'><remove/></query></iq>`;
    const stream = watch();
    bound(stream);
    stream.client(remove('1'));
    stream.client(remove('2', " to='irc.example.test'"));
    stream.client(remove('3', " to='example.test'"));
    assert.equal(kinds(stream.server("<iq type='error' id='1'/>")), 'forward');
    assert.equal(kinds(stream.server("<iq type='result' id='2'/>")), 'forward');
    assert.deepEqual(stream.server("<iq type='result' id='3'/>")[0], { kind: 'removed', jid: 'alice@example.test' });
    assert.equal(kinds(stream.server("<iq type='result' id='3'/>")), 'forward');
  });

  it('refuses before the login whatever could hide it', () => {
    for (const element of [
      "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
      "<compress xmlns='http://jabber.org/protocol/compress'/>",
      "<authenticate xmlns='urn:xmpp:sasl:2'/>",
      "<future xmlns='urn:example:login'/>",
      "<nothing xmlns=''/>",
    ]) {
      assert.throws(
        () => watch().client(element),
        (error) => error instanceof SimppError && error.streamCondition === 'policy-violation',
      );
    }
  });

  it('refuses a stream to another domain than the channel', () => {
    for (const to of ['other.test', 'example.test.evil']) {
      assert.throws(
        () => watch().client(header(to)),
        (error) => error instanceof SimppError && error.code === 'host-unknown',
      );
    }
    watch().client(header('EXAMPLE.test'));
  });
});
