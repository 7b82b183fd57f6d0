// How a verification by six digits stands, in words for the command line.
import type { VerificationFacts } from '../../endtoend/desk.ts';

const attemptsAtFirst = 3;

/** Whether it has come to an end without a result. */
export function isEnded({ state }: Pick<VerificationFacts, 'state'>): boolean {
  return state === 'failed' || state === 'over';
}

/** What to do now. */
export function verificationText({ contact, state, ours, attemptsLeft }: VerificationFacts): string {
  switch (state) {
    case 'asked':
      return `${contact} has been asked. Call them: they verify you in the same way. Then go on here: simpp verify ${contact}`;
    case 'comparing':
      return [
        ...(attemptsLeft === undefined || attemptsLeft >= attemptsAtFirst
          ? []
          : [`That is not what ${contact} sees. Tries left: ${attemptsLeft}.`]),
        `Tell ${contact} these six digits, by voice: ${ours ?? ''}`,
        `Then type the six that they tell you: simpp verify ${contact} DIGITS`,
      ].join('\n');
    case 'confirmed':
      return `${contact} is verified.${ours === undefined ? '' : ` If they have not typed your digits yet: ${ours}`}`;
    case 'failed':
      return `The verification with ${contact} failed; nothing was verified. Somebody may be in between: compare the 60 digits.`;
    case 'over':
      return `The verification with ${contact} is over; nothing was verified. To begin again: simpp verify ${contact}`;
  }
}
