// The desk of one account, asked over the control socket: the proxy that runs
// has the keys, the commands have not.
import type { z } from 'zod';
import { SimppError } from '../../../shared/errors.ts';
import { normalJid } from '../../address.ts';
import { findHome, type Home } from '../../config/home.ts';
import type { Request } from '../../control/declare.ts';
import { listEndToEnd } from '../../control/end-to-end-methods.ts';
import { HintedError } from '../hint.ts';
import { connectRunning } from '../running.ts';

/** What the commands of end-to-end encryption have in common. */
export interface DeskFlags {
  /** Whose desk; needed where there are several. */
  readonly account?: string;
  readonly json?: boolean;
}

type AboutAccount = z.ZodObject<{ account: z.ZodString }>;

/** One account's desk. */
export interface RemoteDesk {
  readonly account: string;
  /** Asks about this account; throws the SimppError that the proxy threw. */
  call<Params extends AboutAccount, Result extends z.ZodType>(
    declared: Request<Params, Result>,
    ...params: object extends Omit<z.input<Params>, 'account'>
      ? [params?: Omit<z.input<Params>, 'account'>]
      : [params: Omit<z.input<Params>, 'account'>]
  ): Promise<z.output<Result>>;
}

/** Works at the desk of the account that is meant; throws SimppError('not-running') when no proxy runs. */
export async function atDesk<Result>(
  { account }: DeskFlags,
  work: (desk: RemoteDesk) => Promise<Result>,
  home: Home = findHome(),
): Promise<Result> {
  const [running] = await connectRunning(home, 'proxy');
  const client = running!.client; // connectRunning: there is one
  try {
    const { accounts } = await client.call(listEndToEnd, {});
    const chosen = chooseAccount(accounts, account);
    return await work({
      account: chosen,
      call: (declared, params?: object) =>
        // as: the parameters without the account, and the account.
        client.call(declared, { ...params, account: chosen } as z.input<typeof declared.params>),
    });
  } finally {
    client.close();
  }
}

/** The wanted account, else the only one. */
export function chooseAccount(accounts: readonly string[], wanted: string | undefined): string {
  if (wanted !== undefined) {
    const jid = readJid(wanted);
    if (accounts.includes(jid)) return jid;
    throw new HintedError('config-missing', `${jid} has no end-to-end encryption here.`, listed(accounts));
  }
  const [only] = accounts;
  if (only === undefined) {
    throw new HintedError(
      'config-missing',
      'No account here has end-to-end encryption yet.',
      'It begins with the first login of a client through the proxy, unless its file in accounts/ says e2e = "off".',
    );
  }
  if (accounts.length > 1) {
    throw new HintedError('usage', 'Several accounts are here: say which one with --account JID.', listed(accounts));
  }
  return only;
}

/** The address of an account, normalised; throws SimppError('jid-invalid'). */
export function readJid(text: string): string {
  const jid = normalJid(text);
  if (jid !== undefined) return jid;
  throw new SimppError('jid-invalid', `${text} is not the address of an account, like bob@example.org.`);
}

const maxNamed = 8;

function listed(accounts: readonly string[]): string {
  if (accounts.length === 0) return 'No account has it yet; it begins with the first login through the proxy.';
  const more = accounts.length > maxNamed ? ` and ${accounts.length - maxNamed} more` : '';
  return `These have it: ${accounts.slice(0, maxNamed).join(', ')}${more}.`;
}
