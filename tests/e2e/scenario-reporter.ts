import { styleText } from 'node:util';
import { renderTable } from '../../cli/table.ts';

/** The part of Jest's result of a test that is read here. */
interface TestCase {
  readonly ancestorTitles: readonly string[];
  readonly title: string;
  readonly status: string;
  /** In ms. */
  readonly duration?: number | null;
  readonly failureMessages: readonly string[];
}

interface Results {
  readonly testResults: readonly { readonly failureMessage?: string | null }[];
}

/** A scenario is what is described at the top level. */
interface Scenario {
  passed: number;
  failed: number;
  /** From the end of the scenario before to its own, in ms. */
  took: number;
}

/** Jest's reporter: a line for each test while they run, then what went wrong, and a table of the scenarios. */
export function ScenarioReporter() {
  const scenarios = new Map<string, Scenario>();
  let latest = performance.now();

  function onTestCaseResult(_: unknown, test: TestCase): void {
    if (test.status !== 'passed' && test.status !== 'failed') return;
    const [name = test.title] = test.ancestorTitles;
    const scenario = scenarios.get(name) ?? { passed: 0, failed: 0, took: 0 };
    scenario[test.status]++;
    scenario.took += performance.now() - latest;
    latest = performance.now();
    scenarios.set(name, scenario);
    const mark = test.status === 'passed' ? styleText('green', '✔') : styleText('red', '✘');
    const title = [...test.ancestorTitles, test.title].join(' › ');
    console.log(`${mark} ${title} ${styleText('dim', `${Math.round(test.duration ?? 0)} ms`)}`);
  }

  function onRunComplete(_: unknown, { testResults }: Results): void {
    for (const { failureMessage } of testResults) if (failureMessage) console.log(failureMessage);
    console.log(scenarios.size > 0 ? `\n${tableOf(scenarios)}` : 'No scenario was played.');
  }

  /** Lets Jest fail if nothing was tested, which it does not mind. */
  function getLastError(): Error | undefined {
    return scenarios.size > 0 ? undefined : new Error('No scenario was played');
  }

  return { onTestCaseResult, onRunComplete, getLastError };
}

function tableOf(scenarios: ReadonlyMap<string, Scenario>): string {
  const rows = Array.from(scenarios, ([name, { passed, failed, took }]) => [
    name,
    failed > 0
      ? styleText('red', `${failed} of ${passed + failed} failed`)
      : styleText('green', `${passed} passed`),
    String(Math.round(took)),
  ]);
  const all = [...scenarios.values()].reduce((sum, { took }) => sum + took, 0);
  return renderTable([
    ['Scenario', 'Tests', 'Milliseconds'],
    ...rows,
    ['In all', '', String(Math.round(all))],
  ]);
}
