import { StintError } from '../../errors/stint-error.ts';
import { writeHtml, writeSvg } from '../compare-and-report.ts';
import { compareTokens } from '../compare-tokens.ts';
import type { CliContext } from '../context.ts';
import { printJson } from '../output.ts';
import { comparisonText } from '../render/comparison-text.ts';

export interface CompareOptions {
  readonly html?: string;
  readonly svg?: string;
  /** Which chart `svg` is. */
  readonly chart?: string;
  /** In place of what differs: where two runs part, token by token. */
  readonly tokens?: boolean;
  readonly json?: boolean;
}

/** `stint compare RUN RUN…`: what differs, what it cost, and what can be told from it. */
export async function compare(
  references: readonly string[],
  options: CompareOptions,
  context: CliContext,
): Promise<number> {
  const { output } = context;
  const [first] = ignored(options);
  if (first !== undefined) throw doNotGoTogether(first);
  const stint = await context.openStint();
  if (options.tokens) return compareTokens(stint, references, options, output);
  const compared = await stint.compareRuns({ runs: [...references] });
  const { comparison } = compared;
  if (options.html) await writeHtml(options.html, compared, Date.now());
  if (options.svg) await writeSvg(options.svg, comparison, options.chart);
  if (options.json) printJson(output, comparison);
  else output.print(comparisonText(comparison, output.isTerminal ? { width: output.width } : {}));
  for (const file of [options.html, options.svg]) if (file) output.tell(`written: ${file}`);
  return 0;
}

/** Options that would do nothing: `--tokens` takes the place of what is drawn, and a chart is named for a file. */
const ignored = ({ html, svg, chart, tokens }: CompareOptions): readonly string[] => [
  ...(tokens && html !== undefined ? ['--html goes not with --tokens'] : []),
  ...(tokens && svg !== undefined ? ['--svg goes not with --tokens'] : []),
  ...(chart !== undefined && svg === undefined
    ? ['--chart says which chart --svg writes, and there is no --svg']
    : []),
];

const doNotGoTogether = (what: string): StintError =>
  new StintError({
    code: 'bad-option',
    where: 'stint compare',
    what,
    why: 'one of them would do nothing',
    todo: 'leave one of them out: `stint compare RUN RUN --svg FILE --chart flips`, or `stint compare RUN RUN --tokens`',
  });
