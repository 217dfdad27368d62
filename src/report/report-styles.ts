/** The style sheet of the HTML report, for light and dark. */
export const reportStyles = `
:root { --ground: #fcfcfb; --panel: #f2f1ee; --ink: #1d1c1a; --quiet: #66635d; --rule: #dddad3; --accent: #2458b8; --good: #1c7a43; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #171614; --panel: #22211e; --ink: #ecebe7; --quiet: #a19d94; --rule: #3a3833; --accent: #86aef5; --good: #68c98e; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 860px; margin: 0 auto; padding: 40px 20px 80px; }
h1 { margin: 0; font-size: 34px; line-height: 1.2; }
h1.good { color: var(--good); }
h2 { margin: 0; font-size: 18px; display: inline; }
section { margin-top: 36px; }
section > h2 { display: block; margin-bottom: 10px; }
.context { margin: 0 0 4px; color: var(--quiet); }
.meaning { margin: 8px 0 0; font-size: 18px; }
.note, .legend, .name, .row-id, .feedback { color: var(--quiet); font-size: 14px; }
.figures { display: flex; flex-wrap: wrap; gap: 12px; margin-bottom: 16px; }
.figure { background: var(--panel); border-radius: 8px; padding: 12px 18px; min-width: 120px; }
.value { display: block; font-size: 28px; font-weight: 600; font-variant-numeric: tabular-nums; }
.name, .row-id, .feedback { display: block; }
pre { background: var(--panel); border-radius: 8px; padding: 16px; margin: 12px 0 0; max-height: 480px; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; font: 13px/1.5 ui-monospace, monospace; }
code { font: 13px ui-monospace, monospace; }
summary { cursor: pointer; }
.scroll { overflow-x: auto; margin-top: 12px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { text-align: left; vertical-align: top; padding: 7px 12px 7px 0; border-bottom: 1px solid var(--rule); overflow-wrap: anywhere; }
th { color: var(--quiet); font-weight: 500; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
table.rows { table-layout: fixed; min-width: 620px; }
.inputs { width: 46%; white-space: pre-wrap; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 20px; margin: 0; font-size: 14px; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
svg { width: 100%; height: auto; display: block; margin: 8px 0; }
svg .grid { stroke: var(--rule); stroke-width: 1; }
svg .axis { fill: var(--quiet); font-size: 12px; }
svg .label { fill: var(--accent); font-size: 13px; font-weight: 600; }
svg .candidate { fill: var(--quiet); opacity: .55; }
svg .best { fill: none; stroke: var(--accent); stroke-width: 2; }
svg .zero { stroke: var(--ink); stroke-width: 1; }
svg .interval { stroke: var(--accent); stroke-width: 4; stroke-linecap: round; }
svg .difference { fill: var(--accent); stroke: var(--ground); stroke-width: 2; }
.legend .dot { display: inline-block; width: 8px; height: 8px; border-radius: 50%; background: var(--quiet); }
.legend .line { display: inline-block; width: 18px; height: 2px; background: var(--accent); vertical-align: middle; margin-left: 14px; }
`;
