// Every error that leaves a module is a SimppError: a stable `code`, a text a
// person can act on, and a `cause`. The table says who is at fault and
// what a code becomes on an XMPP stream and as an exit code.
// No secret, body or password is ever part of a message (protocol.md §11).

/** Who can mend it: the peer's software, a person's set-up, this machine, or the other side's decision. */
export type Fault = 'peer' | 'setup' | 'system' | 'refused';

interface ErrorRow {
  readonly fault: Fault;
  /** Condition in urn:ietf:params:xml:ns:xmpp-streams (RFC 6120 §4.9.3). */
  readonly stream: string;
  /** Process exit code (the sysexits convention). */
  readonly exit: number;
  /** What a person reads when nothing more precise is known. */
  readonly text: string;
}

const row = (fault: Fault, stream: string, exit: number, text: string): ErrorRow => ({ fault, stream, exit, text });

/** Code → stream error, exit code and text: the only such table. */
export const errorTable = {
  // The peer broke the protocol.
  'malformed-message': row('peer', 'not-well-formed', 76, 'The other side sent a message that cannot be read.'),
  'invalid-point': row('peer', 'policy-violation', 76, 'The other side sent an invalid public key.'),
  'handshake-failed': row('peer', 'remote-connection-failed', 76, 'The SIMPP handshake failed.'),
  'record-forged': row('peer', 'remote-connection-failed', 76, 'A record on the channel was damaged or forged.'),
  'bundle-invalid': row('peer', 'policy-violation', 76, 'The keys that a directory gave for a contact are not valid.'),
  'message-forged': row('peer', 'policy-violation', 76, 'An encrypted message was damaged or forged.'),
  'key-gone': row('peer', 'policy-violation', 76, 'The key of an encrypted message is gone from this device.'),
  'channel-truncated': row('peer', 'remote-connection-failed', 76, 'The channel was cut before its close record.'),
  'injected-bytes': row('peer', 'policy-violation', 76, 'Bytes were injected before the switch to encryption.'),
  'not-well-formed': row('peer', 'not-well-formed', 76, 'The XML is not well-formed.'),
  'restricted-xml': row(
    'peer',
    'restricted-xml',
    76,
    'Comments, processing instructions, DTDs and entities are not allowed.',
  ),
  'invalid-encoding': row('peer', 'unsupported-encoding', 76, 'The stream is not valid UTF-8.'),
  'invalid-namespace': row('peer', 'invalid-namespace', 76, 'An element is in a namespace that does not belong here.'),
  'bad-format': row('peer', 'bad-format', 76, 'The stream does not begin with <stream>.'),
  'too-large': row('peer', 'policy-violation', 76, 'A stanza is larger than allowed.'),
  'too-deep': row('peer', 'policy-violation', 76, 'A stanza is nested deeper than allowed.'),
  'too-slow': row('peer', 'connection-timeout', 76, 'The other side was silent for too long.'),
  'unexpected-element': row(
    'peer',
    'policy-violation',
    76,
    'The other side sent an element that does not belong here.',
  ),
  unreadable: row('peer', 'policy-violation', 76, 'The message cannot be read.'),
  'handled-count-too-high': row(
    'peer',
    'undefined-condition',
    76,
    'The other side acknowledged more stanzas than it was sent.',
  ),
  // The other side, or a policy, said no.
  'gateway-refused': row('refused', 'not-authorized', 77, 'The gateway refused this device.'),
  'jid-mismatch': row(
    'refused',
    'not-authorized',
    77,
    'The server bound another address than the channel was opened for.',
  ),
  'simpp-missing': row(
    'refused',
    'policy-violation',
    69,
    'The server does not offer SIMPP, which this set-up requires.',
  ),
  'suite-missing': row(
    'refused',
    'policy-violation',
    69,
    'The gateway offers no SIMPP suite that this set-up accepts.',
  ),
  'tls-missing': row('refused', 'policy-violation', 69, 'The server does not offer TLS, which this set-up requires.'),
  'certificate-invalid': row(
    'refused',
    'remote-connection-failed',
    69,
    "The server's certificate is not valid for the domain.",
  ),
  'host-unknown': row('refused', 'host-unknown', 68, 'No set-up exists for this domain.'),
  'sasl-failed': row('refused', 'not-authorized', 77, 'The server refused the login.'),
  'rate-limited': row('refused', 'policy-violation', 75, 'Too many attempts; try again later.'),
  // The person's set-up.
  usage: row('setup', 'internal-server-error', 64, 'The command cannot be understood.'),
  'config-invalid': row('setup', 'internal-server-error', 78, 'The configuration is not valid.'),
  'config-missing': row('setup', 'internal-server-error', 78, 'Nothing is set up yet.'),
  'invite-invalid': row('setup', 'internal-server-error', 65, 'The invite cannot be read.'),
  'jid-invalid': row('setup', 'improper-addressing', 65, 'The address is not a valid JID.'),
  'keystore-locked': row('setup', 'internal-server-error', 77, 'The keystore cannot be opened.'),
  // This machine.
  'port-taken': row('system', 'internal-server-error', 71, 'The address is already in use.'),
  'server-unreachable': row('system', 'remote-connection-failed', 69, 'The server cannot be reached.'),
  'storage-failed': row('system', 'internal-server-error', 74, 'The database cannot be read or written.'),
  'missing-program': row('system', 'internal-server-error', 69, 'A program that is needed is not installed.'),
  'already-running': row('system', 'internal-server-error', 75, 'Another process already uses this folder.'),
  'not-running': row('system', 'internal-server-error', 69, 'Nothing is running in this folder.'),
  'key-missing': row('setup', 'internal-server-error', 77, 'A key that this needs is not on this machine.'),
  undecided: row('refused', 'policy-violation', 77, 'Nothing can be sent before a decision about the keys.'),
  cancelled: row('setup', 'internal-server-error', 130, 'Cancelled; nothing was changed.'),
  'shutting-down': row('system', 'system-shutdown', 75, 'SIMPP is shutting down; try again later.'),
  'unsupported-version': row('peer', 'unsupported-version', 76, 'The stream is not of XMPP version 1.0.'),
  overloaded: row('system', 'resource-constraint', 75, 'Too many connections; try again later.'),
  internal: row('system', 'internal-server-error', 70, 'Something went wrong inside SIMPP.'),
} as const satisfies Record<string, ErrorRow>;

/** Stable identifier of an error; scripts may rely on it. */
export type ErrorCode = keyof typeof errorTable;

/** The one base of all errors of the project. */
export class SimppError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message?: string, options?: ErrorOptions) {
    super(message ?? errorTable[code].text, options);
    this.name = 'SimppError';
    this.code = code;
  }

  get fault(): Fault {
    return errorTable[this.code].fault;
  }

  /** Stream error condition for the client (RFC 6120 §4.9.3). */
  get streamCondition(): string {
    return errorTable[this.code].stream;
  }

  get exitCode(): number {
    return errorTable[this.code].exit;
  }
}

/** Anything thrown, as a SimppError that keeps it as its cause. */
export function asSimppError(thrown: unknown, code: ErrorCode = 'internal'): SimppError {
  if (thrown instanceof SimppError) return thrown;
  return new SimppError(code, undefined, { cause: thrown });
}
