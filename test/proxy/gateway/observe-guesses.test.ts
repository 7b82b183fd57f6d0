// Whatever a client may say so that the gateway takes it for somebody else, or
// for nobody, while its server understands it differently. (The observer's
// ordinary work is in observe.test.ts.)
import assert from 'node:assert/strict';
import { fromUtf8, utf8 } from '../../../shared/bytes.ts';
import { SimppError } from '../../../shared/errors.ts';
import { ns } from '../../../shared/xmpp/namespaces.ts';
import type { Bindings } from '../../../shared/xml/tag.ts';
import { observe } from '../../../proxy/gateway/observe.ts';
import {
  initialObserver,
  type Effect,
  type ObserverRules,
  type ObserverState,
} from '../../../proxy/gateway/observer-state.ts';

const scope: Bindings = new Map([
  ['', ns.client],
  ['stream', ns.streams],
]);
const fresh: ObserverState = { ...initialObserver, clientScope: scope, serverScope: scope };
const authenticated: ObserverState = {
  ...fresh,
  stage: 'authenticated',
  login: { mechanism: 'PLAIN', authcid: 'mallory' },
};

function stream(initial: ObserverState, changes: Partial<ObserverRules> = {}) {
  const admitsAll = { beginLogin: () => true, nameLogin: () => true };
  const rules = { domain: 'example.test', allowRegistration: false, ...admitsAll, ...changes };
  let state = initial;
  const say = (side: 'client' | 'server', text: string): string => {
    const step = observe(rules, state, side, { kind: 'element', bytes: utf8(text) });
    state = step.state;
    return step.effects.map(summary).join(' ');
  };
  return { client: (text: string) => say('client', text), server: (text: string) => say('server', text) };
}

/** Answers by what they say, identities and removals by whom they name. */
function summary(effect: Effect): string {
  switch (effect.kind) {
    case 'answer':
      return /<(not-acceptable|bad-request|not-allowed) /.exec(fromUtf8(effect.bytes))?.[1] ?? effect.kind;
    case 'identified':
      return `identified:${effect.by}:${effect.jid}`;
    case 'removed':
      return `removed:${effect.jid}`;
    default:
      return effect.kind;
  }
}

function refused(act: () => unknown, code: string): void {
  assert.throws(act, (error) => error instanceof SimppError && error.code === code);
}

const iq = (attributes: string, content: string): string => `<iq ${attributes}>${content}</iq>`;
const query = (fields: string): string => `<query xmlns='jabber:iq:auth'>${fields}</query>`;
const name = '<username>alice</username>';
const password = '<password>x</password>';
const resource = '<resource>r</resource>';
const whole = query(name + password + resource);
const bind = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>";
const boundTo = (jid: string): string => `<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>${jid}</jid></bind>`;
const register = "<query xmlns='jabber:iq:register'><username>eve</username><password>x</password></query>";

describe('a request before the login is complete', () => {
  const cases: readonly (readonly [what: string, request: string, outcome: string])[] = [
    ['a whole XEP-0078 login', iq("type='set' id='1'", whole), 'forward hold'],
    ['one to the domain', iq("type='set' id='1' to='EXAMPLE.test'", whole), 'forward hold'],
    [
      'one with prefixes',
      `<c:iq xmlns:c='jabber:client' xmlns:a='jabber:iq:auth' type='set' id='1'><a:query><a:username>alice</a:username><a:digest>0</a:digest><a:resource>r</a:resource></a:query></c:iq>`,
      'forward hold',
    ],
    ['the question for the fields', iq("type='get' id='1'", query(name)), 'forward hold'],
    ['a login that only asks (Prosody takes it)', iq("type='get' id='1'", whole), 'not-acceptable'],
    ['a login without a password', iq("type='set' id='1'", query(name)), 'not-acceptable'],
    ['a login without a resource', iq("type='set' id='1'", query(name + password)), 'not-acceptable'],
    ['a login without a name', iq("type='set' id='1'", query(password + resource)), 'not-acceptable'],
    ['two names', iq("type='set' id='1'", query(name + name + password + resource)), 'not-acceptable'],
    [
      'password and digest',
      iq("type='set' id='1'", query(`${name}${password}<digest>0</digest>${resource}`)),
      'not-acceptable',
    ],
    [
      'a second name in another namespace',
      iq("type='set' id='1'", query(`${name}<username xmlns='x'>bob</username>${password}${resource}`)),
      'not-acceptable',
    ],
    [
      'a name in another namespace',
      iq("type='set' id='1'", query(`<username xmlns='x'>bob</username>${password}${resource}`)),
      'not-acceptable',
    ],
    [
      'a name with elements in it',
      iq("type='set' id='1'", query(`<username>alice<b>x</b></username>${password}${resource}`)),
      'not-acceptable',
    ],
    ['another root of that namespace', iq("type='set' id='1'", "<q xmlns='jabber:iq:auth'/>"), 'not-acceptable'],
    ['a login without an id', iq("type='set'", whole), 'not-acceptable'],
    ['a login with an empty id', iq("type='set' id=''", whole), 'not-acceptable'],
    ['a login to somebody', iq("type='set' id='1' to='bob@example.test/r'", whole), 'not-acceptable'],
    ['a login to another host', iq("type='set' id='1' to='irc.example.test'", whole), 'not-acceptable'],
    ['two logins', iq("type='set' id='1'", whole + whole), 'bad-request'],
    ['a login behind a bind', iq("type='set' id='1'", bind + whole), 'bad-request'],
    ['a registration before a bind', iq("type='set' id='1'", register + bind), 'bad-request'],
    ['no payload', iq("type='set' id='1'", 'text'), 'bad-request'],
    ['a registration', iq("type='set' id='1'", register), 'not-allowed'],
    ['one with another root', iq("type='set' id='1'", "<r xmlns='jabber:iq:register'/>"), 'not-allowed'],
    ['a bind to somebody', iq("type='set' id='1' to='bob@example.test/r'", bind), 'bad-request'],
  ];
  for (const [what, request, outcome] of cases) {
    it(`${what}: ${outcome}`, () => assert.equal(stream(fresh).client(request), outcome));
  }

  it('of any other type is none, whatever a server may make of it', () => {
    for (const type of ["type='result'", "type='error'", "type='SET'", "type=''", '']) {
      refused(() => stream(fresh).client(iq(`${type} id='1'`, whole)), 'unexpected-element');
    }
  });

  it('does not log in by XEP-0078 once SASL has', () => {
    assert.equal(stream(authenticated).client(iq("type='set' id='1'", whole)), 'not-allowed');
    assert.equal(stream(authenticated).client(iq("type='get' id='1'", query(name))), 'not-allowed');
  });
});

describe('the answer to a XEP-0078 login', () => {
  const asked = () => {
    const both = stream(fresh);
    both.client(iq("type='set' id='1'", whole));
    return both;
  };

  it('lets in when it is empty and of the server itself', () => {
    for (const from of ['', " from='example.test'", " from='alice@example.test'"]) {
      assert.equal(
        asked().server(`<iq type='result' id='1'${from}/>`),
        'login-cleared identified:legacy:alice@example.test release',
      );
    }
  });

  it('is no answer with another id, type or sender', () => {
    for (const attributes of [
      "type='result' id='2'",
      "type='result'",
      "type='get' id='1'",
      "type='set' id='1'",
      "type='result' id='1' from='alice@example.test/other'",
      "type='result' id='1' from='mallory@example.test'",
      "type='error' id='1' from='mallory@example.test'",
    ]) {
      assert.equal(asked().server(`<iq ${attributes}/>`), 'forward');
    }
  });

  it('ends the stream when it is a form or anything else', () => {
    for (const content of [
      query('<username/><password/><resource/>'),
      boundTo('alice@example.test/r'),
      '<x xmlns="y"/>',
    ]) {
      refused(() => asked().server(iq("type='result' id='1'", content)), 'jid-mismatch');
    }
  });

  it('is not the answer to an earlier request of the same id', () => {
    const both = stream(fresh);
    assert.equal(both.client(iq("type='get' id='1'", query(name))), 'forward hold');
    // Neither an answer to SASL nor one to stream management lets the client go on.
    assert.equal(both.server(`<failure xmlns='${ns.sasl}'><aborted/></failure>`), 'forward');
    assert.equal(both.server(`<failed xmlns='${ns.sm3}'/>`), 'forward');
    assert.equal(both.server("<iq type='result' id='1'/>"), 'forward release');
    assert.equal(both.server("<iq type='result' id='1'/>"), 'forward');
    assert.equal(both.client(`<abort xmlns='${ns.sasl}'/>`), 'forward hold');
  });

  it('that came before the request is none', () => {
    const both = stream(fresh);
    assert.equal(both.server("<iq type='result' id='1'/>"), 'forward');
    assert.equal(both.client(iq("type='set' id='1'", whole)), 'forward hold');
  });
});

describe('the answer to a bind', () => {
  const answer = (attributes: string, content: string): string => {
    const both = stream(authenticated);
    both.client(iq("type='set' id='1'", bind));
    return both.server(iq(`id='1' ${attributes}`, content));
  };

  it('names the JID when it is of the server itself', () => {
    for (const from of ['', "from='example.test'", "from='mallory@example.test'", "from='mallory@example.test/r'"]) {
      const heard = answer(`type='result' ${from}`, boundTo('mallory@example.test/r'));
      assert.equal(heard, 'identified:bind:mallory@example.test release');
    }
  });

  it('ends the stream when it is of somebody else, or says more than one thing', () => {
    const alice = boundTo('alice@example.test/r');
    refused(() => answer("type='result' from='mallory@example.test/2'", alice), 'jid-mismatch');
    refused(() => answer("type='result'", alice + boundTo('mallory@example.test/r')), 'jid-mismatch');
    refused(() => answer("type='result'", ''), 'jid-mismatch');
  });
});

describe('SASL', () => {
  const auth = (mechanism: string, text: string): string =>
    `<auth xmlns='${ns.sasl}' mechanism='${mechanism}'>${Buffer.from(text).toString('base64')}</auth>`;

  it('is over once it has succeeded: no other name can take the place of the one that got in', () => {
    for (const element of [
      auth('PLAIN', '\0alice\0x'),
      `<response xmlns='${ns.sasl}'>AGFsaWNlAHg=</response>`,
      `<abort xmlns='${ns.sasl}'/>`,
    ]) {
      refused(() => stream(authenticated).client(element), 'unexpected-element');
    }
    const both = stream(authenticated);
    assert.equal(both.server(`<success xmlns='${ns.sasl}'/>`), 'forward');
    assert.equal(both.server(`<failure xmlns='${ns.sasl}'><not-authorized/></failure>`), 'forward');
    both.client(`<resume xmlns='${ns.sm3}' previd='p' h='0'/>`);
    assert.equal(
      both.server(`<resumed xmlns='${ns.sm3}' previd='p' h='0'/>`),
      'identified:resumed:mallory@example.test release',
    );
  });

  it('says nothing that only a server says', () => {
    for (const element of ['success', 'challenge', 'failure', 'future']) {
      refused(() => stream(fresh).client(`<${element} xmlns='${ns.sasl}'/>`), 'unexpected-element');
    }
  });

  it('has names of mechanisms whose case some servers do not mind', () => {
    const seen: (string | undefined)[] = [];
    const both = stream(fresh, { beginLogin: (account) => (seen.push(account), true) });
    both.client(auth('plain', '\0alice\0x'));
    assert.deepEqual(seen, ['alice@example.test']);
  });

  it('comes before a stream is resumed', () => {
    const both = stream(fresh);
    both.client(`<resume xmlns='${ns.sm3}' previd='p' h='0'/>`);
    refused(() => both.server(`<resumed xmlns='${ns.sm3}' previd='p' h='0'/>`), 'unexpected-element');
  });
});

describe('the removal of an account', () => {
  const inside: ObserverState = { ...fresh, stage: 'identified', jid: 'alice@example.test' };
  const remove = (to: string): string =>
    `<iq type='set' id='r'${to}><query xmlns='jabber:iq:register'><remove/></query></iq>`;

  it('is noticed when the server itself was asked and has answered', () => {
    for (const to of ['', " to='example.test'", " to='Alice@example.test'"]) {
      for (const from of ['', " from='example.test'", " from='alice@example.test'"]) {
        const both = stream(inside);
        both.client(remove(to));
        assert.equal(both.server(`<iq type='result' id='r'${from}/>`), 'removed:alice@example.test forward');
      }
    }
  });

  it('is not, when another session was asked, or has answered', () => {
    for (const [to, from] of [
      [" to='alice@example.test/2'", " from='alice@example.test/2'"],
      [" to='alice@example.test/2'", ''],
      [" to='example.test/2'", ''],
      [" to='mallory@example.test'", ''],
      ['', " from='alice@example.test/2'"],
      ['', " from='example.test/2'"],
      ['', " from='mallory@example.test'"],
    ] as const) {
      const both = stream(inside);
      both.client(remove(to));
      assert.equal(both.server(`<iq type='result' id='r'${from}/>`), 'forward');
    }
  });
});
