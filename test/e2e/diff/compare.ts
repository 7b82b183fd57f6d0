// Two plays of the same case side by side, and the difference in words.
import {
  anyXmlError,
  asEjabberdWrites,
  asKeptBack,
  isAcknowledging,
  isForgetful,
  isLeftOut,
  isToldOfLoss,
  keptBack,
  mayBeUntold,
  ownErrors,
  ownLogin,
  throughProxy,
  untold,
  withoutKeyNodes,
} from './allowed.ts';
import { canonical, type Transcript, type View } from './canonical.ts';
import { shorten } from './evidence.ts';
import type { Recording } from './player.ts';
import type { Received } from './recorded-client.ts';
import type { KindOfLogin, ServerName } from './script.ts';

export interface Played {
  readonly server: ServerName;
  readonly recordings: readonly Recording[];
  readonly view: View;
  /** How the proxy took the login; undefined without a proxy. */
  readonly login: KindOfLogin | undefined;
  /** End to end, whatever people say. */
  readonly isEncrypted?: boolean;
}

/** What differs and may not, client by client; empty when nothing does. */
export function compare(direct: Played, other: Played): string {
  const expected = canonical(direct.recordings, direct.view, (received, client) => {
    const others = other.recordings[client]?.received ?? [];
    const events = expectedOf(encryptable(received, other, keptBack(others)), other.login);
    return mayBeUntold(other, others) ? untold(events, others) : events;
  });
  const actual = canonical(other.recordings, other.view, (received, client) => {
    const events = withoutOwnWords(encryptable(received, other, keptBack(received)), other.login);
    return isForgetful(other) ? untold(events, direct.recordings[client]?.received ?? []) : events;
  });
  return expected.flatMap((transcript, index) => differences(transcript, actual[index])).join('\n');
}

/** On both sides: what encryption can neither keep nor hide. */
function encryptable(
  received: readonly Received[],
  { isEncrypted, server }: Played,
  kept: ReadonlySet<string>,
): readonly Received[] {
  if (isEncrypted !== true) return received;
  const known = received.map((event) => asKeptBack(withoutKeyNodes(event), kept));
  return server === 'ejabberd' ? known.map(asEjabberdWrites) : known;
}

/** What must come out of the proxy, when a server said this. */
function expectedOf(received: readonly Received[], login: KindOfLogin | undefined): readonly Received[] {
  return withoutOwnWords(login === undefined ? received : received.map(throughProxy), login);
}

/** On both sides: what the proxy says in its own words where the design lets it. */
function withoutOwnWords(received: readonly Received[], login: KindOfLogin | undefined): readonly Received[] {
  const steady = received.filter((event, index) => !isAcknowledging(event) && !isLeftOut(received, index));
  if (login === undefined) return steady;
  const worded = ownErrors(steady.map(anyXmlError));
  if (login === 'relayed') return worded;
  return worded.filter((_event, index) => !isToldOfLoss(worded, index)).map(ownLogin);
}

function differences(expected: Transcript, actual: Transcript | undefined): string[] {
  const lines = unifiedDiff(expected.lines, actual?.lines ?? []);
  return lines.length === 0
    ? []
    : [`what ${expected.name} received (- directly, + through SIMPP):`, ...lines.map(shorten)];
}

const contextLines = 3;

/** Lines with `-`, `+` or, near those, a blank before them; empty when the same. */
export function unifiedDiff(before: readonly string[], after: readonly string[]): string[] {
  const rows = align(before, after);
  const isNear = (index: number): boolean =>
    rows.slice(Math.max(0, index - contextLines), index + contextLines + 1).some((row) => !row.startsWith('  '));
  return rows.flatMap((row, index) => {
    if (isNear(index)) return [row];
    return isNear(index - 1) && index > 0 ? ['  …'] : [];
  });
}

/** The longest common subsequence, with what is only on one side between. */
function align(before: readonly string[], after: readonly string[]): string[] {
  const length = after.length + 1;
  const common = new Uint32Array((before.length + 1) * length);
  const at = (i: number, j: number): number => common[i * length + j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      common[i * length + j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const rows: string[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      rows.push(`  ${before[i++]}`);
      j++;
    } else if (j >= after.length || (i < before.length && at(i + 1, j) >= at(i, j + 1))) rows.push(`- ${before[i++]}`);
    else rows.push(`+ ${after[j++]}`);
  }
  return rows;
}
