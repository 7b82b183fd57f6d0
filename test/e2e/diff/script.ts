// Reads a case: who takes part and what they do, line by line (README.md). A
// line that is not understood fails the run, with its file and number.

export interface Participant {
  readonly name: string;
  /** Localpart of its account; several clients may share one. */
  readonly account: string;
  /** What it binds; empty leaves it to the server. */
  readonly resource: string;
  readonly mechanism: string;
  readonly lang: string;
  /** Its account is not made beforehand. */
  readonly isUnregistered: boolean;
  /** It uses the domain for ANONYMOUS. */
  readonly isAnonymous: boolean;
  /** Stream header instead of the usual one. */
  readonly header: string | undefined;
}

export type Action =
  | { readonly kind: 'send' | 'hear'; readonly xml: string }
  | { readonly kind: 'connect' | 'header' | 'close' | 'end' | 'drop' | 'ended' | 'online' | 'bind' }
  | { readonly kind: 'login' | 'sasl'; readonly mechanism: string | undefined; readonly password: string | undefined };

export type Step =
  | ({ readonly who: string; readonly line: number } & Action)
  | { readonly kind: 'flush'; readonly line: number }
  | { readonly kind: 'server'; readonly how: 'restart' | 'kill'; readonly line: number };

export const kindsOfLogin = ['ended', 'relayed'] as const;
export type KindOfLogin = (typeof kindsOfLogin)[number];

export const serverNames = ['prosody', 'ejabberd'] as const;
export type ServerName = (typeof serverNames)[number];

export interface Case {
  readonly name: string;
  /** As written. */
  readonly text: string;
  readonly title: string;
  readonly participants: readonly Participant[];
  readonly steps: readonly Step[];
  /** How the proxy may take the logins of this case. */
  readonly logins: readonly KindOfLogin[];
  /** Those that know what it is about. */
  readonly servers: readonly ServerName[];
  /** The server is stopped: no other case may run meanwhile. */
  readonly isDisruptive: boolean;
  /** Its modes are played one by one: at once they get into each other's way on the server. */
  readonly isAlone: boolean;
}

const plainActions = ['connect', 'header', 'close', 'end', 'drop', 'ended', 'online', 'bind'] as const;

/** The case in a file's text; `name` is the file's. */
export function readCase(name: string, text: string): Case {
  const draft = {
    title: '',
    participants: [] as Participant[],
    steps: [] as Step[],
    logins: kindsOfLogin as readonly KindOfLogin[],
    servers: serverNames as readonly ServerName[],
    isAlone: false,
  };
  for (const { line, words, rest } of statements(text)) {
    const fail = (what: string): never => {
      throw new Error(`${name}:${line}: ${what}`);
    };
    const [first = '', second = ''] = words;
    switch (first) {
      case 'title':
        draft.title = rest;
        break;
      case 'logins':
        draft.logins = chosen(kindsOfLogin, words.slice(1)) ?? fail('logins are ended or relayed');
        break;
      case 'servers':
        draft.servers = chosen(serverNames, words.slice(1)) ?? fail('servers are prosody or ejabberd');
        break;
      case 'alone':
        draft.isAlone = true;
        break;
      case 'client':
        draft.participants.push(readParticipant(words.slice(1)) ?? fail('a client has a name and key=value'));
        break;
      case 'flush':
        draft.steps.push({ kind: 'flush', line });
        break;
      case 'server':
        if (second !== 'restart' && second !== 'kill') return fail('a server can restart or kill');
        draft.steps.push({ kind: 'server', how: second, line });
        break;
      default: {
        const index = draft.participants.findIndex((each) => each.name === first);
        const participant = draft.participants[index] ?? fail(`${first} is no client`);
        const said = rest.slice(second.length).trimStart();
        if (second === 'speaks') {
          draft.participants[index] = { ...participant, header: said };
          break;
        }
        const action = readAction(second, said, words.slice(2)) ?? fail(`a client cannot ${second}`);
        draft.steps.push({ who: first, line, ...action });
      }
    }
  }
  if (draft.title === '' || draft.steps.length === 0) throw new Error(`${name}: a case has a title and steps`);
  return { name, text, ...draft, isDisruptive: draft.steps.some((step) => step.kind === 'server') };
}

/** The words, when each is a name and there is one at all. */
function chosen<Name extends string>(names: readonly Name[], words: readonly string[]): readonly Name[] | undefined {
  const found = names.filter((name) => words.includes(name));
  return found.length > 0 && found.length === words.length ? found : undefined;
}

interface Statement {
  readonly line: number;
  readonly words: readonly string[];
  /** All after the first word. */
  readonly rest: string;
}

/** Lines with those indented below them joined, a blank between unless a tag follows, without comments and blank lines. */
function statements(text: string): Statement[] {
  const joined: { line: number; text: string }[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const last = joined.at(-1);
    if (/^\s*(#|$)/.test(line)) continue;
    if (/^\s/.test(line) && last) last.text += line.trim().replace(/^(?=[^<])/, ' ');
    else joined.push({ line: index + 1, text: line.trimEnd() });
  }
  return joined.map(({ line, text: whole }) => {
    const words = whole.split(/\s+/);
    return { line, words, rest: whole.slice(words[0]?.length).trimStart() };
  });
}

function readParticipant([name, ...words]: readonly string[]): Participant | undefined {
  const known = ['account', 'resource', 'mechanism', 'lang', 'unregistered', 'anonymous'];
  const options = new Map(words.map((word) => [word.split('=', 1)[0] ?? '', word.slice(word.indexOf('=') + 1)]));
  if (name === undefined || [...options.keys()].some((key) => !known.includes(key))) return undefined;
  return {
    name,
    account: options.get('account') ?? name,
    resource: options.get('resource') ?? name,
    mechanism: options.get('mechanism') ?? 'SCRAM-SHA-1',
    lang: options.get('lang') ?? 'en',
    isUnregistered: options.has('unregistered'),
    isAnonymous: options.has('anonymous'),
    header: undefined,
  };
}

function readAction(verb: string, said: string, words: readonly string[]): Action | undefined {
  if (verb === '>') return { kind: 'send', xml: said };
  if (verb === '<') return { kind: 'hear', xml: said };
  if (verb === 'login' || verb === 'sasl') {
    const password = words.find((word) => word.startsWith('password='))?.slice('password='.length);
    return { kind: verb, mechanism: words.find((word) => !word.includes('=')), password };
  }
  const kind = plainActions.find((each) => each === verb);
  return kind && { kind };
}
