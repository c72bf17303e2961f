import { createHash } from 'node:crypto';
import { relative } from 'node:path';

/** Which of a room's mutants are asked about: all of them where a room has thousands would take hours. */
export interface Sample {
  /** From more than 0 to 100. */
  readonly percent: number;
  readonly seed: number;
}

/** A mutant as StrykerJS hands it to a checker. */
interface Candidate {
  readonly id: string;
  readonly fileName: string;
  readonly replacement: string;
  readonly location: { readonly start: Place; readonly end: Place };
}
interface Place {
  readonly line: number;
  readonly column: number;
}

const DIGEST_VALUES = 2 ** 32;

/** Whether a mutant is in the sample: by what it is, not by its turn, so that a file's mutants stay when another file changes. */
export function isSampled(
  { percent, seed }: Sample,
  { fileName, replacement, location }: Candidate,
): boolean {
  const { start, end } = location;
  const file = relative('.', fileName);
  const name = JSON.stringify([seed, file, start.line, start.column, end.line, end.column, replacement]);
  const value = createHash('sha256').update(name).digest().readUInt32BE();
  return value < (percent / 100) * DIGEST_VALUES;
}

/** Where the share and its seed are handed to StrykerJS's own processes. */
export const SAMPLE = 'STINT_MUTANTS_SAMPLE';

/**
 * What StrykerJS asks of each mutant before it asks the tests; there it is meant for a compiler. A mutant that this one turns away
 * is in the report as one that does not compile, of which no test was asked.
 */
class SampleChecker {
  readonly #sample = JSON.parse(process.env[SAMPLE] ?? '{"percent":100,"seed":0}') as Sample;

  // StrykerJS awaits what these three give.
  init(): Promise<void> {
    return Promise.resolve();
  }

  check(mutants: readonly Candidate[]): Promise<Record<string, { status: string; reason?: string }>> {
    const answers = mutants.map((mutant) => [
      mutant.id,
      isSampled(this.#sample, mutant)
        ? { status: 'passed' }
        : { status: 'compileError', reason: 'not in the sample' },
    ]);
    return Promise.resolve(Object.fromEntries(answers));
  }

  group(mutants: readonly Candidate[]): Promise<string[][]> {
    return Promise.resolve([mutants.map(({ id }) => id)]);
  }
}

/** By this name StrykerJS looks for plug-ins in a file that it is told of. */
export const strykerPlugins = [{ kind: 'Checker', name: 'sample', injectableClass: SampleChecker }];
