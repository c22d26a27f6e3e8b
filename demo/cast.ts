import { ACCOUNT } from '../emulators/client.ts';
import type { RoleSession } from '../emulators/cloudtrail.ts';

/** The access keys of those who call AWS in the demo. */
export const ADMIN = 'ASIAEXAMPLEADMIN';
export const APP = 'ASIAEXAMPLEAPP';
export const REPORT = 'ASIAEXAMPLEREPORT';
export const NOTIFIER = 'ASIAEXAMPLENOTIFIER';

export const callers = {
  [ADMIN]: {
    account: ACCOUNT,
    role: 'platform-admin',
    session: 'ada',
    sourceIPAddress: '198.51.100.7',
  },
  [APP]: {
    account: ACCOUNT,
    role: 'app-server',
    session: 'i-0abc1234def567890',
    sourceIPAddress: '203.0.113.24',
    userAgent: 'payments-api/4.2.0',
  },
  [REPORT]: {
    account: ACCOUNT,
    role: 'nightly-report',
    session: 'run-4711',
    sourceIPAddress: '203.0.113.99',
    userAgent: 'report/1.3.0',
  },
  [NOTIFIER]: {
    account: ACCOUNT,
    role: 'deleted-secret-notifier',
    session: 'deleted-secret-notifier-dev-notify',
    sourceIPAddress: '192.0.2.10',
  },
} satisfies Record<string, RoleSession>;
