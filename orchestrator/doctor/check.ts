/** One thing that was looked at, in words for whoever runs the cluster. */
export interface Check {
  /** What was looked at, in a word or two. */
  readonly name: string;
  /** A warning lets runs start; with a problem they would not get far. */
  readonly level: 'ok' | 'warning' | 'problem';
  readonly what: string;
  /** How to fix it: a command where there is one. */
  readonly todo?: string | undefined;
}

export const ok = (name: string, what: string): Check => ({ name, level: 'ok', what });
export const warning = (name: string, what: string, todo: string): Check => ({
  name,
  level: 'warning',
  what,
  todo,
});
export const problem = (name: string, what: string, todo: string): Check => ({
  name,
  level: 'problem',
  what,
  todo,
});

export const hasProblem = (checks: readonly Check[]): boolean =>
  checks.some(({ level }) => level === 'problem');
