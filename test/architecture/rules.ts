import { posix } from 'node:path';
import { blank, type Import, importsOf, lineAt, type SourceFile } from './source.ts';

/** Where the house is broken, and how to mend it. */
export interface Violation {
  readonly path: string;
  readonly line: number;
  readonly rule: string;
}

/** How high each room lies. Imports go down only, and rooms of one level do not see each other. */
export const levels: Readonly<Record<string, number>> = {
  base: 0,
  signature: 1,
  dataset: 1,
  model: 1,
  store: 1,
  trainer: 1,
  prompt: 2,
  program: 3,
  scorer: 4,
  evaluation: 5,
  optimizer: 6,
  experiment: 7,
  headroom: 7,
  transfer: 7,
  exchange: 7,
  registry: 7,
  observe: 7,
  report: 8,
  loop: 8,
  config: 9,
  server: 10,
  cli: 11,
  testing: 11,
};

/** Rooms within optimizer/: what each may see beside the contract, and the lower rooms of the house. */
const optimizerRooms: Readonly<Record<string, readonly string[]>> = {
  part: ['part'],
  method: ['part'],
  driver: ['part', 'driver'],
};

/** The catalog gives names to what these export, so a new optimizer or scorer is known everywhere by one line. */
const catalogFile = 'src/config/catalog.ts';
const catalogImports = ['src/public/optimizers.ts', 'src/public/scorers.ts'];

/** Packages that only some installations have. */
const optionalPackages = /^(node-llama-cpp|@ai-sdk\/[^/]+|pg|bullmq)(\/|$)/u;

/** Packages that one place alone may import. */
const reservedPackages = [
  { packages: /^jstat$/u, place: /^src\/base\/distributions\.ts$/u, name: 'base/distributions.ts' },
  {
    packages: /^@modelcontextprotocol\/sdk\/client\//u,
    place: /^src\/program\/mcp-tools\.ts$/u,
    name: 'program/mcp-tools.ts',
  },
  {
    packages: /^minisearch$/u,
    place: /^src\/program\/keyword-index\.ts$/u,
    name: 'program/keyword-index.ts',
  },
  {
    packages: /^(node:)?async_hooks$/u,
    place: /^src\/(?:program\/app-row|testing\/optimizer-contract\/without-clock)\.ts$/u,
    name: 'program/app-row.ts',
  },
  { packages: /^(kysely|libsql|node:sqlite)$/u, place: /^src\/store\//u, name: 'store/' },
];

/** Words that code may not contain in some places. */
const reservedWords = [
  {
    word: /\bprocess\s*\.\s*env\b|\bimport\.meta\.env\b/gu,
    allowed: /^src\/config\//u,
    rule: 'environment variables are read in src/config alone; take them as a parameter',
  },
  {
    word: /\bconsole\s*\./gu,
    allowed: /^src\/cli\//u,
    rule: 'only cli/ prints; give an event or a callback instead',
  },
  {
    word: /\bDate\s*\.\s*now\b|\bnew\s+Date\s*\(\s*\)|\bperformance\s*\.\s*now\b/gu,
    allowed: /^src\/base\/clock\.ts$/u,
    rule: 'the time comes from a Clock (base/clock.ts), so that a run can be repeated',
  },
  {
    word: /\bMath\s*\.\s*random\b|\bsetTimeout\s*\(/gu,
    allowed: /^src\/(?!optimizer\/)/u,
    rule: 'optimizer/ has no clock and no unseeded randomness; use the Random and the Clock it is given',
  },
  {
    // The session writes down how much of its time a run has used; no decision reads that timer.
    word: /\bsetInterval\s*\(/gu,
    allowed: /^src\/(?!optimizer\/)|^src\/optimizer\/driver\/session\.ts$/u,
    rule: 'optimizer/ has no timer beside the one of session.ts',
  },
];

const vagueName = /^(?:utils?|helpers?|types|misc|common)\.ts$/u;
const longestSource = 400;
const longestTest = 600;

/** Every breach of the house's rules in a set of files. Paths start at the root of the repository. */
export function checkArchitecture(files: readonly SourceFile[]): readonly Violation[] {
  const violations = files.flatMap((file) => [
    ...checkImports(file),
    ...checkPublic(file),
    ...checkWords(file),
    ...checkShape(file),
  ]);
  return [...violations, ...checkOptionalPackages(files)];
}

function checkImports(file: SourceFile): readonly Violation[] {
  return importsOf(file).flatMap((imported) => {
    const rules = [
      levelRule(file, imported),
      packageRule(file, imported),
      imported.isReExport && !isPublic(file.path)
        ? 'only src/public exports again; import from the file that defines'
        : undefined,
    ];
    return rules
      .filter((rule) => rule !== undefined)
      .map((rule) => ({ path: file.path, line: imported.line, rule }));
  });
}

function levelRule(file: SourceFile, { specifier }: Import): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  const target = posix.normalize(posix.join(posix.dirname(file.path), specifier));
  if (isPublic(file.path)) return undefined;
  if (isPublic(target)) {
    const isCatalog = file.path === catalogFile && catalogImports.includes(target);
    return isCatalog || isTest(file.path)
      ? undefined
      : 'src/public is for users; import from the file that defines';
  }
  const from = roomOf(file.path);
  const to = roomOf(target);
  if (to === undefined) {
    // What starts a real server belongs to the tests alone, and to those of every room.
    const isForTests = isTest(file.path) && target.startsWith('test/');
    return target === 'package.json' || isForTests ? undefined : `${target} lies outside src/`;
  }
  const level = from === undefined ? undefined : levels[from];
  if (from === undefined || level === undefined)
    return `${file.path} lies in no room; add it to the table of levels`;
  const targetLevel = levels[to];
  if (targetLevel === undefined) return `${to}/ is no room; add it to the table of levels`;
  if (from === to) return optimizerRoomRule(file, target);
  if (targetLevel < level) return undefined;
  // The kit of contracts and stand-ins is there for the tests of every room.
  if (isTest(file.path) && to === 'testing') return undefined;
  const direction = targetLevel === level ? 'lies beside it' : 'lies above it';
  return `${from}/ (level ${level}) may not see ${to}/ (level ${targetLevel}), which ${direction}`;
}

/** Methods see no driver and no other method, so that each can be read, and replaced, alone. */
function optimizerRoomRule(file: SourceFile, target: string): string | undefined {
  const from = optimizerRoomOf(file.path);
  const to = optimizerRoomOf(target);
  if (isTest(file.path) || to === undefined || target === file.path) return undefined;
  // The one method that is made of others: what to run when nobody says what to run.
  if (file.path === 'src/optimizer/method/auto.ts' && to === 'method') return undefined;
  // The prompts of a method may stand in a file beside it.
  if (target === file.path.replace(/\.ts$/u, '-prompts.ts')) return undefined;
  if (from === undefined) return `the contract of optimizer/ sees none of its rooms, and ${to}/ is one`;
  if (optimizerRooms[from]?.includes(to)) return undefined;
  return from === to
    ? 'a method sees no other method; share a part, or nest it'
    : `optimizer/${from}/ may not see optimizer/${to}/`;
}

function packageRule(file: SourceFile, { specifier, kind }: Import): string | undefined {
  if (isTest(file.path)) return undefined;
  for (const { packages, place, name } of reservedPackages) {
    if (packages.test(specifier) && !place.test(file.path))
      return `${specifier} is imported in ${name} alone`;
  }
  if (optionalPackages.test(specifier) && kind === 'static') {
    return `${specifier} is optional; load it with import() where it is needed`;
  }
  return undefined;
}

function checkOptionalPackages(files: readonly SourceFile[]): readonly Violation[] {
  const places = new Map<string, string>();
  return files
    .filter(({ path }) => !isTest(path))
    .flatMap((file) => importsOf(file).map((imported) => ({ ...imported, path: file.path })))
    .filter(({ specifier, kind }) => kind === 'dynamic' && optionalPackages.test(specifier))
    .flatMap(({ specifier, path, line }) => {
      const first = places.get(specifier) ?? path;
      places.set(specifier, first);
      return first === path
        ? []
        : [{ path, line, rule: `${specifier} is loaded in one file, and that is ${first}` }];
    });
}

function checkPublic({ path, text }: SourceFile): readonly Violation[] {
  if (!isPublic(path)) return [];
  const rest = blank(text)
    .replaceAll(/\bexport\s+(?:type\s+)?(?:\*|\{[^}]*\})\s*from\s*(["'])_*\1\s*;?/gu, (match) =>
      match.replaceAll(/[^\n]/gu, '_'),
    )
    .search(/[^_\s]/u);
  if (rest === -1) return [];
  return [
    { path, line: lineAt(text, rest), rule: 'src/public only exports again; move the code into a room' },
  ];
}

function checkWords({ path, text }: SourceFile): readonly Violation[] {
  if (isTest(path)) return [];
  const code = blank(text);
  return reservedWords
    .filter(({ allowed }) => !allowed.test(path))
    .flatMap(({ word, rule }) =>
      [...code.matchAll(word)].map(({ index }) => ({ path, line: lineAt(text, index), rule })),
    );
}

function checkShape({ path, text }: SourceFile): readonly Violation[] {
  const lines = text.trimEnd().split('\n').length;
  const longest = isTest(path) ? longestTest : longestSource;
  const rules = [
    lines > longest ? `a file has at most ${longest} lines; split it at a seam` : undefined,
    vagueName.test(posix.basename(path)) ? 'a file is named after what it holds' : undefined,
  ];
  return rules
    .filter((rule) => rule !== undefined)
    .map((rule) => ({ path, line: lines > longest ? longest + 1 : 1, rule }));
}

function roomOf(path: string): string | undefined {
  return /^src\/([^/]+)\/./u.exec(path)?.[1];
}

function optimizerRoomOf(path: string): string | undefined {
  return /^src\/optimizer\/([^/]+)\/./u.exec(path)?.[1];
}

function isPublic(path: string): boolean {
  return path.startsWith('src/public/');
}

function isTest(path: string): boolean {
  return /\.test(?:-d)?\.ts$/u.test(path);
}
