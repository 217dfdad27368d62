/** Whose plain forms mean another number: `10²` is not 102, `1½` is not 11⁄2. */
const keptForms = /[\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u209f\u2150-\u215f\u2189]+/u;
const ordinary = /^[\t\n\u0020-\u007e]*$/;

/**
 * A text in the one spelling that is compared and read: Unicode NFKC (full-width letters and digits, ligatures,
 * no-break spaces), straight quotes, one hyphen and minus, one space, one line end. Superscripts, subscripts and
 * fractions stay, because their plain forms are other numbers.
 */
export function plainText(text: string): string {
  if (ordinary.test(text)) return text;
  const compatible = keptForms.test(text)
    ? text.replace(/[^\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u209f\u2150-\u215f\u2189]+/gu, (part) =>
        part.normalize('NFKC'),
      )
    : text.normalize('NFKC');
  return compatible
    .replace(/\r\n?/g, '\n')
    .replace(/[^\S\n\t]/gu, ' ')
    .replace(/[\u2010\u2011\u2212]/gu, '-')
    .replace(/[\u2018\u2019\u201a\u201b\u02bc\u2032]/gu, "'")
    .replace(/[\u201c\u201d\u201e\u201f\u2033]/gu, '"');
}

/** Without white space and signs that are not seen (a byte order mark, a zero-width space) at both ends. */
export function trimUnseen(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isUnseen(text.charCodeAt(start))) start += 1;
  while (end > start && isUnseen(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isUnseen(code: number): boolean {
  if (code === 0x20 || (code >= 0x09 && code <= 0x0d) || code === 0xa0 || code === 0xad) return true;
  if (code < 0x1680) return false;
  return (
    code === 0x1680 ||
    (code >= 0x2000 && code <= 0x200f) ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f ||
    (code >= 0x2060 && code <= 0x2064) ||
    code === 0x3000 ||
    code === 0xfeff
  );
}

/** The beginning of a text, at most so many UTF-16 units: never half of a pair, which some providers refuse. */
export function beginningOf(text: string, most: number): string {
  if (text.length <= most) return text;
  const isHalved = /[\uD800-\uDBFF]/.test(text.charAt(most - 1));
  return text.slice(0, isHalved ? most - 1 : most);
}
