/** Addresses that came over the wire. Pure. */

/**
 * `text` as the address of a web page, or null for what is none: another scheme, such as `javascript:`, or a name and
 * password in front of the host, which make it look like another host.
 */
export function webAddress(text: string): string | null {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return null;
  }
  const isWeb = url.protocol === 'http:' || url.protocol === 'https:';
  return isWeb && url.username === '' && url.password === '' ? url.href : null;
}
