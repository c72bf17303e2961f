interface Announced {
  readonly url: string;
  readonly token: string;
}

/** What `stint serve --json` says of itself when it listens. @throws Error with all that it said, where it ends before. */
export async function announced(stdout: AsyncIterable<Buffer | string>): Promise<Announced> {
  let text = '';
  for await (const chunk of stdout) {
    text += String(chunk);
    if (text.includes('\n}')) return JSON.parse(text);
  }
  throw new Error(`the server ended: ${text}`);
}
