/** The values of a row in one text: alone as it is, several with their names. */
export function valuesText(values: Readonly<Record<string, unknown>> | undefined): string {
  const entries = Object.entries(values ?? {}).filter(([, value]) => value !== undefined);
  if (entries.length === 0) return '–';
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  const [only] = entries;
  if (entries.length === 1 && only !== undefined) return text(only[1]);
  return entries.map(([name, value]) => `${name}: ${text(value)}`).join('; ');
}
