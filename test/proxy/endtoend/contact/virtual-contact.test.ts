import assert from 'node:assert/strict';
import { VirtualContact } from '../../../../proxy/endtoend/contact/virtual-contact.ts';
import { isVirtualContact } from '../../../../proxy/endtoend/contact/address.ts';
import { fromUtf8, utf8 } from '../../../../shared/bytes.ts';
import { parseElement } from '../../../../shared/xml/parse.ts';
import { escapeText } from '../../../../shared/xml/write.ts';
import { bobDigits, ownDigits, PersonDesk, thisId, waitingId } from './person-desk.ts';

const client = 'alice@example.test/laptop';
const scope = new Map([['', 'jabber:client']]);
const commands = 'http://jabber.org/protocol/commands';
type Tree = ReturnType<typeof parseElement>;

class Chat {
  readonly desk = new PersonDesk();
  now = 0;
  #ids = 0;
  readonly contact: VirtualContact;

  constructor(lang?: string) {
    this.contact = new VirtualContact({
      desk: this.desk,
      client,
      lang,
      version: '1.2.3',
      now: () => this.now,
      id: () => `id${++this.#ids}`,
    });
  }

  async send(xml: string): Promise<readonly Tree[]> {
    return (await this.contact.answer(utf8(xml), scope)).map((stanza) => parseElement(stanza));
  }

  /** What is answered to a typed text. */
  async say(text: string): Promise<string> {
    const [reply, ...more] = await this.send(
      `<message to='simpp.invalid' type='chat' id='m'><body>${escapeText(text)}</body></message>`,
    );
    assert.deepEqual(more, []);
    return reply!.getChildText('body')!;
  }

  async iq(type: string, payload: string, attributes = ''): Promise<Tree> {
    const [answer, ...more] = await this.send(
      `<iq to='simpp.invalid' id='q1' type='${type}' ${attributes}>${payload}</iq>`,
    );
    assert.deepEqual(more, []);
    assert.deepEqual([answer!.attrs.id, answer!.attrs.to, answer!.attrs.from], ['q1', client, 'simpp.invalid']);
    return answer!;
  }

  command(node: string, attributes = '', payload = ''): Promise<Tree> {
    return this.iq('set', `<command xmlns='${commands}' node='${node}' ${attributes}>${payload}</command>`);
  }
}

const conditionOf = (answer: Tree): string =>
  answer
    .getChild('error')!
    .getChildElements()
    .map((child) => child.getName())
    .join(' ');
const submit = (fields: Record<string, string>): string =>
  `<x xmlns='jabber:x:data' type='submit'>${Object.entries(fields)
    .map(([name, value]) => `<field var='${name}'><value>${escapeText(value)}</value></field>`)
    .join('')}</x>`;

describe('the contact simpp.invalid: chat', () => {
  it('answers a message with one from itself, to the full JID, in the language of the message', async () => {
    const chat = new Chat('en');
    const [reply] = await chat.send("<message to='simpp.invalid' xml:lang='de'><body>status</body></message>");
    assert.deepEqual(
      [reply!.attrs.from, reply!.attrs.to, reply!.attrs.type, reply!.attrs.id, reply!.attrs['xml:lang']],
      ['simpp.invalid', client, 'chat', 'id1', 'de'],
    );
    assert.match(reply!.getChildText('body')!, /Du bist alice@example\.test/);
  });

  it('does what is asked and says so', async () => {
    const chat = new Chat();
    const talk: readonly (readonly [string, RegExp, string?])[] = [
      ['help', /verify JID/],
      ['help outbox', /Write it like this: {2}outbox\n/],
      ['status', /Contacts with keys: 1, verified: 0\.\n1 message is unsent/],
      ['contacts', /bob@example\.test\n {4}trusted, not verified · 1 device/],
      ['fingerprint', new RegExp(ownDigits.slice(0, 23))],
      ['fingerprint bob', new RegExp(bobDigits.slice(0, 23)), 'contact bob@example.test'],
      ['verify bob', /verify bob@example\.test same/, 'contact bob@example.test'],
      ['verify bob same', /bob@example\.test is verified/, 'verify bob@example.test -'],
      [`verify bob ${bobDigits}`, /is verified/, `verify bob@example.test ${bobDigits.replaceAll(' ', '')}`],
      ['verify bob start', /has been asked/],
      ['verify bob 333 333', /2 tries are left/, 'type bob@example.test 333333'],
      ['verify bob 222 222', /is verified/, 'type bob@example.test 222222'],
      ['trust bob refuse', /Nothing is sent to bob/, 'decide bob@example.test refuse'],
      ['trust bob accept', /"trusted, not verified"/, 'decide bob@example.test accept'],
      ['trust manual', /wait for your decision/],
      ['policy bob require', /For bob@example\.test: always encrypted/, 'contact bob@example.test'],
      ['policy off', /For everybody without an own setting: not encrypted/, 'policy - off'],
      ['devices', /7q3f-k2mz-9xab/],
      ['approve 7Q3F-K2MZ-9XAB', /approved/, `approve ${waitingId}`],
      [`remove ${thisId.slice(0, 8)}`, /removed/, `remove ${thisId}`],
      ['outbox', /^3\. 2026-11-24 15:17 UTC to carol@example\.test: see you at <noon>\n {3}They have no keys\./],
      ['resend', /^1 message went out/, 'resend all'],
      ['annotate all', /marked: all messages/],
      ['retention 30', /messages of 30 days/],
      [
        'history noon',
        /you → bob@example\.test: at noon\?\n.*bob@example\.test: noon it is \(not encrypted\)/,
        'search noon - 10',
      ],
      ['history search nothing', /Nothing found/],
    ];
    for (const [typed, expected, call] of talk) {
      assert.match(await chat.say(typed), expected, typed);
      if (call !== undefined) assert.equal(chat.desk.calls.at(-1), call, typed);
    }
    assert.deepEqual([chat.desk.annotate, chat.desk.retention, chat.desk.trustPolicy], ['all', 30, 'manual']);
  });

  it('has a key that waits confirmed by its digits, so that nobody confirms the other one by mistake', async () => {
    const chat = new Chat();
    chat.desk.bob = { ...chat.desk.bob, trust: 'changed', nextFingerprint: ownDigits };
    const shown = await chat.say('verify bob');
    const confirm = `verify bob@example.test ${ownDigits.replaceAll(' ', '')}`;
    assert.ok(shown.includes(confirm) && !shown.includes('test same'));
    await chat.say(confirm);
    assert.equal(chat.desk.calls.at(-1), confirm);
  });

  it('never shows the recovery phrase: chats are logged by clients', async () => {
    const chat = new Chat();
    for (const typed of ['recovery', 'recover', 'phrase', 'status', 'help']) {
      assert.doesNotMatch(await chat.say(typed), /abandon/);
    }
  });

  it('answers what it does not know with the nearest command', async () => {
    assert.match(await new Chat().say('stauts'), /Did you mean "status"/);
  });

  it('says why something failed where that was written for people, and else nothing of the inside', async () => {
    const chat = new Chat();
    assert.equal(await chat.say('fingerprint eve@example.test'), 'No key of eve@example.test is known.');
    assert.match(await chat.say('fingerprint bug@example.test'), /^That did not work/);
    assert.match(await chat.say('fingerprint @'), /address/);
    assert.match(await chat.say('approve abc'), /No device of yours is called "abc"/);
    assert.match(await chat.say('approve 1122'), /No device of yours/);
  });

  it('answers in the order in which it was asked, and refuses more than it can keep', async () => {
    const chat = new Chat();
    const asked = ['fingerprint bob', 'status', 'outbox'];
    const done: string[] = [];
    await Promise.all(asked.map(async (text) => chat.say(text).then(() => done.push(text))));
    assert.deepEqual(done, asked);
    const answers = await Promise.all(Array.from({ length: 40 }, () => chat.say('outbox')));
    assert.equal(answers.filter((answer) => answer.startsWith('Too much')).length, 8);
  });

  it('says nothing to errors, chat states, empty bodies, and what is no text', async () => {
    const silent = [
      "<message to='simpp.invalid' type='error'><body>help</body></message>",
      "<message to='simpp.invalid' type='chat'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>",
      "<message to='simpp.invalid' type='chat'><body> \n</body></message>",
      "<message to='simpp.invalid' type='chat'><body><b>help</b></body></message>",
      "<message to='simpp.invalid' type='groupchat'><body>help</body></message>",
      "<iq to='simpp.invalid' type='result' id='r'/>",
      "<iq to='simpp.invalid' type='error' id='r'/>",
      "<presence to='simpp.invalid'/>",
      "<presence to='simpp.invalid' type='unavailable'/>",
      "<presence to='simpp.invalid' type='error'/>",
    ];
    for (const stanza of silent) assert.deepEqual(await new Chat().send(stanza), [], stanza);
  });

  it('confirms receipt to clients that ask for it (XEP-0184)', async () => {
    const [reply] = await new Chat().send(
      "<message to='simpp.invalid' id='m7'><body>help</body><request xmlns='urn:xmpp:receipts'/></message>",
    );
    assert.equal(reply!.getChild('received', 'urn:xmpp:receipts')!.attrs.id, 'm7');
  });

  it('is meant by its domain, whatever stands around it', () => {
    for (const to of ['simpp.invalid', 'SIMPP.invalid/x', 'help@simpp.invalid']) assert.ok(isVirtualContact(to), to);
    for (const to of [
      undefined,
      '',
      'bob@example.test',
      'simpp.invalid.example',
      'bob@example.test/simpp.invalid',
      'xsimpp.invalid',
    ]) {
      assert.ok(!isVirtualContact(to), to);
    }
  });
});

describe('the contact simpp.invalid: roster and presence', () => {
  it('comes by a roster push without a version, then is present (RFC 6121 §2.1.6)', () => {
    const [push, presence] = new Chat().contact.introduce('push1').map((stanza) => parseElement(stanza));
    const query = push!.getChild('query', 'jabber:iq:roster')!;
    assert.deepEqual(
      [push!.attrs.id, push!.attrs.type, push!.attrs.to, push!.attrs.from],
      ['push1', 'set', client, undefined],
    );
    assert.deepEqual(query.attrs, { xmlns: 'jabber:iq:roster' });
    assert.deepEqual(query.getChild('item')!.attrs, { jid: 'simpp.invalid', name: 'SIMPP', subscription: 'both' });
    assert.deepEqual(
      [presence!.attrs.from, presence!.attrs.to, presence!.attrs.type],
      ['simpp.invalid', client, undefined],
    );
  });

  it('answers probes and subscriptions, and shows when something needs a decision', async () => {
    const chat = new Chat();
    chat.desk.alarms = ['Something.'];
    const [probed] = await chat.send("<presence to='simpp.invalid' type='probe'/>");
    assert.match(probed!.getChildText('status')!, /needs your decision/);
    const subscribed = await chat.send("<presence to='simpp.invalid' type='subscribe'/>");
    assert.deepEqual(
      subscribed.map(({ attrs }) => attrs.type),
      ['subscribed', undefined],
    );
    const [unsubscribed] = await chat.send("<presence to='simpp.invalid' type='unsubscribe'/>");
    assert.equal(unsubscribed!.attrs.type, 'unsubscribed');
    assert.match(await chat.say('status'), /^This needs you:\n- Something\./);
  });

  it('says unasked words as chat messages', () => {
    const message = parseElement(new Chat('de').contact.announce('opt-out', { contact: 'bob@example.test' }));
    assert.deepEqual([message.attrs.from, message.attrs.to, message.attrs.type], ['simpp.invalid', client, 'chat']);
    assert.match(message.getChildText('body')!, /policy bob@example\.test off/);
  });
});

describe('the contact simpp.invalid: requests', () => {
  it('answers every request, also those that it does not know', async () => {
    const chat = new Chat();
    const known = [
      "<ping xmlns='urn:xmpp:ping'/>",
      "<query xmlns='jabber:iq:version'/>",
      "<vCard xmlns='vcard-temp'/>",
    ];
    for (const payload of known) assert.equal((await chat.iq('get', payload)).attrs.type, 'result', payload);
    assert.equal(conditionOf(await chat.iq('get', "<query xmlns='jabber:iq:last'/>")), 'service-unavailable');
    assert.equal(conditionOf(await chat.iq('set', "<vCard xmlns='vcard-temp'/>")), 'service-unavailable');
    assert.equal(conditionOf(await chat.iq('get', '')), 'bad-request');
  });

  it('discovers as a bot with commands, each of them a node (XEP-0050 §2)', async () => {
    const chat = new Chat();
    const info = (await chat.iq('get', "<query xmlns='http://jabber.org/protocol/disco#info'/>")).getChild('query')!;
    assert.deepEqual(info.getChild('identity')!.attrs, { category: 'client', type: 'bot', name: 'SIMPP' });
    assert.ok(info.getChildren('feature').some(({ attrs }) => attrs.var === commands));
    const items = await chat.iq('get', `<query xmlns='http://jabber.org/protocol/disco#items' node='${commands}'/>`);
    const nodes = items
      .getChild('query')!
      .getChildren('item')
      .map(({ attrs }) => attrs.node);
    assert.equal(nodes.length, 16);
    for (const node of nodes) {
      const query = `<query xmlns='http://jabber.org/protocol/disco#info' node='${node}'/>`;
      const identity = (await chat.iq('get', query)).getChild('query')!.getChild('identity')!;
      assert.equal(identity.attrs.type, 'command-node');
    }
    const none = await chat.iq('get', "<query xmlns='http://jabber.org/protocol/disco#items'/>");
    assert.deepEqual(none.getChild('query')!.getChildElements(), []);
    assert.equal(
      conditionOf(await chat.iq('get', "<query xmlns='http://jabber.org/protocol/disco#info' node='x'/>")),
      'item-not-found',
    );
  });
});

describe('the contact simpp.invalid: ad-hoc commands (XEP-0050)', () => {
  it('completes a command without a form at once', async () => {
    const command = (await new Chat().command('outbox', "action='execute'")).getChild('command', commands)!;
    assert.equal(command.attrs.status, 'completed');
    assert.match(command.getChildText('note')!, /carol@example\.test/);
  });

  it('asks by a form, and does what comes back', async () => {
    const chat = new Chat();
    const asked = (await chat.command('trust')).getChild('command', commands)!;
    assert.equal(asked.attrs.status, 'executing');
    assert.deepEqual(
      asked
        .getChild('actions')!
        .getChildElements()
        .map((each) => each.getName()),
      ['complete'],
    );
    const form = asked.getChild('x', 'jabber:x:data')!;
    assert.deepEqual(
      form.getChildren('field').map(({ attrs }) => attrs.var),
      ['who', 'decision'],
    );
    assert.equal(form.getChildren('field')[1]!.getChildren('option').length, 3);
    const done = await chat.command(
      'trust',
      `sessionid='${asked.attrs.sessionid}' action='complete'`,
      submit({ who: 'bob', decision: 'refuse' }),
    );
    assert.equal(done.getChild('command', commands)!.attrs.status, 'completed');
    assert.equal(chat.desk.calls.at(-1), 'decide bob@example.test refuse');
  });

  it('knows each command by the same words as the chat', async () => {
    const filled: Readonly<Record<string, Record<string, string>>> = {
      fingerprint: {},
      verify: { who: 'bob', word: 'same' },
      policy: { who: 'bob@example.test', policy: 'off' },
      approve: { device: '7q3f k2mz 9xab' },
      resend: { number: '3' },
      annotate: { annotate: 'none' },
      retention: { days: '7' },
      history: { text: 'noon' },
    };
    for (const [node, fields] of Object.entries(filled)) {
      const chat = new Chat();
      const { sessionid } = (await chat.command(node)).getChild('command', commands)!.attrs;
      const done = (await chat.command(node, `sessionid='${sessionid}'`, submit(fields))).getChild(
        'command',
        commands,
      )!;
      assert.equal(done.attrs.status, 'completed', node);
      assert.doesNotMatch(done.getChildText('note')!, /Write it like this|is no command/, node);
    }
  });

  it('can be cancelled, by action and by form', async () => {
    for (const cancel of ["action='cancel'", '']) {
      const chat = new Chat();
      const { sessionid } = (await chat.command('remove')).getChild('command', commands)!.attrs;
      const cancelled = await chat.command(
        'remove',
        `sessionid='${sessionid}' ${cancel}`,
        "<x xmlns='jabber:x:data' type='cancel'/>",
      );
      assert.equal(cancelled.getChild('command', commands)!.attrs.status, 'canceled');
      assert.equal(
        conditionOf(await chat.command('remove', `sessionid='${sessionid}'`, submit({ device: thisId }))),
        'bad-request bad-sessionid',
      );
      assert.deepEqual(chat.desk.calls, []);
    }
  });

  it('refuses what does not belong to it, each with its condition (§3.5)', async () => {
    const chat = new Chat();
    const session = async (): Promise<string> => {
      const { attrs } = (await chat.command('remove')).getChild('command', commands)!;
      return `sessionid='${attrs.sessionid}'`;
    };
    assert.equal(conditionOf(await chat.command('nonsense')), 'item-not-found');
    assert.equal(conditionOf(await chat.command('status', "action='dance'")), 'bad-request malformed-action');
    assert.equal(conditionOf(await chat.command('status', "action='complete'")), 'bad-request bad-action');
    assert.equal(
      conditionOf(await chat.command('remove', `${await session()} action='prev'`)),
      'bad-request bad-action',
    );
    assert.equal(conditionOf(await chat.command('remove', await session())), 'bad-request bad-payload');
    assert.equal(conditionOf(await chat.command('trust', await session())), 'bad-request bad-sessionid');
    const broken = "<x xmlns='jabber:x:data' type='submit'><field var='device'><value><b/></value></field></x>";
    assert.equal(conditionOf(await chat.command('remove', await session(), broken)), 'bad-request');
    const late = await session();
    chat.now += 10 * 60_000;
    assert.equal(
      conditionOf(await chat.command('remove', late, submit({ device: thisId }))),
      'not-allowed session-expired',
    );
  });

  it('keeps the sixteen newest sessions', async () => {
    const chat = new Chat();
    const ids: string[] = [];
    for (let at = 0; at < 17; at++) {
      ids.push((await chat.command('history')).getChild('command', commands)!.attrs.sessionid!);
    }
    const run = (id: string): Promise<Tree> => chat.command('history', `sessionid='${id}'`, submit({ text: 'noon' }));
    assert.equal(conditionOf(await run(ids[0]!)), 'bad-request bad-sessionid');
    assert.equal((await run(ids[1]!)).attrs.type, 'result');
  });

  it('answers with text that is not markup', async () => {
    const answers = await new Chat().contact.answer(
      utf8("<message to='simpp.invalid'><body>&lt;script&gt;&amp;</body></message>"),
      scope,
    );
    assert.ok(fromUtf8(answers[0]!).includes('&lt;script&gt;&amp;'));
  });
});
