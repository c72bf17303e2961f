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
  for await (const line of server)
    return {
      url: line,
      stop: async () => {
        server.stdin.end();
        await server;
      },
    };
  throw new Error(`no server: ${(await server).stderr}`);
}
