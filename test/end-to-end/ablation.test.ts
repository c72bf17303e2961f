import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { newHome, RECIPES, showRun, stint, stintJson } from './stint.ts';

interface Launched {
  readonly runs: readonly {
    readonly id: string;
    readonly arm: string;
    readonly state: string;
    readonly checkpoint: string;
  }[];
}
interface CostRow {
  readonly run: string;
  readonly phase: string;
  readonly gpuMilliseconds: number;
  readonly cost: number;
  readonly currency: string;
}

let home: string;
let launched: Launched;
const ids = () => launched.runs.map((run) => run.id);

beforeAll(async () => {
  home = await newHome();
  launched = await stintJson(home, 'launch', join(RECIPES, 'lengths.yaml'), '--cluster', 'laptop', '--wait');
}, 600_000);

describe('an ablation from launch to comparison', () => {
  it('ends with a registered checkpoint for each arm', () => {
    expect(launched.runs).toEqual([
      { id: expect.any(String), arm: 'short', state: 'succeeded', checkpoint: expect.stringMatching(/^c-/) },
      { id: expect.any(String), arm: 'long', state: 'succeeded', checkpoint: expect.stringMatching(/^c-/) },
    ]);
  });

  it('accounts for every millisecond that a run held: the phases add up to it', async () => {
    const rows = await stintJson<CostRow[]>(home, 'cost', '--by', 'run,phase');
    for (const id of ids()) {
      const shown = await showRun(home, id);
      const ofRun = rows.filter((row) => row.run === id);
      expect(ofRun.reduce((sum, row) => sum + row.gpuMilliseconds, 0)).toBe(shown.gpuMilliseconds);
      expect(shown.gpuMilliseconds).toBeGreaterThan(0);
      expect(shown).toMatchObject({
        state: 'succeeded',
        steps: 40,
        attempts: [{ number: 1, cause: 'succeeded' }],
      });
      expect(ofRun.map((row) => row.phase)).toEqual(
        expect.arrayContaining(['starting', 'training', 'evaluating']),
      );
      expect(new Set(ofRun.map((row) => row.currency))).toEqual(new Set(['USD']));
    }
  });

  it('compares the arms by the one factor in which they differ', async () => {
    const comparison = await stintJson<{ factor: string; arms: Record<string, unknown>[] }>(
      home,
      'compare',
      ...ids(),
    );
    expect(comparison.factor).toBe('training.sequenceLength');
    expect(comparison.arms).toMatchObject([
      {
        run: ids()[0],
        value: 48,
        evaluations: [
          { control: 'budget', budget: 8 },
          { control: 'wait', budget: 32 },
        ],
      },
      { run: ids()[1], value: 256, truncatedShare: 0 },
    ]);
    expect(comparison.arms[0]?.['truncatedShare']).toBeGreaterThan(0.5);
  });

  it('writes a report and a chart that stand by themselves', async () => {
    const [html, svg] = [join(home, 'r.html'), join(home, 'r.svg')];
    expect((await stint(home, 'compare', ...ids(), '--html', html, '--svg', svg)).code).toBe(0);
    expect(await readFile(html, 'utf8')).toMatch(/^<!doctype html>[\s\S]*<svg/);
    expect(await readFile(svg, 'utf8')).toMatch(/^<svg/);
  });

  it('says what a checkpoint was made from, and finds one flipped bit in it', async () => {
    const id = launched.runs[1]?.checkpoint ?? '';
    const shown = await stintJson<{ run: string; folder: string; lineage: object }>(
      home,
      'checkpoints',
      'show',
      id,
    );
    expect(shown.run).toBe(ids()[1]);
    expect(Object.keys(shown.lineage)).toEqual(
      expect.arrayContaining(['recipe', 'dataset', 'model', 'code']),
    );
    expect((await stint(home, 'checkpoints', 'verify', id)).code).toBe(0);

    const file = await open(join(shown.folder, 'model.safetensors'), 'r+');
    const { size } = await file.stat();
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, size - 100);
    byte[0] = (byte[0] ?? 0) ^ 1;
    await file.write(byte, 0, 1, size - 100);
    await file.close();
    const verified = await stint(home, 'checkpoints', 'verify', id);
    expect(verified.code).toBe(1);
    expect(verified.stdout).toContain('model.safetensors');
  });

  it('has nothing to resume afterwards, and says so', async () => {
    const resumed = await stint(home, 'runs', 'resume', ...ids());
    expect(resumed).toMatchObject({ code: 2, stderr: expect.stringContaining('have succeeded') });
  });
});
