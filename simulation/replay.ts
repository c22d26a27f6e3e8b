import { judge, readDeadLetter } from '../cli/replay/dead-letter.ts';
import type { Stack } from '../cli/service.ts';
import { ACCOUNT, REGION } from '../emulators/client.ts';
import type { Lambda } from '../emulators/lambda.ts';
import type { Template } from '../emulators/template.ts';
import { NotifierError } from '../lib/errors.ts';
import type { OutputName } from '../stack/stack.ts';

/** A dead letter as `npm run replay` takes it: its event, and the functions that it invokes with that. */
export interface Replay {
  readonly event: unknown;
  readonly lambdas: readonly Lambda[];
  /** Whether a queue has given it up, and no function's retries. */
  readonly isOfQueue: boolean;
}

/**
 * Reads dead letters as `npm run replay` does, which goes by the stack's outputs.
 * @param lambdas by logical id
 * @returns what reads the body of one. @throws Error for what is no event of this service.
 */
export function openReplay(
  template: Template,
  lambdas: ReadonlyMap<string, Lambda>,
): (body: unknown) => Replay {
  const findOutput = (name: OutputName) => lambdas.get(template.Outputs?.[name]?.Value.Ref)?.name;
  const stack: Stack = {
    name: 'storm',
    accountId: ACCOUNT,
    region: REGION,
    findOutput,
    output(name) {
      const value = findOutput(name);
      if (value) return value;
      throw new NotifierError('NO_STACK', `Expected the template to have the output ${name}.`);
    },
  };
  return (body) => {
    const text = JSON.stringify(body);
    const judged = judge(text, stack);
    if (judged.kind !== 'ours') throw new Error(`Expected a dead letter of ours, got ${text}`);
    const { event, functionNames } = judged;
    const named = [...lambdas.values()].filter(({ name }) => functionNames.includes(name));
    return { event, lambdas: named, isOfQueue: readDeadLetter(text)?.arn === undefined };
  };
}
