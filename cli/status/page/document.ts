import { type Html, html } from './html.ts';
import { STYLES } from './styles.ts';

/** Nothing but the page's own styles may load or run. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** A self-contained page. */
export function renderDocument({
  title,
  header,
  main,
  footer,
}: {
  readonly title: string;
  readonly header: Html;
  readonly main: Html;
  readonly footer: Html;
}): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${STYLES}</style>
</head>
<body>
<header>
${header}
</header>
<main>${main}</main>
<footer class="fine">
${footer}
</footer>
</body>
</html>
`.markup;
}
