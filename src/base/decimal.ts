const form = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,9}))?$/i;

/**
 * A written number without its spelling: `12.50`, `+12.5` and `1.25e1` are one. Keeps every digit, which a
 * `number` does not beyond 2^53.
 *
 * @returns Undefined for a text that is no plain decimal number.
 */
export function decimalOf(text: string): string | undefined {
  const match = form.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return undefined;
  let digits = `${whole}${fraction}`.replace(/^0+/, '');
  let power = Number(exponent) - fraction.length;
  let end = digits.length;
  while (end > 0 && digits[end - 1] === '0') end -= 1;
  power += digits.length - end;
  digits = digits.slice(0, end);
  if (digits === '') return '0';
  return `${sign === '-' ? '-' : ''}${digits}e${power}`;
}

/** Whether a written number is a whole number that a `number` cannot tell from its neighbours. */
export function isBeyondExact(text: string): boolean {
  const value = Number(text);
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return false;
  return decimalOf(text) !== decimalOf(String(value));
}
