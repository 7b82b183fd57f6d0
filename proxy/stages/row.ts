// The row of stages of a session, from the client to the server. A new stage
// is added here, at the place where it must see the stream.
import { accountNamed, prepared, type Choice } from '../setup-table.ts';
import { bindStage } from './bind.ts';
import { featuresStage } from './features.ts';
import { headerStage } from './header.ts';
import { passwordStage } from './password.ts';
import { registeringStage } from './registering.ts';
import { resumableStage } from './resumable.ts';
import { saslStage } from './sasl.ts';
import { running, type RunningStage } from './stage.ts';
import { takeoverStage } from './takeover.ts';

export interface RowFacts {
  readonly choice: Choice;
  /** Whose login ended at the proxy; undefined when logins are relayed. */
  readonly account: string | undefined;
  /** The upstream leg is encrypted. */
  readonly isEncrypted: boolean;
  /** The upstream is a guest's channel that can be enrolled. */
  readonly canEnrol: boolean;
}

export function stageRow({ choice, account, isEncrypted, canEnrol }: RowFacts): readonly RunningStage[] {
  const { domain } = choice;
  return [
    running(headerStage({ withFrom: isEncrypted, domain })),
    running(featuresStage),
    ...(account === undefined
      ? [
          running(
            takeoverStage({
              hasOurs: choice.ended.size > 0,
              isOurs: (name) => accountNamed(choice, name) !== undefined,
            }),
          ),
          running(registeringStage),
          running(saslStage),
        ]
      : [running(passwordStage({ account, domain, prepare: prepared }))]),
    running(bindStage({ domain, relaysLogin: account === undefined, canEnrol })),
    running(resumableStage),
  ];
}
