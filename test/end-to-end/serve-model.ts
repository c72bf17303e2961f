import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { execa } from 'execa';

/** Of OpenAI's completions protocol, as the trainer's own tests have it, until its standard input ends. */
const SERVE = `
import sys
from pathlib import Path
from trainer.tests.completions_server import served
with served(Path(sys.argv[1]), positions=int(sys.argv[2])) as server:
    print(server.url, flush=True)
    sys.stdin.read()
`;

export interface ServedModel {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** Serves the model of a folder. @throws Error where it does not begin to. */
export async function serveModel(folder: string, positions: number): Promise<ServedModel> {
  const server = execa('.venv/bin/python', ['-c', SERVE, folder, `${positions}`], { reject: false });
  // Whoever leaves a loop over the lines of a process waits for its end.
  const first = await Promise.race([once(createInterface({ input: server.stdout }), 'line'), server]);
  if (!Array.isArray(first)) throw new Error(`no server: ${first.stderr}`);
  return {
    url: String(first[0]),
    stop: async () => {
      server.stdin.end();
      await server;
    },
  };
}
