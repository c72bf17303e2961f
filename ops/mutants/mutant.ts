/** What StrykerJS writes of a run (mutation-testing-report-schema 2), as far as it is read here. */
export interface MutationReport {
  readonly files: Readonly<
    Record<string, { readonly source: string; readonly mutants: readonly Reported[] }>
  >;
}

interface Reported {
  readonly replacement?: string;
  readonly location: { readonly start: Place; readonly end: Place };
  readonly status: string;
}

/** From 1. */
interface Place {
  readonly line: number;
  readonly column: number;
}

/** A fault that was made in a file on purpose. */
export interface Mutant {
  readonly file: string;
  readonly line: number;
  /** The line with the fault in it; a fault of several lines in one. It names the mutant also when lines have moved. */
  readonly becomes: string;
  readonly isNoticed: boolean;
}

const NOTICED = ['Killed', 'Timeout'];
/** What no test was asked about says nothing of them: code that cannot run, or a mutant that was left out. */
const UNASKED = ['Ignored', 'CompileError', 'RuntimeError', 'Pending'];

export const mutantsOf = ({ files }: MutationReport): readonly Mutant[] =>
  Object.entries(files).flatMap(([file, { source, mutants }]) => {
    const lines = source.split('\n');
    return mutants
      .filter(({ status }) => !UNASKED.includes(status))
      .map(({ replacement = '', location: { start, end }, status }): Mutant => {
        const before = lines[start.line - 1]?.slice(0, start.column - 1) ?? '';
        const after = lines[end.line - 1]?.slice(end.column - 1) ?? '';
        const becomes = `${before}${replacement}${after}`.replace(/\s+/g, ' ').trim();
        return { file, line: start.line, becomes, isNoticed: NOTICED.includes(status) };
      });
  });
