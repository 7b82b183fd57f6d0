// The local authorities, whose certificates the TLS listeners show: clients look
// for them among those that this machine trusts.

import { X509Certificate } from 'node:crypto';
import { getCACertificates } from 'node:tls';
import { readPublished } from '../ca/published.ts';
import { findings, type Finding } from './finding.ts';

const say = findings('local-ca');

/** `file` has the authorities that the proxy made; `hasTls` tells whether it listens for TLS at all. */
export function checkLocalAuthority(file: string, hasTls: boolean): Finding[] {
  if (!hasTls) return [];
  const own = readPublished(file);
  if (own.length === 0) return [say.note('The local authority is made when the proxy starts.')];
  const trusted = new Set(getCACertificates('system').map((text) => new X509Certificate(text).fingerprint256));
  if (own.every(({ certificate }) => trusted.has(certificate.fingerprint256))) {
    return [say.ok('This machine trusts the local authority.')];
  }
  const text = 'This machine does not trust the local authority: clients that use TLS here warn or refuse.';
  return [say.warning(text, 'simpp cert install')];
}
