import { messageOf } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { invalidImport } from '../exchange-errors.ts';

/** A part of a template that a slot cannot say: worked out for each row. */
export interface ComputedColumn {
  readonly name: string;
  /** The piece of the template. */
  readonly source: string;
}

/** A Nunjucks template as text with slots. */
export interface SlottedText {
  readonly text: string;
  /** Variables that stand in plain slots. */
  readonly plain: readonly string[];
  readonly computed: readonly ComputedColumn[];
}

const tags = /\{\{-?[\s\S]*?-?\}\}|\{%-?[\s\S]*?-?%\}|\{#[\s\S]*?#\}/g;
/** A name that a field can have. */
const plainSlot = /^\{\{\s*([A-Za-z_]\w*)\s*\}\}$/;
const opening = /^\{%-?\s*(if|for|ifAsync|asyncEach|asyncAll|filter|call|switch)\b/;
const closing = /^\{%-?\s*end(if|for|each|all|filter|call|switch)\b/;
/** What reaches over the rest of the text, so that no piece can be taken out. */
const reaching = /\{%-?\s*(set|macro|import|from|include|extends|block|raw|verbatim)\b/;

/**
 * The same text with Hone's slots: `{{ name }}` is one already; any other expression, and a whole block, becomes a
 * column that is worked out for each row, so that every row sees what it saw.
 *
 * @param taken Names that columns have already.
 */
export function slotsOfTemplate(template: string, taken: ReadonlySet<string>): SlottedText {
  if (reaching.test(template)) {
    const name = freeName('prompt_text', taken);
    return { text: `{{${name}}}`, plain: [], computed: [{ name, source: template }] };
  }
  const names = new Set(taken);
  const plain: string[] = [];
  const computed: ComputedColumn[] = [];
  const bySource = new Map<string, string>();
  const compute = (source: string): string => {
    const known = bySource.get(source);
    if (known !== undefined) return `{{${known}}}`;
    const name = freeName(columnName(source), names);
    names.add(name);
    bySource.set(source, name);
    computed.push({ name, source });
    return `{{${name}}}`;
  };
  let text = '';
  let at = 0;
  let depth = 0;
  let blockStart = 0;
  for (const match of template.matchAll(tags)) {
    const [tag] = match;
    const end = match.index + tag.length;
    if (depth === 0) text += template.slice(at, match.index);
    if (opening.test(tag)) {
      if (depth === 0) blockStart = match.index;
      depth += 1;
    } else if (closing.test(tag)) {
      depth -= 1;
      if (depth === 0) text += compute(template.slice(blockStart, end));
    } else if (depth === 0 && !tag.startsWith('{#')) {
      const variable = plainSlot.exec(tag)?.[1];
      if (variable !== undefined && text.endsWith('\\')) {
        // A backslash before a slot would make text of it.
        text = `${text.slice(0, -1)}${compute(`\\${tag}`)}`;
      } else if (variable === undefined) text += compute(tag);
      else {
        plain.push(variable);
        text += `{{${variable}}}`;
      }
    }
    at = end;
  }
  // A block without an end: Nunjucks would refuse it, and so the text stays as it is written.
  text += depth > 0 ? template.slice(blockStart) : template.slice(at);
  return { text, plain: [...new Set(plain)], computed };
}

function columnName(source: string): string {
  const words = source.match(/[A-Za-z_]\w*/g) ?? [];
  const said = words.filter((word) => !/^(if|for|in|else|elif|endif|endfor|and|or|not|is)$/.test(word));
  const isBlock = source.startsWith('{%');
  return [...said.slice(0, isBlock ? 1 : 3), ...(isBlock ? ['block'] : [])].join('_') || 'value';
}

function freeName(wanted: string, taken: ReadonlySet<string>): string {
  let name = wanted;
  for (let count = 2; taken.has(name); count += 1) name = `${wanted}_${count}`;
  return name;
}

/** Fills templates as promptfoo does. */
export interface TemplateRenderer {
  /** @throws {HoneError} `HONE_IMPORT_INVALID` for a template that is broken, or has a filter in code. */
  render(template: string, values: JsonObject): string;
}

/** What `env` is in templates. */
export interface TemplateEnvironment {
  /** The variables that the config itself sets. @default none */
  readonly environment?: JsonObject | undefined;
  /** Is told of each other one that a template shows. */
  readonly onMissing?: ((name: string) => void) | undefined;
}

/** Nunjucks, loaded when a config is read and never before. */
export async function openTemplateRenderer({
  environment: known = {},
  onMissing,
}: TemplateEnvironment = {}): Promise<TemplateRenderer> {
  const { default: nunjucks } = await import('nunjucks');
  const environment = new nunjucks.Environment(null, { autoescape: false, throwOnUndefined: false });
  const env = new Proxy(known, {
    get: (own, name) => {
      if (typeof name !== 'string' || Object.hasOwn(own, name)) return Reflect.get(own, name);
      onMissing?.(name);
      return undefined;
    },
  });
  return {
    render(template, values) {
      try {
        return environment.renderString(template, { env, ...values });
      } catch (cause) {
        const reason = messageOf(cause)
          .replace(/^\(unknown path\)\s*(Error: )?/, '')
          .trim();
        const shown = template.length <= 60 ? template : `${template.slice(0, 59)}…`;
        throw invalidImport(`The template ${JSON.stringify(shown)} cannot be filled: ${reason}.`, {
          hint: 'Correct it in the config; filters in code have no counterpart.',
          cause,
        });
      }
    },
  };
}
