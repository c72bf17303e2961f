import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { ANNOTATION, LABEL } from '../../orchestrator/render/keys.ts';
import { errorCode } from './error-code.ts';
import { hostEnvironment } from './host-environment.ts';
import type { LocalJob } from './job-manifest.ts';
import { type Host, planLaunch } from './launch.ts';
import { jobFolder, LAUNCH, OUTPUT, POD, SUPERVISOR_LOG } from './layout.ts';
import type { LocalClusterOptions } from './local-cluster-options.ts';
import { type PodIdentity, readJob, ringBell } from './pod-record.ts';
import { processesMarked } from './processes.ts';
import { freePort, requireFreePort } from './rendezvous-port.ts';
import { endIfUnattended, supervisorMarker } from './stop-pod.ts';

const SUPERVISOR = fileURLToPath(new URL('./supervisor.ts', import.meta.url));

/** Makes the job's pods unless they exist, and gives a supervisor to each that has neither one nor an end. */
export async function startJob(job: LocalJob, options: LocalClusterOptions): Promise<void> {
  const run = job.spec.template.metadata.labels[LABEL.run];
  const folder = jobFolder(options.root, run, job.metadata.name);
  if ((await readJob(folder)).length === 0) await createPods(job, folder, options);
  for (const { folder: pod, facts } of await readJob(folder)) {
    if (facts.phase !== 'pending' || (await processesMarked(supervisorMarker(facts.uid))).length > 0)
      continue;
    await startSupervisor(pod, facts.uid);
  }
}

/** Whole or not at all: made aside, then moved to the job's name, which fails when another process was quicker. */
async function createPods(job: LocalJob, folder: string, options: LocalClusterOptions): Promise<void> {
  const pinned = pinnedPort(job);
  if (pinned !== undefined) await requireFreePort(pinned);
  const path = process.env['PATH'] ?? '/usr/bin:/bin';
  const host: Host = { ...options, path, freePort: pinned ?? (await freePort()) };
  const draft = join(dirname(folder), `.${job.metadata.name}.${randomUUID()}`);
  try {
    for (let index = 0; index < job.spec.completions; index++) {
      const uid = randomUUID();
      await mkdir(join(draft, String(index)), { recursive: true });
      const place = (name: string) => join(draft, String(index), name);
      await writeFile(place(POD), JSON.stringify(identity(job, index, uid)));
      await writeFile(
        place(LAUNCH),
        JSON.stringify(planLaunch(job, index, uid, join(folder, String(index)), host)),
      );
      await writeFile(place(OUTPUT), '');
    }
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    const code = errorCode(error);
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
  await ringBell(join(folder, '0'));
}

function identity(job: LocalJob, index: number, uid: string): PodIdentity {
  const { labels, annotations } = job.spec.template.metadata;
  const now = Date.now();
  return {
    uid,
    name: `${job.metadata.name}-${index}`,
    job: job.metadata.name,
    run: labels[LABEL.run],
    stage: labels[LABEL.stage],
    launch: labels[LABEL.attempt],
    attempt: labels[LABEL.attempt],
    index,
    node: hostname(),
    deviceModel: annotations[ANNOTATION.deviceModel],
    devices: annotations[ANNOTATION.devices],
    createdAt: now,
    boundAt: now,
  };
}

/** The port that the profile insists on; 0 stands for any. */
function pinnedPort(job: LocalJob): number | undefined {
  const [{ env }] = job.spec.template.spec.containers;
  const port = env.find(({ name }) => name === 'MASTER_PORT');
  return port && 'value' in port && port.value !== '0' ? Number(port.value) : undefined;
}

/**
 * Starts the supervisor of a pod, detached: it outlives this process by the grace period. Its standard input is the
 * pipe that tells it when this process is gone. Neither keeps this process from exiting.
 */
async function startSupervisor(folder: string, uid: string): Promise<void> {
  const log = createWriteStream(join(folder, SUPERVISOR_LOG), { flags: 'a' });
  await once(log, 'open');
  try {
    const supervisor = execa(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', SUPERVISOR, folder],
      {
        env: { ...hostEnvironment(), ...Object.fromEntries([supervisorMarker(uid)]) },
        extendEnv: false,
        cwd: folder,
        detached: true,
        cleanup: false,
        reject: false,
        buffer: false,
        stdin: 'pipe',
        stdout: 'ignore',
        stderr: log,
      },
    );
    const { nodeChildProcess, stdin } = supervisor;
    stdin.on('error', () => undefined);
    if (stdin instanceof Socket) stdin.unref();
    nodeChildProcess.unref();
    // A supervisor that was killed leaves its pod unattended. If this fails, whoever watches the run tries again.
    nodeChildProcess.once('exit', (code) => {
      if (code !== 0) void endIfUnattended(folder, uid).catch(() => undefined);
    });
  } finally {
    log.close();
  }
}
