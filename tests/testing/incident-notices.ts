import { remedyOf } from '../../lib/notice/commands.ts';
import type {
  CallerNews,
  IncidentNotice,
  IncidentNoticeKind,
} from '../../lib/notice/incident-notice.ts';
import type { NoticeSecret } from '../../lib/notice/notice.ts';
import { ACCOUNT, attempt, cancellation, deletion, NOW, SECRET_ARN } from './attempts.ts';

const secret: NoticeSecret = {
  id: SECRET_ARN,
  name: 'prod/db/password',
  accountId: ACCOUNT,
  region: 'eu-west-1',
  partition: 'aws',
  owners: [{ key: 'owner', value: 'payments' }],
  replacements: [{ key: 'replaced-by', value: 'prod/db/credentials' }],
};

const appServer: CallerNews = {
  callerKey: `arn:aws:iam::${ACCOUNT}:role/app-server`,
  callerName: 'role app-server',
  isNew: false,
  count: 3,
  first: new Date('2026-11-22T17:01:00Z'),
  last: new Date('2026-11-22T17:03:00Z'),
  addresses: ['10.0.3.7', '10.0.3.8'],
  sessions: ['i-0abc'],
};
const pending = {
  state: 'pending',
  schedule: { kind: 'exact', date: deletion().date },
  deletion: deletion(),
} as const;
const none = { attempts: 0, callers: 0, muted: 0, ignored: 0, isLeast: false };

const common = {
  severity: 'warning',
  now: NOW,
  incident: '0123456789abcdef0123456789abcdef',
  secret,
  state: pending,
  callers: [appServer],
  muted: [],
  counts: { ...none, attempts: 3, callers: 1 },
  remedy: remedyOf('restore', secret),
} as const;

const alert = {
  ...common,
  attempt: attempt(),
  action: { kind: 'none' },
  perhapsByUs: false,
  callers: [{ ...appServer, isNew: true, count: 1, first: appServer.last }],
  counts: { ...none, attempts: 1, callers: 1 },
} as const;

/** A notice of each kind, of `prod/db/password` in an account and Region of the stack's own. */
export const NOTICES: Readonly<Record<IncidentNoticeKind, IncidentNotice>> = {
  opened: {
    ...alert,
    kind: 'opened',
    id: `alert/${common.incident}/6b5c2f0e9d8a47134c1be2a07f3d9586`,
  },
  caller: {
    ...alert,
    kind: 'caller',
    id: `alert/${common.incident}/d04f7a1c3e5b69282f6d8e90b1a7c354`,
  },
  digest: {
    ...common,
    kind: 'digest',
    id: 'digest/0123456789abcdef',
    muted: [{ by: 'alice', reason: 'known, is being migrated', count: 2, news: 2 }],
    counts: { attempts: 3, callers: 1, muted: 2, ignored: 4, isLeast: true },
  },
  'last-call': { ...common, kind: 'last-call', id: 'last-call/0123456789abcdef' },
  over: {
    ...common,
    kind: 'over',
    id: 'over/0123456789abcdef',
    severity: 'critical',
    now: new Date('2026-11-29T15:05:00Z'),
  },
  resolved: {
    ...common,
    kind: 'resolved',
    id: 'resolved/0123456789abcdef',
    severity: 'notice',
    state: { state: 'restored', cancellation: cancellation() },
    remedy: undefined,
  },
  gone: {
    ...common,
    kind: 'gone',
    id: 'gone/0123456789abcdef',
    severity: 'critical',
    state: { state: 'gone', deletion: deletion() },
    remedy: undefined,
  },
  announced: {
    ...common,
    kind: 'announced',
    id: `announced/${deletion().id}`,
    severity: 'notice',
    change: deletion(),
    lastUsed: '2026-11-20',
    callers: [],
    counts: none,
  },
  clash: {
    ...common,
    kind: 'clash',
    id: 'clash/0123456789abcdef',
    clash: {
      caller: deletion().requestedBy,
      tool: 'terraform',
      sourceAddress: '198.51.100.9',
      userAgent: 'APN/1.0 HashiCorp/1.0 Terraform/1.13.0 terraform-provider-aws/6.0.0',
      first: new Date('2026-11-22T16:55:00Z'),
      last: new Date('2026-11-22T16:59:00Z'),
      count: 2,
      isLeast: false,
      isWatched: true,
    },
  },
};

export const KINDS = Object.keys(NOTICES) as IncidentNoticeKind[];
