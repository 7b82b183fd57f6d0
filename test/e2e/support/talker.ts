// What every client in the topologies can do, however it is driven.
import type { Login } from './proxy-side.ts';

export interface Talker extends AsyncDisposable {
  /** Waits until the client shows this text from a contact. */
  hear(from: string, body: string): Promise<unknown>;
  /** What a person would see now, for the report of a failure. */
  shows(): Promise<string>;
  /** Sends it as a person would. */
  say(to: string, body: string): Promise<void>;
}

/** A client's login: resolves when the program is started; others see when it is online. */
export interface TalkerLogin extends Login {
  /** What the client calls itself. */
  readonly resource: string;
  /** Where the proxy has TLS for clients that insist on it. */
  readonly secure: SecurePlace;
}

export interface SecurePlace {
  readonly kind: 'STARTTLS' | 'direct TLS';
  readonly port: number;
  /** PEM of the proxy's own authority. */
  readonly authority: string;
}
