import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';

/** `npm test -- --only cluster`, on a machine without Go. */
function testCluster(...args: readonly string[]) {
  const { status, stdout } = spawnSync(process.execPath, ['ops/test.ts', '--only', 'cluster', ...args], {
    encoding: 'utf8',
    env: { HOME: process.env['HOME'], PATH: dirname(process.execPath) },
  });
  return { status, lines: stdout.trimEnd().split('\n') };
}

describe('the tests on Kubernetes', () => {
  it('are skipped in one line where the test cluster is not built', () => {
    expect(testCluster()).toEqual({
      status: 0,
      lines: [
        'skipped: tests on Kubernetes; `npm run cluster -- build` builds the test cluster (Go, minutes once)',
        '0 passed, 0 failed',
      ],
    });
  });

  it('count as failed where they are wanted and it cannot be built', () => {
    const { status, lines } = testCluster('--with-cluster');
    expect(status).toBe(1);
    expect(lines).toContain(
      'error: the test cluster is built with Go 1.21 or newer, and there is no go command',
    );
    expect(lines.at(-1)).toBe('0 passed, 2 failed');
  });
});
