// The plan's formulas against the trainer's own step on tensors without content: shapes x worlds x modes.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';
import { rehearsalOf } from '../../orchestrator/cli/rehearsal-request.ts';
import { stepDigest } from '../../orchestrator/documents/reader-digest.ts';
import { type JudgedRow, judgeRehearsal } from '../../orchestrator/plan/judge-rehearsal.ts';
import { makePlan } from '../../orchestrator/plan/make-plan.ts';
import { modelSize } from '../../orchestrator/plan/model-size.ts';
import { collectiveBytes, rankFlops } from '../../orchestrator/plan/rank-work.ts';
import type { ClusterProfile } from '../../orchestrator/profile/cluster-profile.ts';
import type { FineTune } from '../../orchestrator/recipe/fine-tune.ts';
import type { Recompute, Sharding } from '../../orchestrator/wire/job-spec.ts';
import { type Rehearsal, RehearsalSchema } from '../../orchestrator/wire/rehearsal.ts';
import { DIGEST, profile, recipe } from '../plan/fixtures.ts';

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const DOCUMENT = `${CHECKOUT}/docs/rehearsal.md`;
/** Every block but the first, the last and their neighbours is like the one before it. */
const LAYERS = 4;

/** Of the published config.json: hidden size, query and key/value heads, head size, feed-forward size, vocabulary, tied; Qwen2.5's, unless it says whose. */
const SHAPES = {
  '0.5B': [896, 14, 2, 64, 4864, 151_936, true],
  '1.5B': [1536, 12, 2, 128, 8960, 151_936, true],
  '7B': [3584, 28, 4, 128, 18_944, 152_064, false],
  '14B': [5120, 40, 8, 128, 13_824, 152_064, false],
  '32B': [5120, 40, 8, 128, 27_648, 152_064, false],
  '72B': [8192, 64, 8, 128, 29_568, 152_064, false],
  'Qwen3-0.6B': [1024, 16, 8, 128, 3072, 151_936, true, 'qwen3'],
  'Qwen3-0.6B, few words': [1024, 16, 8, 128, 3072, 16_384, true, 'qwen3'],
  'Qwen3-32B': [5120, 64, 8, 128, 25_600, 151_936, false, 'qwen3'],
  'SmolLM2-1.7B': [2048, 32, 32, 64, 8192, 49_152, true, 'llama'],
} as const;

interface Case {
  readonly shape: keyof typeof SHAPES;
  readonly sharding: Sharding;
  readonly shared: number;
  readonly mode: Recompute;
  readonly compute?: 'fp8-rowwise';
}

const MODES = ['none', 'gate', 'selective', 'full'] as const;
const SHARDINGS = ['full', 'hybrid'] as const;

/**
 * Of 32B all, and each mode in FP8; of the others each mode, each sharding, and every number of ranks that can share a sequence. With
 * few words no step holds the most in its loss, and the heads' norms count.
 */
const CASES: readonly Case[] = [
  ...SHARDINGS.flatMap((sharding) =>
    [1, 2, 4, 8].flatMap((shared) =>
      MODES.map((mode) => ({ shape: '32B' as const, sharding, shared, mode })),
    ),
  ),
  ...MODES.map((mode) => ({
    shape: '32B' as const,
    sharding: 'full' as const,
    shared: 8,
    mode,
    compute: 'fp8-rowwise' as const,
  })),
  ...MODES.map((mode) => ({
    shape: 'Qwen3-0.6B, few words' as const,
    sharding: 'full' as const,
    shared: 2,
    mode,
  })),
  ...(['0.5B', '1.5B', '7B', '14B', '72B', 'Qwen3-0.6B', 'Qwen3-32B', 'SmolLM2-1.7B'] as const).flatMap(
    (shape, place) =>
      MODES.map((mode, index) => ({
        shape,
        mode,
        sharding: SHARDINGS[(place + index) % 2] ?? 'full',
        shared: 2 ** ((place + index) % (1 + Math.log2(Math.min(8, SHAPES[shape][2])))),
      })),
  ),
];

function ofShape({ shape, shared, mode, compute }: Case): FineTune {
  const base = recipe('s1-32b');
  const [
    hiddenSize,
    queryHeads,
    keyValueHeads,
    headSize,
    feedForwardSize,
    vocabularySize,
    tiedEmbeddings,
    family,
  ] = SHAPES[shape];
  const architecture = {
    ...base.model.architecture,
    ...(family === undefined ? {} : { modelType: family }),
    layers: LAYERS,
    hiddenSize,
    queryHeads,
    keyValueHeads,
    headSize,
    feedForwardSize,
    vocabularySize,
    tiedEmbeddings,
  };
  return {
    ...base,
    model: { ...base.model, architecture },
    training: {
      ...base.training,
      recompute: mode,
      sequenceParallel: shared,
      compute: compute ?? base.training.compute,
    },
  };
}

/** Devices that are large enough for a replica, or a host that is not. */
function clusterFor({ sharding }: Case): ClusterProfile {
  const base = profile('h100-16');
  const memory = sharding === 'hybrid' ? 1e12 : 1;
  return { ...base, device: { ...base.device, memory: 1e12 }, node: { ...base.node, memory } };
}

function asked(each: Case) {
  const [of, on] = [ofShape(each), clusterFor(each)];
  const plan = makePlan(of, DIGEST, on);
  return { plan, ...rehearsalOf({ recipe: of, recipeDigest: DIGEST }, on, plan, undefined) };
}

/** One process for all: loading torch takes longer than a step. */
async function rehearseAll(requests: readonly unknown[]): Promise<readonly Rehearsal[]> {
  const script = [
    'import json, sys',
    'from trainer.rehearse.__main__ import answer',
    'print(json.dumps([answer(each) for each in json.load(sys.stdin)]))',
  ].join('\n');
  const { stdout } = await execa(`${CHECKOUT}/.venv/bin/python`, ['-c', script], {
    cwd: CHECKOUT,
    input: JSON.stringify(requests),
  });
  return RehearsalSchema.array().parse(JSON.parse(stdout));
}

describe('a rehearsal of published shapes on two nodes of eight', () => {
  const all = CASES.map((each) => ({ each, ...asked(each) }));
  let found: readonly Rehearsal[] = [];
  beforeAll(async () => {
    found = await rehearseAll(
      all.map(({ request }) => ({ ...request, rows: request.rows.filter((_, index) => index === 0) })),
    );
  }, 1_800_000);

  const judge = (index: number, of = all[index]): JudgedRow => {
    const rehearsal = found[index];
    const planned = of?.planned.slice(0, 1) ?? [];
    const [row] = rehearsal === undefined ? [] : judgeRehearsal(planned, rehearsal, 1e12).rows;
    if (row === undefined) throw new Error(`case ${index} has no row`);
    return row;
  };

  it.each(CASES.map((each, index) => [each.shape, each.sharding, each.shared, each.mode, index] as const))(
    '%s, %s sharding, %i ranks a sequence, recomputing %s: memory, FLOPs and bytes are the plan’s',
    (_shape, sharding, shared, mode, index) => {
      expect(all[index]?.plan).toMatchObject({ sharding, sequenceParallel: shared });
      expect(judge(index)).toMatchObject({ mode, findings: [] });
    },
  );

  it('speaks of the code that the control plane knows as this checkout’s', async () => {
    expect(found[0]?.code).toBe(await stepDigest(CHECKOUT));
  });

  it('notices a formula that is wrong by one block, by one type or by what is done again', () => {
    all.forEach(({ each, planned, request }, index) => {
      const [row] = planned;
      const of = all[index];
      if (row === undefined || of === undefined) throw new Error('each case has a row');
      const { architecture } = ofShape(each).model;
      const size = modelSize(architecture, request.vocabularySize);
      const traffic = { sharding: each.sharding, shards: 8, world: 16, computeBytes: 2, reductionBytes: 4 };
      const shards = each.sharding === 'full' ? 16 : 8;
      const step = { tokens: row.tokensPerRank, sequenceParallel: each.shared, recompute: each.mode };
      const flops = rankFlops(architecture, size, {
        ...step,
        documents: [...row.lengths],
        labels: row.tokensPerRank,
        compile: true,
        fp8: each.compute !== undefined,
      });
      const gatheredAgain = collectiveBytes(
        architecture,
        size,
        { ...traffic, shards, computeBytes: 4 },
        step,
      );
      // Of the small models the vocabulary takes most, beside which a block is little.
      const oneBlock = { ...row, peakBytes: row.peakBytes + 8 * size.block * (index % 2 === 0 ? 1 : -1) };
      for (const wrong of [
        ...(architecture.tiedEmbeddings ? [] : [oneBlock]),
        { ...row, collectives: gatheredAgain },
        ...(flops === row.flops ? [] : [{ ...row, flops }]),
      ])
        expect(judge(index, { ...of, planned: [wrong] }).findings).not.toEqual([]);
    });
  });

  it('the document has a row for every case, with the figures of the code that it names', async () => {
    const rows = CASES.map((_, index) => judge(index));
    const table = CASES.map((each, index) => line(each, judge(index)));
    const code = found[0]?.code ?? '';
    if (process.env['STINT_WRITE_DOCS'] === '1') await writeFile(DOCUMENT, document(table, rows, code));
    const text = await readFile(DOCUMENT, 'utf8');
    expect(text).toMatch(/`sha256:[0-9a-f]{64}`/);
    // Its figures are those of the code that it names, which need not be today's.
    for (const each of CASES) expect(text).toContain(`\n${keyOf(each)} `);
    if (text.includes(code)) for (const row of table) expect(text).toContain(row);
  });
});

/** Of memory, as a share of what is planned. */
const largestDifference = (rows: readonly JudgedRow[]): string =>
  `${(100 * Math.max(...rows.map((row) => Math.abs(row.peakBytes / row.plannedPeakBytes - 1)))).toFixed(2)}%`;

const HEAD = [
  '| shape | sharding | ranks a sequence | recompute | tokens a rank | peak, GB | planned | TFLOP | planned | sent, GB | planned |',
  '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
];

/** How the row of a case begins. */
const keyOf = ({ shape, sharding, shared, mode, compute }: Case): string =>
  `| ${[compute === undefined ? shape : `${shape}, ${compute}`, sharding, shared, mode].join(' | ')} |`;

function line(each: Case, row: JudgedRow): string {
  const cells = [
    row.tokensPerRank,
    (row.peakBytes / 1e9).toFixed(2),
    (row.plannedPeakBytes / 1e9).toFixed(2),
    (row.flops / 1e12).toFixed(3),
    (row.plannedFlops / 1e12).toFixed(3),
    (row.collectiveBytes / 1e9).toFixed(3),
    (row.plannedCollectiveBytes / 1e9).toFixed(3),
  ];
  return `${keyOf(each)} ${cells.join(' | ')} |`;
}

const document = (table: readonly string[], rows: readonly JudgedRow[], code: string): string => `# Rehearsal

\`stint rehearse RECIPE --cluster PROFILE\` runs the step that takes the most memory, the longest and a mean one before
anything is rented: the trainer's own model, sharding, exchanges, recompute modes, loss and optimizer, as the first of all
ranks, on tensors without content (torch's FakeTensorMode) and with collectives that send nothing (its \`fake\` process
group). It needs no device, no weights and no data. Beside the plan's figures it prints

- **peak memory** of all tensors, by what they are for and in which phase of the step it is reached. The plan's formula
  takes the peak over the moments of a step and may be off by 3%, or by 1 MB;
- **FLOPs** by torch's own formulas for each operator (attention over documents by ours, because torch counts whole
  squares), equal to the plan's;
- **bytes of every collective**, equal to the plan's (to 0.5%, where rows do not divide by the ranks and are filled up);
- every place where the host **waits** for a number that the device computes first. One is known: after the backward pass
  all ranks agree on loss, norm and whether to stop. Another is a finding. An operation whose result has a shape that the
  device decides cannot be rehearsed, and is named.

The exit code is 3 where a step does not fit, 1 where a figure of the plan is off by more than its bound. \`stint plan\`
says whether its steps were rehearsed, and with which code. Inside the trainer's image \`python -m trainer.rehearse\` takes
the same question on its standard input (orchestrator/wire/rehearsal.ts) and shows what that image's torch does.

That fake tensors tell the truth is itself tested: on real ranks, over gloo, a step holds the same bytes by kind and phase,
does the same FLOPs and sends the same bytes, to the last one (trainer/tests/test_rehearse.py).

What it does not see: compiled blocks are rehearsed as they are written, which keeps more in the mode \`none\` (the plan
adds what differs); kernels' workspaces, NCCL's buffers and CUDA's own context, for which the plan adds 3 GB, the line
\`runtime\`; gaps of the allocator, for which 3% of what a device reports is left free; copies to the host that name no
number. FSDP's prefetch is seen: it is the part of the gathered weights that belongs to the next block.

## Shapes, worlds, modes

Published shapes, Qwen2.5's where none is named, with ${LAYERS} blocks each, 16 samples as long as s1K's longest on two nodes of eight devices:

${[...HEAD, ...table].join('\n')}

The largest difference of memory is ${largestDifference(rows)}. Rehearsed with the trainer's code \`${code}\`;
\`STINT_WRITE_DOCS=1 npx vitest run --project=end-to-end test/end-to-end/rehearsal.test.ts\` rehearses
again and writes this page.
`;
