/** How a word of an answer was matched with an allowed answer. */
export type ChoiceMatch =
  | { readonly status: 'found'; readonly choice: string; readonly exact: boolean }
  | { readonly status: 'not-found' }
  /** More than one allowed answer fits: nothing is guessed. */
  | { readonly status: 'ambiguous'; readonly choices: readonly string[] };

/**
 * Finds the allowed answer that a text gives, from sure to tolerant: the same text; the same but for case,
 * quotes, punctuation and the separators of words; an answer that starts with it, or is the start of it (at
 * least three letters); the only one that a sentence without a negation names. Two that fit equally well are
 * ambiguous.
 */
export function readChoice(text: string, choices: readonly string[]): ChoiceMatch {
  const trimmed = text.trim();
  if (choices.includes(trimmed)) return { status: 'found', choice: trimmed, exact: true };
  const answer = normalize(trimmed);
  if (answer === '') return { status: 'not-found' };
  const forms = choices
    .map((choice) => ({ choice, form: normalize(choice) }))
    .filter(({ form }) => form !== '');
  const equal = forms.filter(({ form }) => form === answer);
  if (equal.length > 0) return only(equal);

  const firstLine = normalize(trimmed.split('\n', 1)[0] ?? '');
  const leading = longestOf(forms.filter(({ form }) => startsWithWord(answer, form)));
  if (leading.length > 0) {
    const others = mentioned(firstLine, forms).filter(({ form }) => form !== leading[0]?.form);
    return only([...leading, ...others]);
  }
  if (answer.length >= 3) {
    const completed = forms.filter(({ form }) => form.startsWith(answer));
    if (completed.length > 0) return only(completed);
  }
  const named = mentioned(answer, forms);
  if (named.length === 0) return { status: 'not-found' };
  if (named.length === 1 && negation.test(trimmed)) return { status: 'not-found' };
  return only(named);
}

const negation = /\b(no|not|none|nor|neither|never|cannot|except|without|rather|instead|unlike)\b|n['’]t\b/i;

interface Form {
  readonly choice: string;
  readonly form: string;
}

function only(matches: readonly Form[]): ChoiceMatch {
  const [first] = matches;
  if (first === undefined) return { status: 'not-found' };
  if (matches.length > 1) return { status: 'ambiguous', choices: matches.map(({ choice }) => choice) };
  return { status: 'found', choice: first.choice, exact: false };
}

/** Letters, digits and signs in lower case; separators of words as one space; no quotes or markup around. */
function normalize(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s_\-–—/]+/gu, ' ')
    .replace(/["'“”‘’`*#()[\]{}<>.,;:!?]+/gu, ' ')
    .replace(/ +/g, ' ')
    .trim();
}

function startsWithWord(text: string, form: string): boolean {
  return text.startsWith(form) && (text.length === form.length || text[form.length] === ' ');
}

/** Of matches that contain one another, the longest: `account access` rather than `account`. */
function longestOf(forms: readonly Form[]): readonly Form[] {
  return forms.filter(
    ({ form }) => !forms.some((other) => other.form.length > form.length && other.form.includes(form)),
  );
}

/** The allowed answers that a normalized text names as whole words, contained ones left out. */
function mentioned(text: string, forms: readonly Form[]): readonly Form[] {
  const padded = ` ${text} `;
  return longestOf(forms.filter(({ form }) => padded.includes(` ${form} `)));
}
