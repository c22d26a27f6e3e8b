import { identifier } from '../../text.ts';
import { notLookedUp, replicaRow } from '../deletion-text.ts';
import type { NoticeSecret } from '../notice.ts';
import { type Tag, tagsText } from '../tags.ts';
import { copyableName, copyableStart } from './markdown.ts';

/** How long a value may be, in characters: a screen of a phone has some 40 in a line. */
const MAX_VALUE = 400;

/** `- *Owner:* payments (tag owner)`, of any text; none without a value. `*…*` is bold in Slack, and stands out in Teams. */
export function row(label: string, value: string | undefined): string[] {
  return value ? [`- *${label}:* ${copyableStart(value, MAX_VALUE)}`] : [];
}

/** Which secret it is, and where. */
export function secretRows({ name, accountId, region }: NoticeSecret, callerAccount?: string) {
  const isForeign = callerAccount && accountId && callerAccount !== accountId;
  const account = accountId && `account ${identifier(accountId, 64)}`;
  const where = [account, region && identifier(region, 64)].filter(Boolean).join(', ');
  const beside = isForeign ? `; the caller's account is ${identifier(callerAccount, 64)}` : '';
  return [
    `- *Secret:* ${name ? copyableName(name) : 'not named in the record'}`,
    ...row('Where', where + beside),
  ];
}

/** Whose it is, what took its place, where else it is, who manages it; why nobody could look. */
export function knownRows(secret: NoticeSecret) {
  const { owners, replacements, owningService, elsewhere } = secret;
  return [
    ...tagRow('Owner', owners),
    ...tagRow('Replaced by', replacements),
    ...row(...replicaRow(secret)),
    ...row('Managed by', owningService && `${owningService}, which may refuse a restore`),
    ...row('Looked up', notLookedUp(elsewhere)),
  ];
}

const tagRow = (label: string, tags: readonly Tag[]) => row(label, tagsText(tags));
