/** The page's only style sheet. Colours are readable on light, dark and paper; no text is smaller than 12 pixels. */
export const STYLE = `
:root { color-scheme: light dark; --bg: #fff; --fg: #1d2330; --dim: #5a6273; --rule: #d8dce4; --card: #f5f6f9;
  --a: #1f6feb; --b: #8250df; --c: #bc4c00; --d: #cf222e; --good: #1a7f37; --bad: #cf222e; --soft: #9ec5fe;
  --heat1: #d6e6fb; --heat2: #a3c8f5; --heat3: #66a0e8; --heat4: #2d74cf; --heat5: #0b428f; --mark1: #f0883e;
  --mark2: #cf222e; }
@media (prefers-color-scheme: dark) { :root { --bg: #12151c; --fg: #e4e8f0; --dim: #9aa4b5; --rule: #333a47;
  --card: #1b202a; --a: #6cb0ff; --b: #c297ff; --c: #ff9a4d; --d: #ff7b72; --good: #56d364; --bad: #ff7b72;
  --soft: #23497d; --heat1: #17304f; --heat2: #1f4a7c; --heat3: #2f6db3; --heat4: #5b9be0; --heat5: #b3d7ff;
  --mark1: #f0883e; --mark2: #ff5f56; } }
@media print { :root { color-scheme: light; --bg: #fff; --fg: #000; --dim: #444; --rule: #bbb; --card: #fff; --a: #0b4fb3;
  --b: #5b2fb0; --c: #8f3a00; --d: #a40e26; --good: #116329; --bad: #a40e26; --soft: #b6d4fe;
  --heat1: #d6e6fb; --heat2: #a3c8f5; --heat3: #66a0e8; --heat4: #2d74cf; --heat5: #0b428f; --mark1: #f0883e;
  --mark2: #b3121d; }
  body { font-size: 11pt; } main { max-width: none; padding: 0; }
  figure, tr, .verdict, .tiles { break-inside: avoid; } h2, figcaption, caption { break-after: avoid; }
  details:not([open]) { display: none; } .key, .tiles div, .verdict { print-color-adjust: exact; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--fg); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .5rem; border-bottom: 1px solid var(--rule); padding-bottom: .25rem; }
p { margin: .25rem 0 .75rem; overflow-wrap: anywhere; }
.dim { color: var(--dim); }
.verdict { border-left: .4rem solid var(--good); background: var(--card); padding: .75rem 1rem; margin: 1rem 0; }
.verdict.bad { border-color: var(--bad); }
.verdict p:last-child { margin-bottom: 0; }
.result { font-size: 1.25rem; font-weight: 700; margin-bottom: .25rem; color: var(--good); }
.bad .result { color: var(--bad); }
.tiles { display: grid; grid-template-columns: repeat(3, 1fr); gap: .75rem; margin: 1rem 0; }
@media (min-width: 64rem) { .tiles { grid-template-columns: repeat(6, 1fr); } }
@media (max-width: 30rem) { .tiles { grid-template-columns: repeat(2, 1fr); } }
.tiles div { border: 1px solid var(--rule); border-radius: .4rem; padding: .6rem .8rem; }
.tiles dt { color: var(--dim); font-size: .875rem; }
.tiles dd { margin: 0; font-size: 1.25rem; font-weight: 600; font-variant-numeric: tabular-nums; line-height: 1.3; }
.tiles dd.dim { font-size: .875rem; font-weight: 400; }
.good { color: var(--good); font-weight: 600; }
.bad { color: var(--bad); font-weight: 600; }
.verdict.bad { color: inherit; font-weight: inherit; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 0 2rem; }
figure { margin: 0; }
figcaption { font-weight: 600; margin: 1rem 0 .25rem; }
svg { width: 100%; min-width: 38rem; height: auto; display: block; }
.pair svg { min-width: 20rem; }
svg svg { min-width: 0; }
.scroll { overflow-x: auto; }
.scroll:focus-visible { outline: 2px solid var(--a); }
table { border-collapse: collapse; min-width: min(100%, 28rem); font-variant-numeric: tabular-nums; font-size: .925rem; }
caption { text-align: left; font-weight: 600; padding: .5rem 0; }
th, td { text-align: right; padding: .25rem .6rem; border-bottom: 1px solid var(--rule); white-space: nowrap; }
th { color: var(--dim); font-weight: 600; }
th:first-child, td:first-child, .words td, .words th { text-align: left; }
.reasons :is(td, th):is(:nth-child(3), :nth-child(4)) { text-align: left; }
.reasons :is(td, th):last-child { text-align: left; white-space: normal; min-width: 14rem; }
.metrics th:nth-child(2), .metrics td:nth-child(2) { text-align: left; }
.words td { white-space: normal; min-width: 5rem; }
.words code { white-space: nowrap; }
@media (max-width: 40rem) { .words code { white-space: normal; overflow-wrap: anywhere; } }
summary { cursor: pointer; color: var(--dim); padding: .4rem 0; }
code { font-family: ui-monospace, monospace; font-size: .925em; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: .25rem 0 0; padding: 0; font-size: .875rem; }
.key { display: inline-block; width: .9em; height: .9em; margin-right: .4em; vertical-align: -.1em; }
.tick { font: 12px system-ui, sans-serif; fill: var(--dim); }
.end { text-anchor: end; }
.middle { text-anchor: middle; }
.grid { stroke: var(--rule); stroke-width: 1; fill: none; }
.axis { stroke: var(--dim); stroke-width: 1; fill: none; }
.line { fill: none; stroke-width: 1.75; stroke-linejoin: round; }
.fill { stroke: none; }
.dense { shape-rendering: crispEdges; }
.line.a { stroke: var(--a); } .fill.a, .key.a { fill: var(--a); background: var(--a); }
.line.b { stroke: var(--b); } .fill.b, .key.b { fill: var(--b); background: var(--b); }
.line.c { stroke: var(--c); } .fill.c, .key.c { fill: var(--c); background: var(--c); }
.line.d { stroke: var(--d); } .fill.d, .key.d { fill: var(--d); background: var(--d); }
.fill.soft, .key.soft { fill: var(--soft); background: var(--soft); }
.ground { fill: var(--card); }
.cell { fill: none; shape-rendering: crispEdges; }
.heat1 { stroke: var(--heat1); background: var(--heat1); }
.heat2 { stroke: var(--heat2); background: var(--heat2); }
.heat3 { stroke: var(--heat3); background: var(--heat3); }
.heat4 { stroke: var(--heat4); background: var(--heat4); }
.heat5 { stroke: var(--heat5); background: var(--heat5); }
.mark1 { stroke: var(--mark1); background: var(--mark1); }
.mark2 { stroke: var(--mark2); background: var(--mark2); }
.line.good { stroke: var(--good); } .fill.good { fill: var(--good); }
.line.target { stroke: var(--fg); stroke-dasharray: 5 4; } .key.target { background: var(--fg); }
`;
