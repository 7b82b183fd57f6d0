import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bobDigits, waitingId } from '../../endtoend/contact/person-desk.ts';
import type { Finished } from '../simpp.ts';
import { alice, DeskWorld } from './desk-world.ts';

const bob = 'bob@example.test';

function failure({ code, json }: Finished): readonly [number | null, unknown] {
  return [code, (json['error'] as { code: string } | undefined)?.code];
}

describe('the commands of end-to-end encryption', function () {
  this.timeout(60_000);
  let world: DeskWorld;
  beforeEach(async () => {
    world = await DeskWorld.open();
  });
  afterEach(() => world[Symbol.asyncDispose]());

  it('contacts lists whose keys are known, and to whom nothing is sent', async () => {
    world.desk.bob = { ...world.desk.bob, trust: 'changed', blocked: 'They have another key.' };
    const { code, stdout, stderr } = await world.run('contacts');
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^CONTACT +TRUST +MESSAGES +DEVICES/);
    assert.match(stdout, /^bob@example\.test +another key than before +encrypted when they can +1 /m);
    assert.match(stdout, /^Nothing is sent at the moment to:\n {2}bob@example\.test: They have another key\.$/m);
    const { json } = await world.run('contacts', '--json');
    assert.deepEqual(json, { account: alice, contacts: [world.desk.bob] });
  });

  it('trust show has all 60 digits and says what to do next', async () => {
    const { stdout } = await world.run('trust', 'show', 'Bob@example.test');
    assert.equal(stdout.match(/\d{5}/g)?.join(' ').slice(0, bobDigits.length), bobDigits);
    assert.match(stdout, /simpp verify bob@example\.test/);
  });

  it('trust accept, refuse and reset are the decisions of the desk', async () => {
    for (const decision of ['accept', 'refuse', 'reset'] as const) {
      const { code, json } = await world.run('trust', decision, bob, '--json');
      assert.deepEqual([code, json['jid']], [0, bob]);
    }
    assert.deepEqual(world.desk.calls, [`decide ${bob} accept`, `decide ${bob} refuse`, `decide ${bob} reset`]);
  });

  it('trust policy shows without a word and sets with one', async () => {
    assert.equal((await world.run('trust', 'policy', '--json')).json['trustPolicy'], 'blind');
    assert.equal((await world.run('trust', 'policy', 'manual', '--json')).json['trustPolicy'], 'manual');
    assert.equal(world.desk.trustPolicy, 'manual');
    assert.equal((await world.run('trust', 'policy', 'never')).code, 64);
  });

  it('verify hands over 60 digits in whatever groups, a scanned code as it is, and the word that they are the same', async () => {
    const uri = `simpp-verify:${bob}?fp=${'ab'.repeat(32)}`;
    for (const words of [bobDigits.split(' '), [bobDigits], [uri], ['same']]) {
      assert.equal((await world.run('verify', bob, ...words)).code, 0);
    }
    const plain = bobDigits.replaceAll(' ', '');
    assert.deepEqual(world.desk.calls, [
      `verify ${bob} ${plain}`,
      `verify ${bob} ${plain}`,
      `verify ${bob} ${uri}`,
      `verify ${bob} -`,
    ]);
  });

  it('verify refuses digits that are neither six nor sixty, and asks nobody', async () => {
    assert.deepEqual(failure(await world.run('verify', bob, '12345', '--json')), [64, 'usage']);
    assert.deepEqual(world.desk.calls, []);
  });

  it('verify goes one step at a time where nobody can be asked', async () => {
    assert.deepEqual((await world.run('verify', bob, '--json')).json, { account: alice, contact: bob, state: 'asked' });
    const wrong = await world.run('verify', bob, '333', '333', '--json');
    assert.deepEqual([wrong.code, wrong.json['attemptsLeft']], [0, 2]);
    const right = await world.run('verify', bob, '222222');
    assert.match(right.stdout, /^bob@example\.test is verified\./);
  });

  it('verify --qr shows the code of the own account, and its text for scripts', async () => {
    const { stdout } = await world.run('verify', bob, '--qr');
    assert.match(stdout, /[▀▄█]{20}/);
    assert.ok(stdout.includes(world.desk.status().verifyUri ?? 'none'));
    const { json } = await world.run('verify', bob, '--qr', '--json');
    assert.deepEqual(json, { account: alice, uri: world.desk.status().verifyUri });
  });

  it('devices shows the code of one that waits, and takes that code for an approval', async () => {
    const { stdout } = await world.run('devices');
    assert.match(stdout, /^abcdef00 +waits for approval .*7q3f-k2mz-9xab/im);
    assert.equal((await world.run('devices', 'approve', '7q3f k2mz 9xab', '--json')).code, 0);
    assert.deepEqual(world.desk.calls, [`approve ${waitingId}`]);
  });

  it('devices approve by an id alone wants the word that the codes were compared', async () => {
    assert.deepEqual(failure(await world.run('devices', 'approve', 'abcdef00', '--json')), [64, 'usage']);
    assert.deepEqual(world.desk.calls, []);
    assert.equal((await world.run('devices', 'approve', 'abcdef00', '--yes')).code, 0);
    assert.deepEqual(world.desk.calls, [`approve ${waitingId}`]);
  });

  it('devices remove wants --yes where nobody can be asked', async () => {
    assert.deepEqual(failure(await world.run('devices', 'remove', 'abcdef00', '--json')), [64, 'usage']);
    const { json } = await world.run('devices', 'remove', 'abcdef00', '--yes', '--json');
    assert.equal(json['removed'], waitingId);
  });

  it('policy shows and sets that of the account and of one contact', async () => {
    assert.equal((await world.run('policy', '--json')).json['policy'], 'prefer');
    assert.equal((await world.run('policy', 'default', 'require', '--json')).json['policy'], 'require');
    const { stdout } = await world.run('policy', bob, 'off');
    assert.equal(stdout, 'bob@example.test: not encrypted (off).\n');
    assert.deepEqual((await world.run('policy', '--json')).json['contacts'], [{ jid: bob, policy: 'off' }]);
    assert.deepEqual(
      world.desk.calls.filter((call) => call.startsWith('policy')),
      ['policy - require', `policy ${bob} off`],
    );
  });

  it('policy with a policy alone asks for whom', async () => {
    const { code, stderr } = await world.run('policy', 'require');
    assert.equal(code, 64);
    assert.match(stderr, /simpp policy default require/);
  });

  it('outbox lists what is unsent on one line each, and sends or discards one or all', async () => {
    const { stdout } = await world.run('outbox');
    assert.match(stdout, /^3\. .* UTC to carol@example\.test: see you at <noon>\n {3}They have no keys\.$/m);
    assert.equal((await world.run('outbox', 'resend')).code, 64);
    assert.equal((await world.run('outbox', 'resend', '3', '--all')).code, 64);
    assert.deepEqual((await world.run('outbox', 'resend', '2', '--json')).json, { account: alice, sent: 0 });
    assert.deepEqual((await world.run('outbox', 'discard', '--all', '--json')).json, { account: alice, discarded: 1 });
    assert.equal((await world.run('outbox')).stdout, 'Nothing is unsent.\n');
  });

  it('shows no escape sequence that somebody wrote', async () => {
    const evil = '\u001b[2J\u001b]0;owned\u0007';
    world.desk.unsent = [{ number: 1, to: bob, at: 0, reason: 'none', text: `hello${evil}` }];
    const { stdout } = await world.run('outbox');
    assert.match(stdout, /hello/);
    // oxlint-disable-next-line no-control-regex
    assert.doesNotMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u007f]/);
  });

  it('history search finds messages of all or of one contact', async () => {
    const { stdout } = await world.run('history', 'search', 'noon', '--contact', bob, '--limit', '7');
    assert.match(stdout, /^2026-11-24 15:17 UTC {2}you → bob@example\.test: at noon\?$/m);
    assert.match(stdout, /^2026-11-24 15:17 UTC {2}bob@example\.test: noon it is \(not encrypted\)$/m);
    assert.deepEqual(world.desk.calls, [`search noon ${bob} 7`]);
    assert.equal((await world.run('history', 'search', 'dusk')).stdout, 'Nothing found for "dusk".\n');
  });

  it('history keep takes all, none and days, and nothing else', async () => {
    for (const [word, kept] of [
      ['30', 30],
      ['none', 'none'],
      ['all', 'keep'],
    ] as const) {
      assert.equal((await world.run('history', 'keep', word, '--json')).json['keep'], word);
      assert.equal(world.desk.retention, kept);
    }
    for (const word of ['0', '36501', '1.5', 'keep']) assert.equal((await world.run('history', 'keep', word)).code, 64);
  });

  it('history annotate shows and sets', async () => {
    assert.equal((await world.run('history', 'annotate', '--json')).json['annotate'], 'plaintext');
    await world.run('history', 'annotate', 'all');
    assert.equal(world.desk.annotate, 'all');
  });

  it('recovery show is the only command that shows the words', async () => {
    assert.deepEqual((await world.run('recovery', 'show', '--json')).json, {
      account: alice,
      phrase: 'abandon abandon abandon',
    });
    const others = [['contacts'], ['devices'], ['policy'], ['outbox'], ['trust', 'policy']];
    for (const { stdout } of await Promise.all(others.map((args) => world.run(...args, '--json')))) {
      assert.doesNotMatch(stdout, /abandon/);
    }
  });

  it('recovery enter takes the words from a file or standard input, and names no word in an error', async () => {
    const file = join(world.home.stateDir, 'words');
    writeFileSync(file, 'legal winner thank\n');
    assert.equal((await world.run('recovery', 'enter', '--phrase-file', file, '--json')).code, 0);
    assert.equal((await world.runWith('legal winner thank\n', 'recovery', 'enter', '--phrase-file', '-')).code, 0);
    const nobody = await world.run('recovery', 'enter', '--json');
    assert.deepEqual(failure(nobody), [64, 'usage']);
    writeFileSync(file, 'legal\nwinner\n');
    const { stdout } = await world.run('recovery', 'enter', '--phrase-file', file, '--json');
    assert.doesNotMatch(stdout, /legal|winner/);
  });

  it('recovery forget wants --yes where nobody can be asked', async () => {
    assert.deepEqual(failure(await world.run('recovery', 'forget', '--json')), [64, 'usage']);
    assert.deepEqual(world.desk.calls, []);
    assert.equal((await world.run('recovery', 'forget', '--yes')).code, 0);
    assert.deepEqual(world.desk.calls, ['forget']);
  });

  it('pass on what the desk says of an unknown contact, with its exit code', async () => {
    const finished = await world.run('trust', 'show', 'nobody@example.test', '--json');
    assert.deepEqual(failure(finished), [77, 'key-missing']);
    assert.deepEqual(failure(await world.run('trust', 'show', 'no address', '--json')), [65, 'jid-invalid']);
  });
});

describe('the account that a command is about', function () {
  this.timeout(60_000);

  it('has to be named where there are several, which are listed', async () => {
    await using world = await DeskWorld.open([alice, 'amy@example.test']);
    const { code, stderr } = await world.run('contacts');
    assert.equal(code, 64);
    assert.match(stderr, /--account JID\.\n {2}These have it: alice@example\.test, amy@example\.test\./);
    assert.equal(
      (await world.run('contacts', '--account', 'Amy@example.test', '--json')).json['account'],
      'amy@example.test',
    );
    assert.deepEqual(failure(await world.run('contacts', '--account', 'bob@example.test', '--json')), [
      78,
      'config-missing',
    ]);
  });

  it('is missing before the first login', async () => {
    await using world = await DeskWorld.open([]);
    assert.deepEqual(failure(await world.run('contacts', '--json')), [78, 'config-missing']);
  });
});
