/** A student's place in the room for a browser that keeps no cookies: a token that lives as long as the page. */

/** Asks `address` for a place; rejects where there is none to be had. */
export function placeAt(address: string): () => Promise<string> {
  return async () => {
    const answer = await fetch(address, { method: 'POST' });
    if (!answer.ok) {
      throw new Error(`The server gave no place: ${answer.status}.`);
    }
    const { token } = (await answer.json()) as { token: string };
    return token;
  };
}
