import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { StintError } from '../errors/stint-error.ts';
import { type EvaluationResult, EvaluationResultSchema } from '../wire/evaluation-result.ts';
import type { Stage } from '../wire/job-spec.ts';
import {
  type Prepared,
  type PreparedEvaluation,
  PreparedEvaluationSchema,
  PreparedSchema,
} from '../wire/prepared.ts';
import { type StageManifest, StageManifestSchema } from '../wire/stage-manifest.ts';

/** Folder of each stage's results in a run's work folder. */
const STAGE_FOLDER = {
  prepare: 'data',
  train: 'checkpoints',
  export: 'model',
  evaluate: 'evaluation',
} as const satisfies Readonly<Record<Stage, string>>;

export const readPrepared = (work: string): Promise<Prepared> =>
  readResult(join(work, STAGE_FOLDER.prepare, 'prepared.json'), PreparedSchema);

/** Of a run that only evaluates. */
export const readPreparedEvaluation = (work: string): Promise<PreparedEvaluation> =>
  readResult(join(work, STAGE_FOLDER.prepare, 'prepared.json'), PreparedEvaluationSchema);

export const readEvaluationResult = (work: string): Promise<EvaluationResult> =>
  readResult(join(work, STAGE_FOLDER.evaluate, 'results.json'), EvaluationResultSchema);

export const readStageManifest = (work: string, stage: Stage): Promise<StageManifest> =>
  readResult(join(work, STAGE_FOLDER[stage], 'manifest.json'), StageManifestSchema);

/**
 * @throws StintError `result-unreadable` when a stage said that it was done and its result is not there or not valid.
 */
async function readResult<S extends z.ZodType>(file: string, schema: S): Promise<z.output<S>> {
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    throw new StintError(
      {
        code: 'result-unreadable',
        where: file,
        what: `the stage ended well, but its result cannot be read: ${error instanceof Error ? error.message : String(error)}`,
        todo: 'check that the disk is whole and not full, then resume the run',
      },
      { cause: error },
    );
  }
}
