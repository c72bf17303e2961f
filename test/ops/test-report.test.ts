import { describe, expect, it } from 'vitest';
import { settle, summarize, tallyJunit, tallyVitest } from '../../ops/test-report.ts';

const file = (status: string, ...tests: readonly string[]) => ({
  name: 'a.test.ts',
  status,
  assertionResults: tests.map((test, index) => ({ fullName: `law ${index}`, status: test })),
});
const vitestReport = (...testResults: readonly object[]) => JSON.stringify({ testResults });

describe('the count of tests', () => {
  it('adds up the tests of all files and names the skipped ones', () => {
    const json = vitestReport(
      file('failed', 'passed', 'failed'),
      file('passed', 'passed', 'skipped', 'todo'),
    );
    expect(tallyVitest(json)).toEqual({ passed: 2, failed: 1, skipped: ['law 1', 'law 2'] });
  });

  it('takes a file that could not be loaded for a failed test', () => {
    expect(tallyVitest(vitestReport(file('failed')))).toEqual({ passed: 0, failed: 1, skipped: [] });
    expect(tallyVitest(vitestReport(file('failed', 'passed')))).toEqual({
      passed: 1,
      failed: 1,
      skipped: [],
    });
  });

  it('reads what pytest writes', () => {
    const xml = `<?xml version="1.0"?><testsuites name="pytest tests"><testsuite name="pytest" errors="1" failures="2"
      skipped="1" tests="9" time="1.5"><testcase classname="a" name="test_one" time="0.1"><skipped type="pytest.skip"
      message="no data"/></testcase><testcase classname="a" name="test_two" time="0.1" /></testsuite></testsuites>`;
    expect(tallyJunit(xml)).toEqual({ passed: 5, failed: 3, skipped: ['test_one'] });
  });

  it('takes a runner that ran no test for a failure', () => {
    expect(settle({ passed: 0, failed: 0, skipped: [] }, 0).failed).toBe(1);
    expect(settle(undefined, 0).failed).toBe(1);
  });

  it('takes a bad exit that no test explains for a failure', () => {
    expect(settle({ passed: 5, failed: 0, skipped: [] }, 1)).toEqual({ passed: 5, failed: 1, skipped: [] });
    expect(settle({ passed: 5, failed: 0, skipped: [] }, null).failed).toBe(1);
    expect(settle({ passed: 5, failed: 2, skipped: [] }, 1).failed).toBe(2);
    expect(settle({ passed: 5, failed: 0, skipped: [] }, 0).failed).toBe(0);
  });

  it('ends in one plain line', () => {
    const tallies = [
      { passed: 5, failed: 0, skipped: [] },
      { passed: 2, failed: 1, skipped: ['law'] },
    ];
    expect(summarize(tallies)).toBe('7 passed, 1 failed');
  });
});
