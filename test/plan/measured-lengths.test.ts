import { describe, expect, it } from 'vitest';
import { dataLengths } from '../../orchestrator/plan/lengths.ts';
import { makePlan } from '../../orchestrator/plan/make-plan.ts';
import type { FineTune } from '../../orchestrator/recipe/fine-tune.ts';
import type { Inspection } from '../../orchestrator/wire/inspection.ts';
import { DIGEST, profile, recipe, refusals, trainedOnly, verdict, withTraining } from './fixtures.ts';
import { inspection, TOKENIZER } from './inspected.ts';

const of = (sequenceLength: number, dataset: Partial<FineTune['dataset']> = {}): FineTune => {
  const base = withTraining(trainedOnly('s1-32b'), { sequenceLength });
  return { ...base, dataset: { ...base.dataset, ...dataset } };
};

const planOf = (recipeOf: FineTune, found: Inspection) =>
  makePlan(recipeOf, DIGEST, profile('h100-16'), { inspection: found });

describe('data that lies here', () => {
  it('goes before the histogram in the recipe', () => {
    const lengths = dataLengths(of(300, { overLength: 'truncate' }), { inspection: inspection() });
    expect(lengths).toMatchObject({
      basis: 'measured',
      kept: [300, 250, 100],
      total: 3,
      overLength: 1,
      longest: 400,
    });
    expect(lengths.tracesOverLength).toBe(0);
    expect(dataLengths(of(299), { inspection: inspection() }).tracesOverLength).toBeCloseTo(1 / 3);
  });

  it('is refused in the plan for what prepare would refuse, with the place and what to do', () => {
    const row = { file: 'a.jsonl', line: 7, what: 'field "a" is missing' };
    const broken = planOf(of(1024), inspection({ brokenRows: 5, broken: [row] }));
    expect(refusals(broken)).toContain('data-usable');
    expect(verdict(broken, 'data-usable').message).toMatch(
      /5 rows cannot be used \(a\.jsonl:7 field "a" is missing; and 4 more\): fix/,
    );
    const control = inspection({ controlTokens: 1, controlTokenRows: [{ ...row, what: '<|im_end|> in a' }] });
    expect(verdict(planOf(of(1024), control), 'data-usable').message).toContain(
      'set dataset.controlTokens to text',
    );
    expect(refusals(planOf(of(1024, { controlTokens: 'text' }), control))).toEqual([]);
  });

  it('is refused where a cut leaves a sample without a label, or dropping leaves none', () => {
    expect(refusals(planOf(of(50, { overLength: 'truncate' }), inspection()))).toEqual(['data-usable']);
    expect(refusals(planOf(of(51, { overLength: 'truncate' }), inspection()))).toEqual([]);
    expect(refusals(planOf(of(99, { overLength: 'drop' }), inspection()))).toEqual(['data-usable']);
    expect(refusals(planOf(of(100, { overLength: 'drop' }), inspection()))).toEqual([]);
    const empty = inspection({ rows: 0, lengths: [], traceLengths: [], labels: [] });
    expect(refusals(planOf(of(100), empty))).toEqual(['data-usable']);
  });
});

describe('lengths that were counted in other tokens', () => {
  const other = `sha256:${'c'.repeat(64)}`;
  const counted = (tokenizer?: string) => {
    const { lengths } = recipe('s1-32b').dataset;
    if (!lengths) throw new Error('s1-32b has a histogram');
    return of(32_768, { lengths: { ...lengths, tokenizer } });
  };

  it('are not used: the plan says whose they are and what to do', () => {
    const plan = makePlan(counted(other), DIGEST, profile('h100-16'), { why: 'x', tokenizer: TOKENIZER });
    expect(plan.basis).toBe('none');
    expect(verdict(plan, 'lengths-known')).toMatchObject({
      ok: false,
      refuses: true,
      message: expect.stringMatching(
        /another tokenizer \(sha256:[0-9a-f]{12}\) than the model’s \(sha256:[0-9a-f]{12}\).*--write-lengths/,
      ),
    });
  });

  it('are used where they are the model’s own, or nobody can tell', () => {
    for (const [histogram, here] of [
      [TOKENIZER, TOKENIZER],
      [undefined, TOKENIZER],
      [other, null],
    ] as const)
      expect(dataLengths(counted(histogram), { why: 'x', tokenizer: here }).basis).toBe('histogram');
  });

  it('are not a generator’s either, whose distribution is in the project’s own tokens', () => {
    const source = {
      kind: 'generated',
      generator: 'running-digit',
      samples: 9,
      seed: 1,
      slipShare: 0,
      additions: { median: 3, sigma: 1, min: 2, max: 9 },
    } as const;
    const generated = of(1024, { source, lengths: undefined });
    expect(dataLengths(generated).basis).toBe('none');
    const { architecture } = generated.model;
    const scratch = {
      ...generated,
      model: { kind: 'scratch' as const, architecture, initializerRange: 0.02 },
    };
    expect(dataLengths(scratch).basis).toBe('distribution');
  });
});
