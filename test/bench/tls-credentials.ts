// P-256 certificates for both sides of TLS, of a P-256 CA, by the openssl
// program, and what TLS is set to: version 1.3 alone, AES-256-GCM, ECDSA on P-256.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SecureContextOptions } from 'node:tls';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const serverName = 'example.test';

/** The options of each side, all of them plain values: they cross to other processes as JSON. */
export interface TlsCredentials {
  readonly server: SecureContextOptions;
  readonly client: SecureContextOptions;
}

const fresh = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
const leaf = ['basicConstraints=critical,CA:FALSE', 'extendedKeyUsage=serverAuth,clientAuth'];

/** New certificates; no trace of them stays on disk. */
export async function newTlsCredentials(): Promise<TlsCredentials> {
  const folder = await mkdtemp(join(tmpdir(), 'simpp-bench-tls-'));
  const file = (name: string): string => join(folder, name);
  const issue = async (name: string, extensions: readonly string[], issuer: readonly string[] = []): Promise<void> => {
    const added = extensions.flatMap((extension) => ['-addext', extension]);
    const to = ['-keyout', file(`${name}.key`), '-out', file(`${name}.crt`)];
    await run('openssl', [...fresh, '-subj', `/CN=${name}`, ...issuer, ...added, ...to]);
  };
  try {
    await issue('ca', ['keyUsage=critical,keyCertSign']);
    const byCa = ['-CA', file('ca.crt'), '-CAkey', file('ca.key')];
    await issue('server', [...leaf, `subjectAltName=DNS:${serverName}`], byCa);
    await issue('client', leaf, byCa);
    const ca = await readFile(file('ca.crt'), 'utf8');
    const side = async (name: string): Promise<SecureContextOptions> => ({
      ca,
      cert: await readFile(file(`${name}.crt`), 'utf8'),
      key: await readFile(file(`${name}.key`), 'utf8'),
      minVersion: 'TLSv1.3',
      maxVersion: 'TLSv1.3',
      ciphers: 'TLS_AES_256_GCM_SHA384',
      sigalgs: 'ecdsa_secp256r1_sha256',
    });
    return { server: await side('server'), client: await side('client') };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
