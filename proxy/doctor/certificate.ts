// A server's certificate, when it was refused and why, or how long it is good.

import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { SimppError } from '../../shared/errors.ts';
import { CertificateRefused } from '../server/certificate-fault.ts';
import { findings, type Finding } from './finding.ts';

const say = findings('certificate');
const soonMs = 14 * 24 * 3600_000;

export interface CertificateMends {
  /** The line that names another authority, as the file has it. */
  readonly authority: string;
  /** Who must act when the certificate itself is wrong. */
  readonly renew: string;
}

/** Why TLS could not begin. */
export function certificateRefused(error: SimppError, mends: CertificateMends): Finding {
  // The second sentence is advice for people without a doctor.
  const [text = ''] = error.message.split(/(?<=\.) (?=If the server has|Ask the administrator)/);
  const code = error instanceof CertificateRefused ? error.reason : '';
  if (code === 'CERT_HAS_EXPIRED') return say.problem(text, mends.renew);
  if (code === 'CERT_NOT_YET_VALID') return say.problem(text, 'sudo timedatectl set-ntp true   # or a new certificate');
  if (/SELF_SIGNED|ISSUER|LEAF_SIGNATURE|UNTRUSTED/.test(code)) return say.problem(text, mends.authority);
  return say.problem(text, mends.renew);
}

/** The certificate of a connection that was accepted; nothing on a connection without one. */
export function checkExpiry(socket: Socket, now: number, mends: CertificateMends): Finding[] {
  if (!(socket instanceof TLSSocket)) return [];
  const { valid_to: until, subject } = socket.getPeerCertificate();
  return [expiryOf(String(subject?.CN ?? 'the server'), Date.parse(until), now, mends.renew, say)];
}

/** How long a certificate is good, in milliseconds since 1970. */
export function expiryOf(
  name: string,
  until: number,
  now: number,
  renew: string,
  say: ReturnType<typeof findings>,
): Finding {
  const day = new Date(until).toISOString().slice(0, 10);
  if (until - now > soonMs) return say.ok(`The certificate of ${name} is good until ${day}.`);
  const when = until > now ? 'ends on' : 'ended on';
  const text = `The certificate of ${name} ${when} ${day}.`;
  return until > now ? say.warning(text, renew) : say.problem(text, renew);
}
