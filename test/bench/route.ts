// One path from a client to the server, and what is needed to measure it.
import type { Login } from './raw-client.ts';
import type { RouteName } from './routes.ts';

/** A process of a path, by what it is there: `proxy`, `gateway`, … */
export type Hops = Readonly<Record<string, number>>;

export interface Route {
  readonly name: RouteName;
  /** Where a client logs in, and as whom. */
  readonly login: Login;
  /** The processes between client and server, with their pids. */
  readonly hops: Hops;
  /** Where the other one logs in, if not straight at the server. */
  readonly farSide?: FarSide;
}

export interface FarSide {
  readonly login: Login;
  /** With both logged in: until each can encrypt for the other. */
  ready(): Promise<void>;
}

/** The server itself, to which every path leads. */
export interface Destination {
  readonly host: string;
  readonly port: number;
  readonly domain: string;
  readonly pid: number;
  /** PEM file of the CA of the server's certificate. */
  readonly caFile: string;
  /** PEM files of the server's certificate, which the byte tunnels use too. */
  readonly certFile: string;
  readonly keyFile: string;
}

/** How one path is laid: its processes end with the stack. */
export type Lay = (stack: AsyncDisposableStack, to: Destination) => Promise<Pick<Route, 'login' | 'hops' | 'farSide'>>;
