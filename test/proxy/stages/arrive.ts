// Parts for stages, written as XML.
import { utf8 } from '../../../shared/bytes.ts';
import type { Bindings } from '../../../shared/xml/tag.ts';
import { ns } from '../../../shared/xmpp/namespaces.ts';
import { Arrival } from '../../../proxy/stages/arrival.ts';
import type { Side } from '../../../proxy/relay-end.ts';
import type { Effect, Stage } from '../../../proxy/stages/stage.ts';

const scope: Bindings = new Map([
  ['', ns.client],
  ['stream', ns.streams],
]);

/** An element as it comes from a side of an ordinary stream. */
export function element(from: Side, xml: string): Arrival {
  return new Arrival(from, { kind: 'element', bytes: utf8(xml) }, scope);
}

/** The effects of the last of these arrivals, each seen in the state that the one before left. */
export function lastEffects<State>(stage: Stage<State>, arrivals: readonly Arrival[]): readonly Effect[] {
  let { initial: state } = stage;
  let effects: readonly Effect[] = [];
  for (const each of arrivals) ({ state, effects } = stage.step(state, each));
  return effects;
}
