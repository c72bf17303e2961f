import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Loss of each step, of the newest attempt that did it. */
export async function losses(workFolder: string, attempts: number): Promise<ReadonlyMap<number, number>> {
  const curve = new Map<number, number>();
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const text = await readFile(join(workFolder, 'events', `train-a${attempt}-0.jsonl`), 'utf8');
    for (const line of text.trim().split('\n')) {
      const event = JSON.parse(line) as { event: string; step: number; loss: number };
      if (event.event === 'step') curve.set(event.step, event.loss);
    }
  }
  return curve;
}
