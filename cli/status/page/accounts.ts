import { MAX_WINDOW_DAYS } from '../../../lib/deletion/schedule.ts';
import { plural } from '../../../lib/time.ts';
import { type AccountStatus, accountName, secretsOf, unreadTexts } from '../accounts.ts';
import type { SecretStatus, Status } from '../status.ts';
import { leftText } from '../wording.ts';
import { type Html, html } from './html.ts';
import { secretRows } from './secret.ts';

/** The secrets as a table, the soonest deletion first. */
export function table(secrets: readonly SecretStatus[], status: Status): Html {
  return html`<table role="table">
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Secret</th><th role="columnheader" scope="col">Time left, of at most ${MAX_WINDOW_DAYS} days</th><th role="columnheader" scope="col">Can it go?</th></tr></thead>
${secrets.map((secret) => secretRows(secret, status))}
</table>`;
}

/** An overview of the accounts with pending secrets, and the secrets of each under its Regions. */
export function accountSections(accounts: readonly AccountStatus[], status: Status): Html {
  const affected = accounts.filter((account) => secretsOf(account).length > 0);
  return html`<nav aria-label="Accounts"><ul class="accounts">${affected.map((account) => overview(account, status.time))}</ul></nav>
${affected.map((account) => section(account, status))}`;
}

function overview(account: AccountStatus, now: Date): Html {
  const secrets = secretsOf(account);
  const inUse = secrets.filter(({ verdict }) => verdict.kind === 'in-use').length;
  const [soonest] = secrets;
  const used = inUse > 0 ? html`, <span class="used">${inUse} still in use</span>` : undefined;
  return html`<li><a href="#${anchor(account)}">${account.id}</a>${called(account)}
<p class="fine">${plural(secrets.length, 'secret')}${used}${soonest ? `, first: ${leftText(soonest, now)}` : ''}</p></li>`;
}

function section(account: AccountStatus, status: Status): Html {
  const regions = account.regions.filter(({ secrets }) => secrets.length > 0);
  return html`<section id="${anchor(account)}" class="account">
<h2>Account ${account.id}${called(account)}</h2>
${regions.map(({ region, secrets }) => html`<h3>Region ${region}</h3>${table(secrets, status)}`)}
</section>`;
}

const anchor = ({ id }: AccountStatus) => `account-${id}`;

function called(account: AccountStatus): Html | undefined {
  const name = accountName(account);
  return name ? html` <span class="called">${name}</span>` : undefined;
}

/** What could not be read; `undefined` if all was. */
export function unreadSection(accounts: readonly AccountStatus[]): Html | undefined {
  const unread = [...unreadTexts(accounts)];
  if (unread.length === 0) return undefined;
  return html`<section class="unread"><h2>Not read</h2>
${unread.map(([reason, lines]) => html`<p>Because ${reason}:</p><ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>`)}
</section>`;
}
