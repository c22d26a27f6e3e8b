/**
 * When these prices were looked up: on copies of AWS's pages and, where a page fills its numbers in by a script (Lambda,
 * DynamoDB), in articles of 2025 and 2026 that quote them.
 */
export const PRICES_OF = '2026-11-24';

/** Where they hold. */
export const PRICES_REGION = 'us-east-1';

/** A list price in US dollars. */
export interface Price {
  readonly dollars: number;
  /** For how many units. */
  readonly per: number;
  /** AWS's page of it. */
  readonly page: string;
}

/**
 * AWS's list prices, the first tier of each, without the free tier. Those of EventBridge are left out: events of AWS
 * itself and rules on a schedule cost nothing (https://aws.amazon.com/eventbridge/pricing/).
 */
export const PRICES = {
  /** On arm64. */
  lambdaGbSeconds: {
    dollars: 0.0000133334,
    per: 1,
    page: 'https://aws.amazon.com/lambda/pricing/',
  },
  lambdaRequests: { dollars: 0.2, per: 1e6, page: 'https://aws.amazon.com/lambda/pricing/' },
  /** On demand; of a write unit up to 1 KB. */
  tableWriteUnits: {
    dollars: 0.625,
    per: 1e6,
    page: 'https://aws.amazon.com/dynamodb/pricing/on-demand/',
  },
  /** A month, of table and index. */
  tableGb: { dollars: 0.25, per: 1, page: 'https://aws.amazon.com/dynamodb/pricing/on-demand/' },
  /** A month, of point-in-time recovery. */
  backupGb: { dollars: 0.2, per: 1, page: 'https://aws.amazon.com/dynamodb/pricing/on-demand/' },
  secretsManagerCalls: {
    dollars: 0.05,
    per: 10_000,
    page: 'https://aws.amazon.com/secrets-manager/pricing/',
  },
  snsPublications: { dollars: 0.5, per: 1e6, page: 'https://aws.amazon.com/sns/pricing/' },
  emails: { dollars: 2, per: 100_000, page: 'https://aws.amazon.com/sns/pricing/' },
  logGb: { dollars: 0.5, per: 1, page: 'https://aws.amazon.com/cloudwatch/pricing/' },
  /** A month. */
  logStorageGb: { dollars: 0.03, per: 1, page: 'https://aws.amazon.com/cloudwatch/pricing/' },
  metrics: { dollars: 0.3, per: 1, page: 'https://aws.amazon.com/cloudwatch/pricing/' },
  alarms: { dollars: 0.1, per: 1, page: 'https://aws.amazon.com/cloudwatch/pricing/' },
  dashboards: { dollars: 3, per: 1, page: 'https://aws.amazon.com/cloudwatch/pricing/' },
} as const satisfies Record<string, Price>;

export type PriceName = keyof typeof PRICES;

/** What is not measured but assumed, on the high side. */
export const ASSUMED = {
  /** How long a call of AWS takes, in ms. */
  callMs: 10,
  /** What Lambda itself logs of a run, in bytes: its start and its report, as JSON. */
  platformLogBytes: 700,
};

/**
 * The memory that comes with one whole processor, in MB.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
 */
export const MB_OF_ONE_CPU = 1769;
