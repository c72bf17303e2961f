import type { RunDecision } from './job-spec.ts';
import { LABEL } from './keys.ts';
import { jobName } from './names.ts';
import type { StageRequest } from './request.ts';

/** Hexadecimal digits that tell the recipes of a cluster apart; a label has room for 63 characters. */
const DIGEST_DIGITS = 12;

/** Of what all stages of a run share. */
export const runLabels = ({ run, recipe, recipeDigest }: RunDecision): Readonly<Record<string, string>> => ({
  [LABEL.run]: run,
  [LABEL.recipe]: recipe.name,
  [LABEL.recipeDigest]: recipeDigest.replace(/^sha256:/, '').slice(0, DIGEST_DIGITS),
  ...(recipe.team === undefined ? {} : { [LABEL.team]: recipe.team }),
  ...(recipe.project === undefined ? {} : { [LABEL.project]: recipe.project }),
  ...(recipe.costCenter === undefined ? {} : { [LABEL.costCenter]: recipe.costCenter }),
});

/** Of one stage's objects and pods. */
export const stageLabels = (request: StageRequest): Readonly<Record<string, string>> => ({
  ...runLabels(request),
  [LABEL.job]: jobName(request.run, request.stage, request.attempt),
  [LABEL.stage]: request.stage,
  [LABEL.attempt]: String(request.attempt),
});
