// Certificates for test servers, made by the openssl program: one CA per run and
// server certificates that are right, for another name, or expired.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
}

export interface IssueOptions {
  /** Until an hour ago. */
  readonly expired?: boolean;
  /** From in an hour. */
  readonly notYetValid?: boolean;
  /** How long it is good, instead of one day. */
  readonly days?: number;
}

const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** A certificate authority that nobody trusts but who is given its file. */
export class TestAuthority implements AsyncDisposable {
  readonly folder: string;
  #issued = 0;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(): Promise<TestAuthority> {
    const authority = new TestAuthority(await mkdtemp(join(tmpdir(), 'simpp-certs-')));
    const to = ['-keyout', join(authority.folder, 'ca.key'), '-out', authority.caFile];
    const extensions = ['-addext', 'keyUsage=critical,keyCertSign,cRLSign'];
    await run('openssl', ['req', '-x509', ...curve, '-days', '2', '-subj', '/CN=Test CA', ...extensions, ...to]);
    await writeFile(join(authority.folder, 'index.txt'), '');
    return authority;
  }

  /** PEM file of the CA's certificate. */
  get caFile(): string {
    return join(this.folder, 'ca.crt');
  }

  /** A server certificate for these DNS names; valid from yesterday, until tomorrow, unless the options say otherwise. */
  async issue(names: readonly string[], options: IssueOptions = {}): Promise<Certificate> {
    const base = join(this.folder, `server-${++this.#issued}`);
    const [certFile, keyFile, requestFile] = [`${base}.crt`, `${base}.key`, `${base}.csr`];
    await run('openssl', ['req', ...curve, '-subj', `/CN=${names[0] ?? ''}`, '-keyout', keyFile, '-out', requestFile]);
    await writeFile(`${base}.cnf`, this.#issuingConfig(names));
    const end = Date.now() + (options.expired ? -3_600_000 : (options.days ?? 1) * 86_400_000);
    const start = Date.now() + (options.notYetValid ? 3_600_000 : -86_400_000);
    const dates = ['-startdate', asn1Time(start), '-enddate', asn1Time(end)];
    const files = ['-config', `${base}.cnf`, '-in', requestFile, '-out', certFile];
    await run('openssl', ['ca', '-batch', '-notext', ...files, ...dates]);
    return { certFile, keyFile };
  }

  /** A server certificate for these DNS names that nobody has signed but itself. */
  async selfSigned(names: readonly string[]): Promise<Certificate> {
    const base = join(this.folder, `self-${++this.#issued}`);
    const [certFile, keyFile] = [`${base}.crt`, `${base}.key`];
    const subject = ['-subj', `/CN=${names[0] ?? ''}`, '-addext', `subjectAltName=${dnsNames(names)}`];
    await run('openssl', ['req', '-x509', ...curve, '-days', '2', ...subject, '-keyout', keyFile, '-out', certFile]);
    return { certFile, keyFile };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Only `openssl ca` takes dates in the past. */
  #issuingConfig(names: readonly string[]): string {
    return `[ca]
default_ca = issuer
[issuer]
database = ${join(this.folder, 'index.txt')}
new_certs_dir = ${this.folder}
certificate = ${this.caFile}
private_key = ${join(this.folder, 'ca.key')}
rand_serial = yes
unique_subject = no
default_md = sha256
policy = anything
x509_extensions = server
[anything]
commonName = supplied
[server]
basicConstraints = CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = ${dnsNames(names)}
`;
  }
}

function dnsNames(names: readonly string[]): string {
  return names.map((name) => `DNS:${name}`).join(',');
}

/** YYYYMMDDHHMMSSZ. */
function asn1Time(timeMs: number): string {
  return new Date(timeMs)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(/[-:T]/g, '');
}
