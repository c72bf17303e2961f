import { describe, expect, it } from 'vitest';
import { answeredError } from '../../cluster/kubernetes/api/api-error.ts';
import {
  isGivenUp,
  MAX_TRIES,
  pauseAfter,
  type TroubleKind,
  troubleKind,
} from '../../orchestrator/controller/retry-policy.ts';
import type { ErrorCode } from '../../orchestrator/errors/catalogue.ts';
import { StintError } from '../../orchestrator/errors/stint-error.ts';

const error = (code: ErrorCode) => new StintError({ code, where: '', what: '', todo: '' });
const answer = (status: number, message = 'm', reason = '') =>
  answeredError(
    { method: 'GET', path: '/p', server: 's' },
    status,
    JSON.stringify({ kind: 'Status', message, reason, code: status }),
  );

describe('trouble', () => {
  it.each([
    ['cluster-unreachable', 'passes'],
    ['cluster-unavailable', 'passes'],
    ['being-deleted', 'passes'],
    ['store-busy', 'passes'],
    ['store-unreachable', 'passes'],
    ['lease-lost', 'passes'],
    ['cluster-forbidden', 'refused'],
    ['cluster-invalid', 'refused'],
    ['no-kueue', 'refused'],
  ] as const)('%s %s', (code, kind) => {
    expect(troubleKind(error(code))).toBe(kind);
  });

  it('that nobody has foreseen is a kind of its own', () => {
    expect(troubleKind(new TypeError('no'))).toBe('unknown');
  });

  it.each([
    [answer(500), 'passes'],
    [answer(503), 'passes'],
    [answer(429), 'passes'],
    [answer(410), 'passes'],
    [answer(403, 'User "u" cannot patch resource "pods"'), 'refused'],
    [answer(403, 'exceeded quota: q'), 'refused'],
    [answer(404), 'refused'],
    [answer(409), 'refused'],
    [answer(422), 'refused'],
  ])('an answer of the API server has the kind of its status: %s', (answered, kind) => {
    expect(troubleKind(answered)).toBe(kind);
  });

  it('is asked about ever more seldom, and never in a circle', () => {
    for (const kind of ['passes', 'refused', 'unknown'] satisfies TroubleKind[]) {
      const pauses = Array.from({ length: 20 }, (_, index) => pauseAfter(kind, index + 1));
      expect(pauses.toSorted((a, b) => a - b)).toEqual(pauses);
      expect(pauses[0]).toBeGreaterThanOrEqual(500);
      expect(pauses.at(-1)).toBeLessThanOrEqual(300_000);
    }
  });

  it('that passes is never given up; a refusal is, after five tries', () => {
    expect(isGivenUp('passes', 1_000)).toBe(false);
    expect([1, MAX_TRIES - 1, MAX_TRIES].map((tries) => isGivenUp('refused', tries))).toEqual([
      false,
      false,
      true,
    ]);
  });
});
