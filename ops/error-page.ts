import { ERRORS, type ErrorKind, KINDS } from '../orchestrator/errors/catalogue.ts';

/** `docs/errors.md`: what each kind of error means for a program, and every error that there is, by its name. */
export function errorPage(): string {
  const kinds = Object.entries(KINDS).map(
    ([kind, { exitCode, status, means }]) => `| \`${kind}\` | ${exitCode} | ${status} | ${means} |`,
  );
  const errors = Object.entries(ERRORS)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, { kind, when }]) => `| \`${code}\` | ${link(kind)} | ${when} |`);
  return `# Errors

Made by \`npm run schemas\` from \`orchestrator/errors/catalogue.ts\`. With \`--json\` a command that fails prints \`{"problems": [...]}\`,
each with \`code\`, \`kind\`, \`what\` and \`todo\`, and where they are known \`where\` and \`why\`. The names below are permanent: match
\`code\` in scripts, never the words.

## Kinds

| kind | exit code | HTTP status | what it means |
| --- | --- | --- | --- |
${kinds.join('\n')}

The first problem decides the exit code. A command that waited for runs ends with 1, 2 or 3 by what ended them.

## Names

| code | kind | said when |
| --- | --- | --- |
${errors.join('\n')}
`;
}

const link = (kind: ErrorKind): string => `[${kind}](#kinds)`;
