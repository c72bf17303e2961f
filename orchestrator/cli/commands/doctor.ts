import { KINDS } from '../../errors/catalogue.ts';
import type { CliContext } from '../context.ts';
import { namedCluster } from '../named-cluster.ts';
import { openSurvey } from '../open-survey.ts';
import { printJson } from '../output.ts';
import { printChecks, summary } from '../print-checks.ts';

export interface DoctorOptions {
  readonly cluster: string;
  readonly json?: boolean;
}

/** `stint doctor --cluster PROFILE`: whether runs can work there, and how to fix what is in the way. Changes nothing. */
export async function doctor(options: DoctorOptions, context: CliContext): Promise<number> {
  const { output } = context;
  const survey = await openSurvey(context);
  const answer = await survey.examineCluster({ cluster: await namedCluster(options.cluster) });
  const { cluster, place, ok, checks } = answer;
  if (options.json) printJson(output, answer);
  else {
    output.print(`${cluster}: ${place}\n\n${printChecks(checks, output.width)}\n`);
    output.print(summary(checks));
  }
  return ok ? 0 : KINDS.invalid.exitCode;
}
