// Plays a case once, in one mode: each step in turn, and every wait is for
// something that the script names. What the clients received is the result.
import { evidence } from './evidence.ts';
import { bind, runSasl } from './login.ts';
import { fill, readPattern, type Captures } from './pattern.ts';
import { RecordedClient, type Received } from './recorded-client.ts';
import type { Case, Participant, Step } from './script.ts';

/** Where and with which names a case is played. */
export interface Stage {
  readonly host: string;
  readonly port: number;
  readonly domain: string;
  /** For ANONYMOUS. */
  readonly guestDomain: string;
  /** Resolves when the server has been restarted, once for all that ask. */
  readonly server: (how: 'restart' | 'kill') => Promise<void>;
}

export interface Recording {
  readonly name: string;
  readonly received: readonly Received[];
  /** What the server bound for it; undefined when the case got no further. */
  readonly jid: string | undefined;
  /** What the script asked for. */
  readonly participant: Participant;
}

/** The localpart of an account: of its case alone, so that cases do not meet. */
export function accountName(play: Case, account: string): string {
  return `${account}-${play.name}`;
}

export function passwordOf(account: string): string {
  return `${account} has a secret`.replaceAll(' ', '-');
}

interface Actor {
  readonly participant: Participant;
  readonly client: RecordedClient;
  readonly domain: string;
}

export async function play(what: Case, stage: Stage): Promise<readonly Recording[]> {
  const player = new Player(what, stage);
  try {
    for (const step of what.steps) await player.take(step);
    await player.finish();
  } finally {
    player.leave();
  }
  return player.recordings();
}

class Player {
  readonly #case: Case;
  readonly #stage: Stage;
  readonly #actors: ReadonlyMap<string, Actor>;
  #known: Captures;
  #flushes = 0;

  constructor(what: Case, stage: Stage) {
    this.#case = what;
    this.#stage = stage;
    this.#actors = new Map(
      what.participants.map((participant) => {
        const domain = participant.isAnonymous ? stage.guestDomain : stage.domain;
        return [participant.name, { participant, client: new RecordedClient(stage), domain }];
      }),
    );
    const known = new Map([
      ['domain', stage.domain],
      ['conference', `conference.${stage.domain}`],
      ['guests', stage.guestDomain],
    ]);
    for (const { participant } of this.#actors.values()) {
      const name = accountName(what, participant.account);
      known.set(participant.name, `${name}@${stage.domain}`);
      known.set(`${participant.name}.name`, name);
      known.set(`${participant.name}.password`, passwordOf(participant.account));
      const plain = Buffer.from(`\0${name}\0${passwordOf(participant.account)}`).toString('base64');
      known.set(`${participant.name}.plain`, plain);
    }
    this.#known = known;
  }

  recordings(): readonly Recording[] {
    return [...this.#actors.values()].map(({ participant, client }) => ({
      name: participant.name,
      received: client.received,
      jid: client.jid,
      participant,
    }));
  }

  async take(step: Step): Promise<void> {
    for (const { participant, client } of this.#actors.values()) {
      if (client.jid !== undefined) this.#known = new Map([...this.#known, [`${participant.name}.full`, client.jid]]);
    }
    try {
      if (step.kind === 'flush') await this.#flush();
      else if (step.kind === 'server') await this.#stage.server(step.how);
      else await this.#act(step, this.#actor(step.who));
    } catch (error) {
      const actors = [...this.#actors.values()];
      const shown = actors.map(({ participant, client }) => evidence(participant.name, client.received));
      throw new Error(`${this.#case.name}:${step.line}: ${String(error)}\n${shown.join('\n')}`, { cause: error });
    }
  }

  /** Everything on its way arrives, then everybody who is still there closes. */
  async finish(): Promise<void> {
    await this.take({ kind: 'flush', line: 0 });
    for (const [who, { client }] of this.#actors) {
      if (client.isConnected) await this.take({ kind: 'close', who, line: 0 });
    }
  }

  leave(): void {
    for (const { client } of this.#actors.values()) client.drop();
  }

  async #act(step: Extract<Step, { who: string }>, actor: Actor): Promise<void> {
    const { client } = actor;
    switch (step.kind) {
      case 'send':
        return client.write(fill(step.xml, this.#known));
      case 'hear':
        if (step.xml === '</stream:stream>') return await client.hearLast('footer');
        this.#known = (await client.hear([readPattern(step.xml)], this.#known)).captures;
        return;
      case 'connect':
        return await client.connect();
      case 'header':
        return this.#sayHeader(actor);
      case 'sasl':
        return void (await this.#sasl(actor, step.mechanism, step.password));
      case 'bind':
        return await bind(client, actor.participant.resource);
      case 'login':
        await client.connect();
        this.#sayHeader(actor);
        if (!(await this.#sasl(actor, step.mechanism, step.password))) throw new Error('the login failed');
        this.#sayHeader(actor);
        return await bind(client, actor.participant.resource);
      case 'close':
        client.write('</stream:stream>');
        return await client.hearLast('ended');
      case 'end':
        return client.end();
      case 'drop':
        return client.drop();
      case 'ended':
        return await client.hearLast('ended');
      case 'online':
        client.isOnline = true;
    }
  }

  /** Asks the server something on each stream, and what it had for them before that has come. */
  async #flush(): Promise<void> {
    // What one client's question pushes out for another has its own turn to arrive in.
    for (const round of [1, 2]) {
      const id = `flush-${++this.#flushes}-${round}`;
      for (const { client, domain } of this.#actors.values()) {
        if (!client.isConnected || !client.isOnline) continue;
        const ping = `<ping xmlns='urn:xmpp:ping'/>`;
        client.write(`<iq xmlns='jabber:client' type='get' id='${id}' to='${domain}'>${ping}</iq>`);
        await client.hearOrEnd(readPattern(`<iq id='${id}'/>`), this.#known);
      }
    }
  }

  #sayHeader({ participant, client, domain }: Actor): void {
    const usual =
      `<?xml version='1.0'?><stream:stream to='${domain}' version='1.0' xml:lang='${participant.lang}' ` +
      `xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>`;
    client.write(participant.header === undefined ? usual : fill(participant.header, this.#known));
  }

  async #sasl({ participant, client }: Actor, mechanism: string | undefined, other: string | undefined) {
    return await runSasl(client, {
      mechanism: mechanism ?? participant.mechanism,
      name: accountName(this.#case, participant.account),
      password: other ?? passwordOf(participant.account),
    });
  }

  #actor(name: string): Actor {
    const actor = this.#actors.get(name);
    if (actor === undefined) throw new Error(`${name} is no client`);
    return actor;
  }
}
