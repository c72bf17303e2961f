import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { z } from 'zod';

/**
 * As the trainer's own tests have it, with a tiny model and a few questions, until its standard input ends. Each request is a line, its
 * time with it.
 */
const SERVE = `
import json, sys, time
from pathlib import Path
from trainer.tests.evaluations import export_into
from trainer.tests.hub_runs import COMMIT, lines
from trainer.tests.hub_server import Repository, running
from trainer.tests.jobs import ARCHITECTURE
class Told(list):
    def append(self, each):
        print(json.dumps({"at": time.time() * 1000, "path": each.path}), flush=True)
        super().append(each)
Path(sys.argv[1]).mkdir()
folder = export_into(Path(sys.argv[1]))
model = {path.name: path.read_bytes() for path in folder.iterdir()}
repositories = {
    "org/model": Repository({COMMIT: model}, kind="models"),
    "org/sums": Repository({COMMIT: {"train.jsonl": lines("one", "two", "three")}}),
}
with running(repositories) as hub:
    hub.seen = Told()
    architecture = {**ARCHITECTURE, "vocabularySize": 512}
    print(json.dumps({"url": hub.url, "commit": COMMIT, "architecture": architecture}), flush=True)
    sys.stdin.read()
`;

const BeginSchema = z.object({
  url: z.string(),
  commit: z.string(),
  architecture: z.record(z.string(), z.unknown()),
});
const SeenSchema = z.object({ at: z.number(), path: z.string() });

export interface ServedHub extends z.infer<typeof BeginSchema> {
  /** What it was asked for, in order. */
  readonly seen: readonly z.infer<typeof SeenSchema>[];
  readonly stop: () => Promise<void>;
}

/** Serves `org/model` and the questions `org/sums`. @throws Error where it does not begin to. */
export async function serveHub(folder: string): Promise<ServedHub> {
  const server = execa('.venv/bin/python', ['-c', SERVE, folder], { reject: false });
  const seen: z.infer<typeof SeenSchema>[] = [];
  const begun = new Promise<z.infer<typeof BeginSchema>>((resolve, reject) => {
    let isFirst = true;
    createInterface({ input: server.stdout }).on('line', (line) => {
      const told: unknown = JSON.parse(line);
      if (!isFirst) return void seen.push(SeenSchema.parse(told));
      isFirst = false;
      resolve(BeginSchema.parse(told));
    });
    void server.then(({ stderr }) => reject(new Error(`no hub: ${stderr}`)));
  });
  return {
    ...(await begun),
    seen,
    stop: async () => {
      server.stdin.end();
      await server;
    },
  };
}
