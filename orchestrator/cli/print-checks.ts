import type { Check } from '../doctor/check.ts';
import { counted } from '../units/counted.ts';
import { pad, textWidth } from './render/text-width.ts';
import { wrapText } from './render/wrap-text.ts';

/** Whatever needs a person comes last, where the eye is when a command has ended. */
const LEVELS = ['ok', 'warning', 'problem'] as const;
const GLYPH: Readonly<Record<Check['level'], string>> = { ok: '✓', warning: '!', problem: '✗' };
/** Narrower than this, words stand one to a line. */
const NARROWEST = 30;
const TODO = 'to do: ';

/**
 * Checks as a person reads them:
 *
 *     ✓ ok       server     Kubernetes 1.36.3 answers at https://…
 *     ✗ problem  namespace  there is no namespace training
 *                           to do: kubectl create namespace training
 */
export function printChecks(checks: readonly Check[], width: number): string {
  const names = Math.max(...checks.map(({ name }) => textWidth(name)));
  const sorted = LEVELS.flatMap((level) => checks.filter((check) => check.level === level));
  return sorted.map((check) => printCheck(check, names, width)).join('\n');
}

function printCheck({ level, name, what, todo }: Check, names: number, width: number): string {
  const head = `${GLYPH[level]} ${level.padEnd('problem'.length)}  ${pad(name, names, 'left')}  `;
  const indent = ' '.repeat(textWidth(head));
  const room = Math.max(NARROWEST, width - indent.length);
  const said = wrapText(what, room).map((line, index) => `${index === 0 ? head : indent}${line}`);
  // A command keeps its line, so that it can be copied.
  const lines = (todo?.split('\n') ?? []).flatMap((line) =>
    line.startsWith('kubectl ') ? [line] : wrapText(line, room - TODO.length),
  );
  const done = lines.map((line, index) => `${indent}${index === 0 ? TODO : ' '.repeat(TODO.length)}${line}`);
  return [...said, ...done].join('\n');
}

/** `1 problem, 2 warnings. Runs will not …` */
export function summary(checks: readonly Check[]): string {
  const count = (level: Check['level']) => checks.filter((check) => check.level === level).length;
  const [problems, warnings] = [count('problem'), count('warning')];
  if (problems + warnings === 0) return 'Everything is well.';
  const parts = [
    ...(problems > 0 ? [counted(problems, 'problem')] : []),
    ...(warnings > 0 ? [counted(warnings, 'warning')] : []),
  ];
  return `${parts.join(', ')}. ${problems > 0 ? 'Runs will not work before the problems are fixed.' : 'Runs can work.'}`;
}
