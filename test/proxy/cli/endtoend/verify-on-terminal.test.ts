import assert from 'node:assert/strict';
import { verifyOnTerminal } from '../../../../proxy/cli/endtoend/verify-on-terminal.ts';
import { atDesk } from '../../../../proxy/cli/endtoend/remote-desk.ts';
import type { VerificationFacts } from '../../../../proxy/endtoend/desk.ts';
import { SimppError } from '../../../../shared/errors.ts';
import { PersonDesk } from '../../endtoend/contact/person-desk.ts';
import { controlC, enter, Person } from '../person.ts';
import { alice, DeskWorld } from './desk-world.ts';

const bob = 'bob@example.test';

/** Bob answers when he was asked about for the third time; then nobody guesses more than twice. */
class AnsweringDesk extends PersonDesk {
  started = 0;
  asked = 0;
  #attemptsLeft = 3;

  override async startVerification(jid: string): Promise<VerificationFacts> {
    this.started++;
    return { contact: jid, state: 'asked' };
  }

  override verification(jid: string): VerificationFacts {
    if (++this.asked < 3) return { contact: jid, state: 'asked' };
    return { contact: jid, state: 'comparing', ours: '111111', attemptsLeft: this.#attemptsLeft };
  }

  override async typeVerification(jid: string, typed: string): Promise<VerificationFacts> {
    if (typed === '222222') return { contact: jid, state: 'confirmed', ours: '111111' };
    if (--this.#attemptsLeft === 0) return { contact: jid, state: 'failed' };
    return { contact: jid, state: 'comparing', ours: '111111', attemptsLeft: this.#attemptsLeft };
  }
}

describe('simpp verify on a terminal', function () {
  this.timeout(10_000);
  let desk: AnsweringDesk;
  let world: DeskWorld;
  let person: Person;
  beforeEach(async () => {
    desk = new AnsweringDesk();
    world = await DeskWorld.open([alice], desk);
    person = new Person();
  });
  afterEach(() => world[Symbol.asyncDispose]());

  const begin = (): Promise<void> => atDesk({}, (remote) => verifyOnTerminal(remote, bob, person, 1), world.home);

  it('waits for the other side, shows the digits for them, asks for theirs', async () => {
    const done = begin();
    await person.see('bob@example.test has been asked.');
    await person.see('111 111');
    await person.answer('Which six digits does bob@example.test see?', `222 222${enter}`);
    await done;
    await person.see('bob@example.test is verified.');
    // Asking how it stands must never begin another one.
    assert.deepEqual([desk.started, desk.asked], [1, 3]);
  });

  it('counts wrong digits, and ends with an error after the third', async () => {
    const done = begin();
    const ended = assert.rejects(
      done,
      (error) => error instanceof SimppError && error.code === 'undecided' && /compare the 60/.test(error.message),
    );
    await person.answer('Which six digits', `333333${enter}`);
    await person.see('Tries left: 2.');
    await person.answer('Which six digits', `444444${enter}`);
    await person.see('Tries left: 1.');
    await person.answer('Which six digits', `555555${enter}`);
    await ended;
  });

  it('takes nothing but six digits, and lets the person stop', async () => {
    const done = begin();
    const stopped = assert.rejects(done, (error) => error instanceof SimppError && error.code === 'cancelled');
    await person.answer('Which six digits', `12${enter}`);
    await person.answer('Six digits, please.', controlC);
    await stopped;
  });
});
