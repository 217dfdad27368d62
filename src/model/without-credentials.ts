/**
 * An address as it may be shown and stored: without user, password and query. A reference to a model by its
 * address (`openai-compatible:<base URL>#<model>`) keeps its prefix and its model; any other text stays.
 */
export function withoutCredentials(address: string): string {
  // Of any scheme, because a mistyped one is printed in the complaint about it.
  const start = /[a-z][a-z0-9+.-]*:\/\//i.exec(address)?.index;
  if (start === undefined) return address;
  const prefix = address.slice(0, start);
  const location = address.slice(start);
  if (!/[@?]/.test(location)) return address;
  // What is no address may be a mistyped password; rather too much is taken away.
  if (!URL.canParse(location)) return `${prefix}${location.replace(/\/\/.*@/s, '//').replace(/\?[^#]*/, '')}`;
  const url = new URL(location);
  url.username = '';
  url.password = '';
  url.search = '';
  return `${prefix}${url.href}`;
}
