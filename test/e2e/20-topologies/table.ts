// Which client is tried on which way to which server. Every pair of two columns
// occurs, but for client with tls, which would take 28 rows; topologies.test.ts
// counts them. Each row is a test, and its title.

/** What the server asks of whoever connects; SCRAM-PLUS is STARTTLS with channel binding offered. */
export type ServerTls = 'no TLS' | 'STARTTLS' | 'direct TLS' | 'SCRAM-PLUS';

export interface Topology {
  readonly server: 'Prosody' | 'ejabberd';
  readonly tls: ServerTls;
  readonly route: 'gateway' | 'direct';
  /** What the proxy is set up for: the account, whose password it keeps, or its domain. */
  readonly setUp: 'account' | 'domain';
  readonly client: 'slixmpp' | 'finch' | 'pidgin' | 'profanity' | 'poezio' | 'gajim' | 'go-sendxmpp';
}

const columns = ['server', 'tls', 'route', 'setUp', 'client'] as const;

const rows: readonly (readonly [
  Topology['server'],
  ServerTls,
  Topology['route'],
  Topology['setUp'],
  Topology['client'],
])[] = [
  ['Prosody', 'no TLS', 'direct', 'account', 'slixmpp'],
  ['Prosody', 'no TLS', 'direct', 'domain', 'finch'],
  ['Prosody', 'STARTTLS', 'gateway', 'account', 'profanity'],
  ['Prosody', 'STARTTLS', 'gateway', 'domain', 'poezio'],
  ['Prosody', 'direct TLS', 'gateway', 'account', 'gajim'],
  ['Prosody', 'direct TLS', 'gateway', 'domain', 'go-sendxmpp'],
  ['Prosody', 'SCRAM-PLUS', 'direct', 'account', 'pidgin'],
  ['ejabberd', 'no TLS', 'gateway', 'account', 'finch'],
  ['ejabberd', 'no TLS', 'gateway', 'domain', 'pidgin'],
  ['ejabberd', 'STARTTLS', 'direct', 'account', 'go-sendxmpp'],
  ['ejabberd', 'STARTTLS', 'direct', 'domain', 'gajim'],
  ['ejabberd', 'direct TLS', 'direct', 'domain', 'profanity'],
  ['ejabberd', 'SCRAM-PLUS', 'gateway', 'domain', 'slixmpp'],
  ['ejabberd', 'SCRAM-PLUS', 'direct', 'account', 'poezio'],
];

export const topologies: readonly Topology[] = rows.map(([server, tls, route, setUp, client]) => ({
  server,
  tls,
  route,
  setUp,
  client,
}));

/** "ejabberd, STARTTLS, direct: gajim with slixmpp" */
export function titleOf({ server, tls, route, setUp, client }: Topology): string {
  return `${server}, ${tls}, ${route}, set up for the ${setUp}: ${client} with slixmpp`;
}

/** Rows that can share a server, gateway and proxy, in the order of the table. */
export function groupsOf(all: readonly Topology[]): readonly (readonly Topology[])[] {
  return [...Map.groupBy(all, ({ server, tls, route }) => `${server} ${tls} ${route}`).values()];
}

/** Pairs of values of two columns that no row has, like "ejabberd × poezio". */
export function missingPairs(all: readonly Topology[]): string[] {
  const missing: string[] = [];
  for (const [index, one] of columns.entries()) {
    for (const other of columns.slice(index + 1)) {
      if (one === 'tls' && other === 'client') continue;
      const present = new Set(all.map((row) => `${row[one]} × ${row[other]}`));
      for (const left of new Set(all.map((row) => row[one]))) {
        for (const right of new Set(all.map((row) => row[other]))) {
          if (!present.has(`${left} × ${right}`)) missing.push(`${left} × ${right}`);
        }
      }
    }
  }
  return missing;
}
