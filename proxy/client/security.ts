// How a listener's clients are protected on their way to the proxy, and the
// server's side of TLS (RFC 6120 §5, XEP-0368). Each listener has exactly one
// kind: where <starttls/> is shown it is required, where plaintext is meant it
// is never shown, since some clients upgrade as soon as they see it (testing.md).
import type { Duplex } from 'node:stream';
import { TLSSocket, type SecureContext } from 'node:tls';
import { SimppError } from '../../shared/errors.ts';

/** What to serve a client that asks for this name, by SNI or not at all. */
export type ContextFor = (serverName: string | undefined) => SecureContext;

export type ClientSecurity =
  { readonly kind: 'plaintext' } | { readonly kind: 'starttls' | 'tls'; readonly contextFor: ContextFor };

/** Takes TLS on a connection from which nothing is left to read; the handshake is under way. */
export function takeTls(stream: Duplex, contextFor: ContextFor, how: 'starttls' | 'tls'): TLSSocket {
  return new TLSSocket(stream, {
    isServer: true,
    secureContext: contextFor(undefined),
    SNICallback: (name, done) => {
      try {
        done(null, contextFor(name));
      } catch (error) {
        done(error as Error); // as: nothing else is thrown
      }
    },
    // XEP-0368 §2.3: for clients that ask; those that do not are taken, too.
    ...(how === 'tls' ? { ALPNProtocols: ['xmpp-client'] } : {}),
  });
}

/** Resolves when the handshake is over; throws SimppError that says who gave up and why. */
export async function handshakeDone(secured: TLSSocket): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onClose = (): void => reject(new Error('the client closed the connection'));
  secured.once('secure', resolve).once('error', reject).once('close', onClose);
  try {
    await promise;
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    if (!distrust.test(code)) throw new SimppError('tls-missing', 'The client did not complete TLS.', { cause });
    throw new SimppError(
      'certificate-invalid',
      'The client does not trust the certificate of this proxy; "simpp cert install" says how it comes to.',
      { cause },
    );
  } finally {
    secured.off('secure', resolve).off('error', reject).off('close', onClose);
  }
}

/** Alerts about our certificate (RFC 8446 §6.2). */
const distrust = /ALERT_(?:UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|UNSUPPORTED_CERTIFICATE|CERTIFICATE_EXPIRED)/;
