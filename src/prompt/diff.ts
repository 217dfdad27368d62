import type { Candidate, Demo, DemoSet, Parameter, Verbalizer } from './candidate.ts';
import { valueText } from './template.ts';

/** One line of a comparison. */
export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added';
  readonly text: string;
}

/** What changed of one parameter. */
export interface ParameterDiff {
  readonly name: string;
  readonly lines: readonly DiffLine[];
}

/** The parameters that differ between two candidates, by name, line by line. */
export function diffCandidates(before: Candidate, after: Candidate): readonly ParameterDiff[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name) => {
    const lines = diffLines(linesOf(before[name]), linesOf(after[name]));
    return lines.every((line) => line.kind === 'same') ? [] : [{ name, lines }];
  });
}

/** A comparison as text: `- ` before what went, `+ ` before what came, two spaces before what stayed. */
export function formatDiff(diffs: readonly ParameterDiff[]): string {
  const marks = { same: '  ', removed: '- ', added: '+ ' } as const;
  return diffs
    .map(({ name, lines }) => [name, ...lines.map(({ kind, text }) => `${marks[kind]}${text}`)].join('\n'))
    .join('\n\n');
}

/** A parameter as people read it; no lines for one that is not there. */
function linesOf(parameter: Parameter | undefined): readonly string[] {
  if (parameter === undefined) return [];
  switch (parameter.kind) {
    case 'text':
      return parameter.text.split('\n');
    case 'choice':
      return [parameter.value];
    case 'number':
      return [String(parameter.value)];
    case 'calibration':
      return offsetLines(parameter.offsets);
    case 'demos':
      return parameter.sets.flatMap((set, index) => [
        ...(parameter.sets.length > 1 ? [`set ${index + 1}`] : []),
        ...setLines(set),
      ]);
  }
}

function setLines(set: DemoSet): readonly string[] {
  const { demos, nearest, format, words, weight, offsets = {}, verbalizer } = set;
  return [
    ...(nearest === undefined ? [] : [`nearest: ${nearest}`]),
    ...(format === undefined ? [] : [`format: ${format}`]),
    ...(words === undefined ? [] : [`words: ${words}`]),
    ...(weight === undefined ? [] : [`weight: ${weight}`]),
    ...offsetLines(offsets),
    ...(verbalizer === undefined ? [] : verbalizerLines(verbalizer)),
    ...demos.flatMap(demoLines),
  ];
}

/** Words of an answer that are shown. */
const shownWords = 12;

/** The words that speak most for each answer, the strongest first: all of them with their numbers are no reading. */
function verbalizerLines({ words, weights }: Verbalizer): readonly string[] {
  const answers = Object.keys(weights).sort();
  return [
    `told by ${words.length} words`,
    ...answers.map((answer) => {
      const own = weights[answer] ?? [];
      const strongest = words
        .map((word, index) => ({ word, weight: own[index] ?? 0 }))
        .filter(({ weight }) => weight > 0)
        .sort((a, b) => b.weight - a.weight)
        .slice(0, shownWords);
      return `${answer}: ${strongest.map(({ word }) => word).join(', ')}`;
    }),
  ];
}

function offsetLines(offsets: Readonly<Record<string, number>>): readonly string[] {
  return Object.keys(offsets)
    .sort()
    .map((answer) => `${answer}: ${offsets[answer]}`);
}

function demoLines({ inputs, outputs, source }: Demo): readonly string[] {
  const fields = [...Object.entries(inputs), ...Object.entries(outputs)];
  const lines = fields.flatMap(([name, value]) => `${name}: ${valueText(value)}`.split('\n'));
  return [source === undefined ? 'demo' : `demo (${source})`, ...lines.map((line) => `  ${line}`)];
}

/** Most cells of the table below; longer texts are shown as replaced between their common ends. */
const largestTable = 4_000_000;

/**
 * The shortest change from one list of lines to another, removals before additions.
 *
 * @see Wagner & Fischer 1974, "The String-to-String Correction Problem", with insertions and deletions alone.
 */
export function diffLines(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  const same = (text: string): DiffLine => ({ kind: 'same', text });
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  const shorter = Math.min(before.length, after.length) - start;
  while (end < shorter && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  return [
    ...before.slice(0, start).map(same),
    ...diffMiddle(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...before.slice(before.length - end).map(same),
  ];
}

function diffMiddle(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  const removed = (text: string): DiffLine => ({ kind: 'removed', text });
  const added = (text: string): DiffLine => ({ kind: 'added', text });
  if (before.length * after.length > largestTable) return [...before.map(removed), ...after.map(added)];
  const common = commonLengths(before, after);
  const lines: DiffLine[] = [];
  let old = 0;
  let fresh = 0;
  while (old < before.length || fresh < after.length) {
    const isSame = old < before.length && fresh < after.length && before[old] === after[fresh];
    const withoutOld = common[old + 1]?.[fresh] ?? -1;
    const withoutFresh = common[old]?.[fresh + 1] ?? -1;
    if (isSame) {
      lines.push({ kind: 'same', text: before[old] as string });
      old += 1;
      fresh += 1;
    } else if (old < before.length && (fresh >= after.length || withoutOld >= withoutFresh)) {
      lines.push(removed(before[old] as string));
      old += 1;
    } else {
      lines.push(added(after[fresh] as string));
      fresh += 1;
    }
  }
  return lines;
}

/** Lengths of the longest common subsequence of what is left from each pair of places. */
function commonLengths(before: readonly string[], after: readonly string[]): readonly Uint32Array[] {
  const table = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1));
  for (let old = before.length - 1; old >= 0; old -= 1) {
    const row = table[old] as Uint32Array;
    const below = table[old + 1] as Uint32Array;
    for (let fresh = after.length - 1; fresh >= 0; fresh -= 1) {
      row[fresh] =
        before[old] === after[fresh]
          ? (below[fresh + 1] ?? 0) + 1
          : Math.max(below[fresh] ?? 0, row[fresh + 1] ?? 0);
    }
  }
  return table;
}
