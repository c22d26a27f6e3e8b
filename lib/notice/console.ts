/**
 * Host of the console by partition; other partitions get no link.
 * Source: https://docs.aws.amazon.com/general/latest/gr/mgmt-console.html, and for the European Sovereign Cloud the
 * endpoints in https://docs.aws.eu.
 */
const CONSOLES: Readonly<Record<string, string>> = {
  aws: 'console.aws.amazon.com',
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
  'aws-eusc': 'console.amazonaws-eusc.eu',
};

/** Host of a Region's console; `undefined` for a partition whose console is not known. */
export function consoleHost(partition: string, region: string): string | undefined {
  const host = CONSOLES[partition];
  return host && `${region}.${host}`;
}
