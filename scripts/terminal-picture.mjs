// Turns the colored output of a command on standard input into an SVG picture:
// FORCE_COLOR=1 hone report | node scripts/terminal-picture.mjs '$ hone report' > docs/images/report.svg
import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

const colors = {
  31: '#e5534b',
  32: '#57ab5a',
  33: '#c69026',
  34: '#539bf5',
  35: '#b083f0',
  36: '#39c5cf',
  90: '#768390',
};
const text = `${process.argv[2] ?? ''}\n${readFileSync(0, 'utf8').trimEnd()}`;
const escapeXml = (part) => part.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

const control = String.fromCharCode(27);
const sequence = new RegExp(`(${control}\\[[0-9;]*m)`);

/** One line as spans: state goes on until it is reset. */
function spansOf(line) {
  let style = { fill: '#adbac7', weight: 400, opacity: 1 };
  return line
    .split(sequence)
    .flatMap((part) => {
      const code = part.startsWith(control) ? part.slice(2, -1) : undefined;
      if (code === undefined) return part === '' ? [] : [{ ...style, part }];
      for (const number of code.split(';')) style = changed(style, Number(number));
      return [];
    })
    .map(
      ({ fill, weight, opacity, part }) =>
        `<tspan fill="${fill}" font-weight="${weight}" opacity="${opacity}">${escapeXml(part)}</tspan>`,
    )
    .join('');
}

function changed(style, code) {
  if (code === 0) return { fill: '#adbac7', weight: 400, opacity: 1 };
  if (code === 1) return { ...style, weight: 700 };
  if (code === 2) return { ...style, opacity: 0.65 };
  if (code === 22) return { ...style, weight: 400, opacity: 1 };
  if (code === 39) return { ...style, fill: '#adbac7' };
  return colors[code] === undefined ? style : { ...style, fill: colors[code] };
}

const lines = text.split('\n');
const columns = Math.max(...lines.map((line) => stripVTControlCharacters(line).length));
const width = Math.ceil(columns * 7.83 + 48);
const height = lines.length * 20 + 64;
const rows = lines.map(
  (line, index) => `<text x="24" y="${58 + index * 20}" xml:space="preserve">${spansOf(line)}</text>`,
);
process.stdout.write(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="13" role="img">
<title>The output of ${escapeXml((process.argv[2] ?? '').replace(/^\$ /, ''))}</title>
<rect width="100%" height="100%" rx="10" fill="#1c2128"/>
<circle cx="26" cy="24" r="6" fill="#e5534b"/><circle cx="46" cy="24" r="6" fill="#c69026"/><circle cx="66" cy="24" r="6" fill="#57ab5a"/>
${rows.join('\n')}
</svg>
`);
