/** What several commands take alike. */
export const cluster = [
  '--cluster <profile>',
  'cluster profile: a name (laptop, h100-16, …) or the path of a .yaml file',
] as const;
export const leaveEvaluationOut = [
  '--without-evaluation',
  'leave the evaluation out: the run ends with its registered checkpoint',
] as const;
export const checkpoint = [
  '--checkpoint <checkpoint>',
  "of an evaluation: id or digest of the registered checkpoint that answers (default: the recipe's)",
] as const;
export const endpoint = [
  '--endpoint <url>',
  "of an evaluation: a server of OpenAI's completions protocol that answers instead, up to the protocol's version; no device is held",
] as const;
/** Of what a command was given. */
export const first = (args: readonly string[]) => args[0] ?? '';
