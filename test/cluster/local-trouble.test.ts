import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { localCluster } from '../../cluster/local/local-cluster.ts';
import { collect, ended, freshRun, podsWhen } from './contract.ts';
import { openLocal, optionsFor } from './local-cluster.ts';
import { type ShellJob, shellJob } from './shell-job.ts';

let local: Awaited<ReturnType<typeof openLocal>>;
beforeEach(async () => {
  local = await openLocal();
});
afterEach(() => local.close());

const signal = AbortSignal.timeout(600_000);
const problem = (fields: object) => expect.objectContaining({ problems: [expect.objectContaining(fields)] });

async function outputOf(job: ShellJob): Promise<readonly string[]> {
  const run = freshRun();
  await local.cluster.apply(await shellJob(run, job), { signal });
  const [pod] = await podsWhen(local.cluster, run, (pods) => pods.length > 0);
  return (await collect(local.cluster.logs(pod?.name ?? '', { signal }))).map(({ text }) => text);
}

describe('output', () => {
  test('without a newline at the end, on both streams, is kept', async () => {
    expect((await outputOf({ script: 'printf out; printf err >&2' })).toSorted()).toEqual(['err', 'out']);
  });

  test('in a very long line is kept whole up to 1 MiB and in pieces beyond', async () => {
    const script = `python -c "print('x' * 900_000); print('y' * 5_000_000); print('z')"`;
    const lines = await outputOf({ script });
    expect(lines[0]).toHaveLength(900_000);
    expect(lines.slice(1, -1).join('')).toBe('y'.repeat(5_000_000));
    expect(lines.at(-1)).toBe('z');
  });

  test('of bytes that are no text does not harm the lines around it', async () => {
    const script = `echo before; printf '\\377\\376\\000\\r\\n'; echo 'after €'`;
    expect(await outputOf({ script })).toEqual(['before', '\ufffd\ufffd\u0000\r', 'after €']);
  });

  test('of a process that outlives the first one ends with the pod', async () => {
    const started = Date.now();
    expect(await outputOf({ script: 'sleep 600 & echo done' })).toEqual(['done']);
    expect(Date.now() - started).toBeLessThan(15_000);
  });
});

describe('a job', () => {
  test('that runs past its deadline is ended, and says that it was the deadline', async () => {
    const run = freshRun();
    const manifests = structuredClone(await shellJob(run, { script: 'sleep 600' }));
    Object.assign(manifests.at(-1)?.['spec'] ?? {}, { activeDeadlineSeconds: 1 });
    await local.cluster.apply(manifests, { signal });
    const [pod] = await podsWhen(local.cluster, run, ended);
    expect(pod).toMatchObject({ phase: 'failed', termination: { exitClass: 'unknown' } });
    expect(pod?.termination?.message).toContain('deadline of 1 s');
  });

  test('leaves none of its temporary volumes behind', async () => {
    const run = freshRun();
    await local.cluster.apply(await shellJob(run, { script: 'exit 0' }), { signal });
    const [pod] = await podsWhen(local.cluster, run, ended);
    const folder = join(local.root, 'runs', run, pod?.job ?? '', '0');
    expect(existsSync(join(folder, 'output.log'))).toBe(true);
    expect(existsSync(join(folder, 'tmp'))).toBe(false);
  });

  test('with a volume that only Kubernetes has is refused by the path of the field', async () => {
    const manifests = structuredClone(await shellJob(freshRun(), { script: '' }));
    const job = manifests.at(-1) as unknown as { spec: { template: { spec: { volumes: object[] } } } };
    job.spec.template.spec.volumes[0] = { name: 'work', hostPath: { path: '/' } };
    const refusal = problem({
      code: 'not-runnable-here',
      where: expect.stringContaining('spec.template.spec.volumes.0') as string,
    });
    await expect(local.cluster.apply(manifests, { signal })).rejects.toEqual(refusal);
  });

  test('whose pinned port is in use is refused by the number, and leaves nothing behind', async () => {
    const server = createServer().listen(0);
    const { port } = server.address() as { port: number };
    const run = freshRun();
    const applied = local.cluster.apply(await shellJob(run, { script: '', rendezvousPort: port }), {
      signal,
    });
    await expect(applied).rejects.toEqual(
      problem({ code: 'port-in-use', what: expect.stringContaining(`port ${port}`) as string }),
    );
    server.close();
    expect(await readdir(join(local.root, 'runs')).catch(() => [])).toEqual([]);
  });

  test('with a pinned port that is free gets it', async () => {
    const server = createServer().listen(0);
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    expect(await outputOf({ script: 'echo $MASTER_PORT', rendezvousPort: port })).toEqual([String(port)]);
  });
});

describe('a state folder', () => {
  test('that is a file is refused with what to do', async () => {
    const file = join(local.root, 'file');
    await writeFile(file, '');
    const cluster = localCluster(optionsFor(join(file, 'state')));
    const applied = cluster.apply(await shellJob(freshRun(), { script: '' }), { signal });
    await expect(applied).rejects.toEqual(problem({ code: 'folder-not-writable' }));
  });

  test('on a full disk is refused, and nothing was started', async ({ skip }) => {
    const folder = join(local.root, 'small');
    await mkdir(folder);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', folder], { stdio: 'ignore' });
    } catch {
      skip('a small file system cannot be mounted here');
    }
    try {
      await writeFile(join(folder, 'filler'), Buffer.alloc(1 << 20)).catch(() => undefined);
      const cluster = localCluster(optionsFor(folder));
      const applied = cluster.apply(await shellJob(freshRun(), { script: '' }), { signal });
      await expect(applied).rejects.toEqual(problem({ code: 'disk-full', where: folder }));
    } finally {
      execFileSync('umount', [folder]);
    }
  });
});

test('reading the log of an unknown pod says which pod and where', async () => {
  await expect(collect(local.cluster.logs('no-such-pod-0', { signal }))).rejects.toEqual(
    problem({ code: 'no-such-pod', where: 'no-such-pod-0' }),
  );
});
