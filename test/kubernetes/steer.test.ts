import { afterEach, expect, test } from 'vitest';
import { kubectl, kubectlGet } from './kubectl.ts';
import { simulatedJob } from './simulated-job.ts';
import { steer } from './steer.ts';

const NAMESPACE = 'training';
const IN = `--namespace=${NAMESPACE}`;
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

test('simulated pods end as they were told before they were made, and others as ever', async () => {
  const message = '{"exitClass":"out-of-memory","message":"a \\"quoted\\" word"}';
  const name = `steered-${Date.now().toString(36)}`;
  ends.push(
    await steer({
      namespace: NAMESPACE,
      labels: { 'job-name': name },
      annotations: {
        'sim/run': '100ms',
        'sim/exit-code': '137',
        'sim/reason': 'OOMKilled',
        'sim/message': message,
        'sim/fail-index': '0',
      },
    }),
  );
  // A policy is seen by the API server's admission a moment after it is made.
  await new Promise((done) => setTimeout(done, 1_500));
  for (const job of [name, `${name}-not`]) {
    await simulatedJob({
      namespace: NAMESPACE,
      name: job,
      queue: 'training-flat',
      pods: 1,
      annotations: { a: '' },
    });
    ends.push(() => kubectl(['delete', 'job', job, IN]));
    const kept = kubectl(['wait', `job/${job}`, IN, '--for=jsonpath={.status.active}=1', '--timeout=30s']);
    await kept;
    await kubectl([
      'wait',
      'pod',
      IN,
      `--selector=job-name=${job}`,
      '--for=jsonpath={.status.containerStatuses[0].state.terminated.exitCode}',
      '--timeout=30s',
    ]);
    const { items } = (await kubectlGet('pods', IN, `--selector=job-name=${job}`)) as unknown as {
      items: readonly { status: { containerStatuses: readonly { state: unknown }[] } }[];
    };
    expect(items[0]?.status.containerStatuses[0]?.state).toMatchObject({
      terminated: job === name ? { exitCode: 137, reason: 'OOMKilled', message } : { exitCode: 0 },
    });
  }
});
