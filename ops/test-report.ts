/** What a test runner says it did. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly string[];
}

interface VitestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** Counts vitest's JSON report; a file that could not be loaded counts as one failed test. */
export function tallyVitest(json: string): Tally {
  const { testResults } = JSON.parse(json) as VitestReport;
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const brokenFiles = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  const failed = tests.filter(({ status }) => status === 'failed').length;
  const passed = tests.filter(({ status }) => status === 'passed').length;
  const skipped = tests
    .filter(({ status }) => !['failed', 'passed'].includes(status))
    .map(({ fullName }) => fullName);
  return { passed, failed: failed + brokenFiles.length, skipped };
}

/** Counts pytest's JUnit report; a file that could not be loaded is one of its errors. */
export function tallyJunit(xml: string): Tally {
  const suite = /<testsuite\s[^>]*>/.exec(xml)?.[0] ?? '';
  const count = (attribute: string) => Number(new RegExp(`\\b${attribute}="(\\d+)"`).exec(suite)?.[1] ?? 0);
  const failed = count('failures') + count('errors');
  const skipped = [...xml.matchAll(/<testcase [^>]*?\bname="([^"]*)"[^>]*>\s*<skipped\b/g)].map(
    ([, name]) => name ?? '',
  );
  return { passed: count('tests') - failed - count('skipped'), failed, skipped };
}

/**
 * A runner's tally, given its exit status. No test at all is a failure, and so is a bad exit that no test explains:
 * an unhandled rejection, a crash, a report that was never written.
 */
export function settle(tally: Tally | undefined, status: number | null): Tally {
  const known = tally ?? { passed: 0, failed: 0, skipped: [] };
  const isUnexplained = status !== 0 && known.failed === 0;
  const isEmpty = known.passed + known.failed === 0;
  return isUnexplained || isEmpty ? { ...known, failed: known.failed + 1 } : known;
}

/** The last line of `npm test`. */
export function summarize(tallies: readonly Tally[]): string {
  const sum = (pick: (tally: Tally) => number) => tallies.reduce((total, tally) => total + pick(tally), 0);
  return `${sum((tally) => tally.passed)} passed, ${sum((tally) => tally.failed)} failed`;
}
