import type { Html } from './html.ts';

/**
 * The page's styles: system fonts only, light and dark, on a phone and on paper. Each colour has a shape or a word
 * beside it.
 */
export const STYLES: Html = {
  markup: `
:root {
  --page: #f4f5f7; --card: #fff; --ink: #17202b; --soft: #56626f; --line: #dde2e8; --track: #e6eaef;
  --critical: #b3231a; --warning: #945300; --notice: #245f9e; --fine: #1c6b49;
  --critical-wash: #fdecea; --warning-wash: #fdf1df; --fine-wash: #e5f4ec; --notice-wash: #e7f0fa;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0e1318; --card: #171d25; --ink: #e9eef3; --soft: #a0acb8; --line: #2b343f; --track: #2a323c;
    --critical: #ff8f85; --warning: #f2b450; --notice: #84b9f4; --fine: #72d0a4;
    --critical-wash: #3a1d1c; --warning-wash: #35281a; --fine-wash: #17312a; --notice-wash: #1a2b3e;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; max-width: 70rem; padding: 2.5rem 1.5rem 3rem; background: var(--page); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
  font-variant-numeric: tabular-nums;
}
p, h1, dl, dd, ul, pre { margin: 0; }
code, pre, .name { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
h1 { font-size: clamp(1.6rem, 4.5vw, 2.3rem); line-height: 1.15; letter-spacing: -.02em; text-wrap: balance; }
.fine { color: var(--soft); font-size: .85rem; }
.date { white-space: nowrap; }
.where { margin-bottom: .35rem; }

.tiles { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.5rem 0 0; padding: 0; list-style: none; }
.tiles li { flex: 1 1 9rem; padding: .8rem 1rem; background: var(--card); border: 1px solid var(--line); border-radius: .75rem; }
.tiles strong { display: block; font-size: 1.9rem; line-height: 1.1; font-weight: 650; }
.tiles p { display: flex; align-items: center; gap: .45rem; color: var(--soft); }

table { display: block; margin-top: 1.5rem; }
thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.secret {
  display: block; margin-top: 1rem; padding: 1.25rem 1.4rem 1.1rem; background: var(--card);
  border: 1px solid var(--line); border-left: 5px solid var(--notice); border-radius: .75rem; break-inside: avoid;
}
.secret.warning { border-left-color: var(--warning); }
.secret.critical { border-left-color: var(--critical); }
.secret.calm { border-left-color: var(--fine); }
.secret tr { display: grid; grid-template-columns: minmax(0, 1.4fr) minmax(0, 1.15fr) minmax(0, 1fr); gap: 0 2rem; }
.secret th, .secret td { padding: 0; text-align: left; font-weight: 400; min-width: 0; }
.secret .more { grid-column: 1 / -1; }
.name { display: block; font-size: 1.05rem; font-weight: 650; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .1rem .75rem; margin-top: .5rem; font-size: .85rem; }
dt { color: var(--soft); }
dd { overflow-wrap: anywhere; }

.left { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 .6rem; }
.left strong { font-size: 1.05rem; font-weight: 650; }
.severity { font-size: .75rem; font-weight: 650; letter-spacing: .06em; text-transform: uppercase; }
.warning .severity { color: var(--warning); }
.critical .severity { color: var(--critical); }
.bar { display: flex; height: .6rem; margin: .45rem 0 .1rem; background: var(--track); border-radius: .3rem; overflow: hidden; }
.bar span { --colour: var(--notice); }
.warning .bar span { --colour: var(--warning); }
.critical .bar span { --colour: var(--critical); }
.calm .bar span { --colour: var(--fine); }
.scale { position: relative; height: 1.2rem; font-size: .75rem; }
.scale span { position: absolute; transform: translateX(-50%); }
.scale span:first-child { transform: none; }
.scale span:last-child { transform: translateX(-100%); white-space: nowrap; }
.sure { background: var(--colour); }
.unsure { background: repeating-linear-gradient(135deg, var(--colour) 0 2px, transparent 2px 6px); }

.badge {
  display: inline-flex; align-items: center; gap: .5rem; margin-bottom: .3rem; padding: .15rem .75rem .15rem .6rem;
  border-radius: 1rem; font-size: .95rem; font-weight: 600;
}
.badge.in-use { background: var(--critical-wash); color: var(--critical); }
.badge.quiet { background: var(--warning-wash); color: var(--warning); }
.badge.too-soon { background: var(--notice-wash); color: var(--notice); }
.badge.never { background: var(--fine-wash); color: var(--fine); }
.mark { flex: none; width: .7rem; height: .7rem; border: 2px solid; border-radius: 50%; }
.in-use .mark { color: var(--critical); background: currentcolor; }
.quiet .mark { color: var(--warning); background: linear-gradient(90deg, currentcolor 50%, transparent 50%); }
.never .mark { color: var(--fine); }
.too-soon .mark { color: var(--notice); border-style: dotted; }

.timeline {
  display: grid; grid-template-columns: minmax(7rem, 14rem) minmax(0, 1fr); gap: .35rem 1rem; align-items: center;
  margin-top: 1rem; padding-top: .9rem; border-top: 1px solid var(--line);
}
.caller { overflow-wrap: anywhere; font-size: .9rem; line-height: 1.3; }
.caller .fine { white-space: nowrap; }
.lane {
  position: relative; height: 1.7rem; border-bottom: 1px solid var(--soft); overflow: hidden;
  background-image: linear-gradient(90deg, var(--line) 1px, transparent 1px);
}
.tick { position: absolute; bottom: 0; min-width: 3px; max-width: .5rem; min-height: 3px; background: var(--ink); border-radius: 2px 2px 0 0; }
.unknown { position: absolute; inset: 0 auto 0 0; background: repeating-linear-gradient(135deg, var(--line) 0 2px, transparent 2px 7px); }
.others { grid-column: 1 / -1; }
.heights { grid-column: 2; font-size: .75rem; }
.axis { grid-column: 2; display: flex; justify-content: space-between; gap: 1rem; }

.accounts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 18rem), 1fr)); gap: .25rem 1.5rem; margin: 1.5rem 0 0; padding: 0; list-style: none; }
.accounts li { padding: .5rem 0; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
a { color: var(--notice); }
.used { color: var(--critical); }
.called { color: var(--soft); font-weight: 400; overflow-wrap: anywhere; }
.account { margin-top: 2.5rem; }
h2 { margin: 0; font-size: 1.3rem; line-height: 1.25; }
h3 { margin: .9rem 0 0; color: var(--soft); font-size: 1rem; font-weight: 600; }
.account table { margin-top: 0; }
.unread { margin-top: 2.5rem; }
.unread p { margin-top: .6rem; }
.unread ul { margin-top: .3rem; padding-left: 1.2rem; color: var(--soft); font-size: .9rem; columns: 20rem; overflow-wrap: anywhere; }

details { margin-top: .9rem; font-size: .9rem; }
summary { width: fit-content; color: var(--soft); cursor: pointer; }
pre {
  margin-top: .5rem; padding: .7rem .9rem; background: var(--page); border-radius: .5rem; font-size: .8rem;
  white-space: pre-wrap; overflow-wrap: anywhere;
}
.empty {
  margin-top: 1.5rem; padding: 3.5rem 1.5rem; background: var(--card); border: 1px dashed var(--line);
  border-radius: .75rem; color: var(--soft); text-align: center;
}
.empty strong { display: block; color: var(--ink); font-size: 1.25rem; }
footer { margin-top: 1.75rem; }
footer p + p { margin-top: .4rem; }

@media (max-width: 46rem) {
  body { padding: 1.5rem 1rem 2rem; }
  .secret { padding: 1rem; }
  .secret tr { grid-template-columns: minmax(0, 1fr); gap: 1rem; }
  .tiles { gap: .5rem; }
  .tiles li { flex-basis: 40%; padding: .6rem .75rem; font-size: .85rem; }
  .timeline { grid-template-columns: minmax(0, 1fr); gap: .15rem; }
  .axis, .heights { grid-column: 1; }
  .lane + .caller { margin-top: .5rem; }
}
@media print {
  :root {
    --page: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #ccc; --track: #eee;
    --critical: #b3231a; --warning: #945300; --notice: #245f9e; --fine: #1c6b49;
    --critical-wash: #fff; --warning-wash: #fff; --fine-wash: #fff; --notice-wash: #fff;
  }
  body { max-width: none; padding: 0; font-size: 10pt; }
  .bar, .bar span, .tick, .mark, .unknown, .lane { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  details { display: none; }
}
`,
};
