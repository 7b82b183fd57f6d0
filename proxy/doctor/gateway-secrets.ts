// The gateway's own files: its key, its directory, and the certificate for
// clients without SIMPP.

import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Crypto } from '../../shared/crypto/provider.ts';
import { asSimppError } from '../../shared/errors.ts';
import { directoryMigrations } from '../gateway/directory/schema.ts';
import { readGatewayKey } from '../gateway/key-file.ts';
import type { GatewayOptions } from '../gateway/options.ts';
import { expiryOf } from './certificate.ts';
import { inspectDatabase } from './database-file.ts';
import { findings, shellWord, type Finding } from './finding.ts';
import { checkPrivateFiles } from './private-files.ts';

const key = findings('gateway-key');
const directory = findings('directory');
const certificate = findings('own-certificate');

/** gateway.key, against the profile of gateway.toml. */
export function checkGatewayKey(file: string, profile: string, crypto: Crypto): Finding[] {
  const open = checkPrivateFiles([file], key);
  if (open.length > 0) return open;
  const restore = `restore ${file} from your backup   # a new key ends all invites`;
  try {
    const read = readGatewayKey(file, crypto);
    if (read === undefined) return [key.problem(`There is no ${file}.`, restore)];
    if (read.profile === profile) return [key.ok(`${file} is yours alone, profile ${profile}.`)];
    const text = `${file} is of the profile ${read.profile}, gateway.toml asks for ${profile}.`;
    return [key.problem(text, `profile = "${read.profile}"   # in gateway.toml`)];
  } catch (error) {
    return [key.problem(asSimppError(error).message, restore)];
  }
}

/** gateway.db, which a running gateway holds. */
export function checkDirectory(file: string, isRunning: boolean): Finding[] {
  if (isRunning) return [directory.ok(`The running gateway uses ${file}.`)];
  return inspectDatabase(file, directory, (opened) => {
    const hasHistory = opened.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'directory_migration'").get();
    if (hasHistory === undefined) return [directory.ok(`${file} is new.`)];
    const done = opened
      .prepare('SELECT name FROM directory_migration')
      .all()
      .map((row) => String(row['name']));
    const unknown = done.filter((name) => !directoryMigrations.includes(name));
    if (unknown.length > 0) {
      const text = `${file} was written by a newer simpp (it has had ${unknown.join(', ')}).`;
      return [directory.problem(text, 'simpp --version   # then install the newer one')];
    }
    const age = done.length < directoryMigrations.length ? '; the next start brings its tables up to date' : '';
    return [directory.ok(`${file} is whole${age}.`)];
  });
}

/** tls_cert and tls_key; `now` in milliseconds since 1970. */
export function checkOwnCertificate({ tls, domains }: GatewayOptions, now: number): Finding[] {
  if (tls === undefined) return [];
  const { certFile, keyFile } = tls;
  const renew = `certbot renew   # then: systemctl reload simpp-gateway`;
  try {
    const leaf = new X509Certificate(readFileSync(certFile));
    if (!leaf.checkPrivateKey(createPrivateKey(readFileSync(keyFile)))) {
      return [certificate.problem(`${keyFile} is not the key of ${certFile}.`, `tls_key = "…"   # in gateway.toml`)];
    }
    const foreign = domains.filter((domain) => leaf.checkHost(domain) === undefined);
    const names = foreign.map((domain) =>
      certificate.problem(
        `${certFile} is not for ${domain}: it names ${(leaf.subjectAltName ?? 'nobody').replaceAll('DNS:', '').slice(0, 100)}.`,
        `certbot certonly ${domains.map((each) => `-d ${shellWord(each)}`).join(' ')}`,
      ),
    );
    return [...names, expiryOf(certFile, leaf.validToDate.getTime(), now, renew, certificate)];
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'no PEM';
    return [
      certificate.problem(
        `${certFile} or ${keyFile} cannot be used (${reason}).`,
        `ls -l ${shellWord(certFile)} ${shellWord(keyFile)}`,
      ),
    ];
  }
}
