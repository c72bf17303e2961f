import type { RunRecord } from '../run/run-record.ts';
import type { CliContext } from './context.ts';

/** Says at Ctrl-C what becomes of the runs that this process works on. */
export function tellInterrupt(
  { output, interrupt, force }: Pick<CliContext, 'output' | 'interrupt' | 'force'>,
  records: readonly Pick<RunRecord, 'id' | 'profile'>[],
): void {
  const goesOn = records.some(({ profile }) => profile.backend.kind === 'kubernetes');
  const once = { once: true };
  interrupt.addEventListener('abort', () => output.tell(goesOn ? detached(records) : ENDING), once);
  if (!goesOn) force.addEventListener('abort', () => output.tell('Ending at once.'), once);
}

const ENDING = 'Asking the pods to save and end; once more ends them at once.';

function detached(records: readonly Pick<RunRecord, 'id'>[]): string {
  const all = records.map(({ id }) => id).join(' ');
  return `This process leaves. What is on the cluster goes on there; the next stage begins when a stint process works on it again.
  follow:  stint runs logs -f ${records[0]?.id}
  go on:   stint runs resume ${all} --wait
  end:     stint runs cancel ${all}`;
}
