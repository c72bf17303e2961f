import { expect, test } from 'vitest';
import { resourceName } from '../../../orchestrator/doctor/rights.ts';
import { configName } from '../../../orchestrator/render/names.ts';
import type { RunRecord } from '../../../orchestrator/run/run-record.ts';
import { kubectl } from '../../kubernetes/kubectl.ts';
import { kubectlApply, newPerson, type Person } from '../../kubernetes/person.ts';
import { rulesFor, withoutRight } from '../../kubernetes/prescribed.ts';
import { IN, kept, NAMESPACE, type Simulated } from '../../kubernetes/simulated/simulated-runs.ts';
import { simulatedSuite, unattended } from '../../kubernetes/simulated/suite.ts';

const suite = simulatedSuite();
const stuck = () => unattended(suite, { 'sim/hang': 'true' });

const rightsOf = (record: RunRecord): readonly string[] =>
  rulesFor(record).map(({ apiGroups, resources, verbs }) => {
    const right = { group: apiGroups[0] ?? '', resource: resources[0] ?? '' };
    return `${verbs[0]} ${resourceName(right)}`;
  });

async function personWithout(record: RunRecord, missing: string): Promise<Person> {
  const person = await newPerson();
  await person.allow(NAMESPACE, withoutRight(rulesFor(record), missing));
  return person;
}

/** `may not patch pods`, of whoever says it. */
const says = (right: string): RegExp => new RegExp(`may not ${right.replaceAll('.', '\\.')}(?![\\w/])`);

/** Five tries of what is refused, for each of two pods, and what a command asks beside them. */
const MOST = 40;

async function expectBounded(person: Person, missing: string): Promise<void> {
  const requests = await person.requests();
  const refused = requests.filter(({ right, code }) => right === missing && code === 403);
  expect([missing, refused.length > 0]).toEqual([missing, true]);
  expect(refused.length).toBeLessThanOrEqual(MOST);
}

const READS = ['list pods', 'watch pods', 'list jobsets.jobset.x-k8s.io', 'list workloads.kueue.x-k8s.io'];

test('`runs show` says which right is missing, and that it knows no more', async () => {
  const { here, record } = await stuck();
  for (const missing of READS) {
    const person = await personWithout(record, missing);
    const { code, stdout } = await person.stint(here.home, 'runs', 'show', record.id);
    // A look ends with what the lists say; a watch is nothing that it needs.
    if (missing === 'watch pods') continue;
    expect([missing, code]).toEqual([missing, 0]);
    expect(stdout).toMatch(says(missing));
    await expectBounded(person, missing);
  }
});

test('`release` says which right is missing, ends, and goes on where it was when it has that', async () => {
  const { record: specimen } = await stuck();
  const taken = rightsOf(specimen).filter((right) => /(pods|jobsets\S*|configmaps)$/.test(right));
  for (const missing of taken.filter(
    (right) => !/^create |^watch jobsets|^(get|patch) configmaps/.test(right),
  )) {
    const { here, record } = await stuck();
    const person = await personWithout(record, missing);
    const { code, stderr } = await person.stint(here.home, 'release', record.id, '--yes');
    // What may not be watched is listed again and again: that is said, and the run is taken away all the same.
    const ends = missing === 'watch pods' ? 0 : 2;
    expect([missing, code, says(missing).test(stderr)]).toEqual([missing, ends, true]);
    await expectBounded(person, missing);
    await person.allow(NAMESPACE, rulesFor(record));
    const again = await person.stint(here.home, 'release', record.id, '--yes');
    // What was taken away is there no more: that is said, too.
    expect([missing, again.code]).toEqual([missing, ends === 0 ? 2 : 0]);
    if (ends === 0) expect(again.stderr).toContain('keeps nothing of a run');
    expect(await kept(record.id)).toEqual([]);
  }
});

const CANCELS = [
  'list pods',
  'watch pods',
  'patch pods',
  'delete pods',
  'patch jobsets.jobset.x-k8s.io',
  'delete jobsets.jobset.x-k8s.io',
  'patch workloads.kueue.x-k8s.io',
  'list workloads.kueue.x-k8s.io',
];

test('`cancel` says once what it may not, gives up after a few tries, and ends the run when it may', async () => {
  const runs: { readonly missing: string; readonly here: Simulated; readonly record: RunRecord }[] = [];
  for (const missing of CANCELS) runs.push({ missing, ...(await stuck()) });
  await Promise.all(
    runs.map(async ({ missing, here, record }) => {
      const person = await personWithout(record, missing);
      const { code, stderr } = await person.stint(here.home, 'runs', 'cancel', record.id);
      // Where a queue holds a job back, its controller ends the pods, and what is listed again and again tells of their ends as well
      // as a watch would: that stint may not do this is said, and the run is ended all the same.
      const ends = ['delete pods', 'watch pods'].includes(missing) ? 0 : 2;
      expect([missing, code, says(missing).test(stderr)]).toEqual([missing, ends, true]);
      const warnings = stderr
        .split('\n')
        .filter((line) => line.startsWith('warning:') && says(missing).test(line));
      expect([missing, new Set(warnings).size]).toEqual([missing, warnings.length]);
      await expectBounded(person, missing);
      // Whoever looks meanwhile is told, and asks no more for that.
      const shown = await person.stint(here.home, 'runs', 'show', record.id);
      expect([missing, shown.code, says(missing).test(shown.stdout)]).toEqual([missing, 0, true]);
      await person.allow(NAMESPACE, rulesFor(record));
      expect([missing, await person.stint(here.home, 'runs', 'cancel', record.id)]).toMatchObject([
        missing,
        { code: 0 },
      ]);
      expect(await kept(record.id)).toEqual([]);
    }),
  );
});

/** Refuses every change of the run's pods but their ends, as a policy of the cluster or another owner of a field would. */
async function keepPods(run: string): Promise<() => Promise<void>> {
  const version = { apiVersion: 'admissionregistration.k8s.io/v1', metadata: { name: `keeps-${run}` } };
  const policy = {
    ...version,
    kind: 'ValidatingAdmissionPolicy',
    spec: {
      matchConstraints: {
        resourceRules: [
          { apiGroups: [''], apiVersions: ['v1'], operations: ['UPDATE'], resources: ['pods'] },
        ],
        objectSelector: { matchLabels: { 'stint.dev/run': run } },
      },
      matchConditions: [
        {
          name: 'by-people',
          expression: 'request.userInfo.username.startsWith("system:serviceaccount:people:")',
        },
      ],
      validations: [{ expression: 'false', message: 'the finalizers of pods are kept here' }],
    },
  };
  const binding = {
    ...version,
    kind: 'ValidatingAdmissionPolicyBinding',
    spec: { policyName: `keeps-${run}`, validationActions: ['Deny'] },
  };
  const list = { apiVersion: 'v1', kind: 'List', items: [policy, binding] };
  await kubectlApply(list);
  // A policy is seen by the API server's admission a moment after it is made.
  await new Promise((done) => setTimeout(done, 1_500));
  return async () => {
    await kubectl(['delete', '--filename=-'], JSON.stringify(list));
  };
}

test('what a policy of the cluster will never let pass is given up as well, and done when it may be', async () => {
  const { here, record } = await stuck();
  const end = await keepPods(record.id);
  const person = await newPerson();
  await person.allow(NAMESPACE, rulesFor(record));
  const { code, stderr } = await person.stint(here.home, 'runs', 'cancel', record.id);
  expect([code, stderr]).toEqual([2, expect.stringContaining('the finalizers of pods are kept here')]);
  const patches = (await person.requests()).filter(
    ({ right, code: was }) => right === 'patch pods' && was >= 400,
  );
  expect(patches.length).toBeGreaterThan(0);
  expect(patches.length).toBeLessThanOrEqual(MOST);
  await end();
  expect(await person.stint(here.home, 'runs', 'cancel', record.id)).toMatchObject({ code: 0 });
  expect(await kept(record.id)).toEqual([]);
});

test('an object that somebody else has made is left as it is, and it is said once whose it is', async () => {
  const here = await suite.open();
  const record = await here.launch({ small: true, backend: { onePodPerNode: false } });
  const name = configName(record.id);
  const theirs = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { 'job.json': 'theirs' } };
  const input = JSON.stringify(theirs);
  await kubectl(['apply', IN, '--server-side', '--field-manager=gitops', '--filename=-'], input);
  const { done, warnings } = here.control(record);
  const { state } = await done;
  expect([state, warnings]).toMatchObject([
    { kind: 'failed', message: expect.stringMatching(/already, of no run; its fields are set by "gitops"/) },
    [],
  ]);
  const data = await kubectl(['get', 'configmap', name, IN, '--output=jsonpath={.data}']);
  expect(JSON.parse(data)).toEqual(theirs.data);
  await kubectl(['delete', 'configmap', name, IN]);
});
