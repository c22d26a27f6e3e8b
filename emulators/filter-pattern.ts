/**
 * Whether a filter pattern of CloudWatch Logs, of a metric filter or a subscription filter, passes a log event of JSON: for
 * the operators that this project's patterns use, which are `=`, `EXISTS`, `NOT EXISTS`, `&&` and `||`.
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 * @throws Error for any other operator, whatever the event: it must never seem to pass it, or not to.
 */
export function passes(pattern: string, message: string): boolean {
  const test = compile(pattern);
  try {
    return test(JSON.parse(message));
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

type Test = (event: unknown) => boolean;

const TOKEN = /\s*("(?:[^"\\]|\\.)*"|&&|\|\||!=|<=|>=|[{}()=<>]|NOT EXISTS|[^\s"&|(){}=<>!]+)/y;

function compile(pattern: string): Test {
  const tokens = tokensOf(pattern);

  function take(expected: string): void {
    const token = tokens.shift();
    if (token !== expected) throw unknown(`expected ${expected}, got ${token}`);
  }

  /** AND binds tighter than OR. */
  function any(): Test {
    const tests = [all()];
    while (tokens[0] === '||') {
      tokens.shift();
      tests.push(all());
    }
    return (event) => tests.some((test) => test(event));
  }

  function all(): Test {
    const tests = [one()];
    while (tokens[0] === '&&') {
      tokens.shift();
      tests.push(one());
    }
    return (event) => tests.every((test) => test(event));
  }

  function one(): Test {
    const token = tokens.shift() ?? '';
    if (token === '(') {
      const test = any();
      take(')');
      return test;
    }
    if (!/^\$(\.\w+)+$/.test(token)) throw unknown(`expected a property, got ${token}`);
    const keys = token.split('.').slice(1);
    const operator = tokens.shift();
    if (operator === 'EXISTS') return (event) => propertyOf(event, keys) !== undefined;
    if (operator === 'NOT EXISTS') return (event) => propertyOf(event, keys) === undefined;
    if (operator !== '=') throw unknown(`the operator ${operator}`);
    const text = tokens.shift() ?? '';
    if (text.startsWith('%')) throw unknown(`the regular expression ${text}`);
    const wanted = wildcard(text);
    return (event) => {
      const value = propertyOf(event, keys);
      return typeof value === 'string' && wanted.test(value);
    };
  }

  function unknown(what: string): Error {
    return new Error(`Unknown filter pattern: ${what}, in ${pattern}`);
  }

  take('{');
  const test = any();
  take('}');
  if (tokens.length > 0) throw unknown(`${tokens[0]} behind its end`);
  return test;
}

function tokensOf(pattern: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < pattern.trimEnd().length) {
    const token = TOKEN.exec(pattern)?.[1];
    if (token === undefined) throw new Error(`Unknown filter pattern: ${pattern}`);
    tokens.push(token);
  }
  return tokens;
}

function propertyOf(event: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as Record<string, unknown>)[key]
        : undefined,
    event,
  );
}

/** The text in a pattern, in quotes or not; `*` stands for any characters. */
function wildcard(text: string): RegExp {
  const plain = text.replace(/^"(.*)"$/s, '$1').replace(/\\(.)/gs, '$1');
  const source = plain.split('*').map((part) => part.replace(/[$()+.?[\\\]^{|}]/g, '\\$&'));
  return new RegExp(`^${source.join('.*')}$`, 's');
}
