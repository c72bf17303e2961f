import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { RIGHTS } from '../../../cluster/kubernetes/inspect/rights.ts';
import { resourceName } from '../../../orchestrator/doctor/rights.ts';
import { RECIPES, stintJson, until } from '../../end-to-end/stint.ts';
import { needsRealNode } from '../../kubernetes/needs-real-node.ts';
import { kubectlApply, newPerson } from '../../kubernetes/person.ts';
import { askDoctor, prescribed, rightsIn, withoutRight } from '../../kubernetes/prescribed.ts';
import { readyNodes } from '../../kubernetes/ready-nodes.ts';
import { LONG, launchedRun, NAMESPACE, realHome, untilStep } from '../../kubernetes/real-stint.ts';

beforeEach(needsRealNode);
beforeEach(readyNodes);

const TINY = join(RECIPES, 'tiny.yaml');

/** What may be asked without being allowed: who asks goes on without it. */
const OPTIONAL = new Set(
  RIGHTS.filter(({ need }) => need !== 'needed').flatMap((row) =>
    row.verbs.map((verb) => `${verb} ${resourceName(row)}${row.of === 'cluster' ? ' of the cluster' : ''}`),
  ),
);

test('every command works under the Role that doctor prescribes, uses all of it, and asks nothing else', async () => {
  const person = await newPerson();
  const { home, profile } = await realHome();
  const { objects, rules } = await prescribed(person, home, profile);
  await kubectlApply(objects);
  const { checks } = await askDoctor(person, home, profile);
  expect(checks.filter(({ level }) => level === 'problem')).toEqual([]);

  const whole = await person.stint(home, 'launch', TINY, '--cluster', profile, '--wait');
  expect(whole).toMatchObject({ code: 0 });
  const first = await launchedRun(home);
  expect(await person.stint(home, 'runs', 'logs', first)).toMatchObject({ code: 0 });
  expect(await person.stint(home, 'render', TINY, '--cluster', profile)).toMatchObject({ code: 0 });

  // Another one is followed and cancelled while it trains; what it leaves is taken over, and at last taken away.
  const second = await realHome();
  expect(await person.stint(second.home, 'launch', LONG, '--cluster', second.profile)).toMatchObject({
    code: 0,
  });
  const run = await launchedRun(second.home);
  await untilStep(run, 1);
  const following = person.stint(second.home, 'runs', 'logs', '-f', run);
  // On a busy machine the cluster may not answer in time.
  await until('it is shown as running', async () =>
    /^state +running/m.test((await person.stint(second.home, 'runs', 'show', run)).stdout),
  );
  // That it may not see the nodes of the cluster is said.
  const nodes = await person.stint(second.home, 'nodes', '--cluster', second.profile);
  expect(nodes).toMatchObject({ code: 2, stderr: expect.stringContaining('list nodes') as string });
  expect(await person.stint(second.home, 'runs', 'cancel', run)).toMatchObject({ code: 0 });
  expect((await following).stdout).toContain('train-a1-0');
  const resumed = person.start(second.home, 'runs', 'resume', run, '--wait');
  await untilStep(run, 1, 2);
  resumed.kill('SIGINT');
  await resumed;
  const released = await person.stint(second.home, 'release', run, '--yes');
  expect(released).toMatchObject({ code: 0 });

  const requests = await person.requests();
  const used = new Set(requests.flatMap(({ right, code }) => (code < 400 ? usedBy(right, code) : [])));
  expect(rightsIn(rules).filter((right) => !used.has(right))).toEqual([]);
  const refused = new Set(requests.filter(({ code }) => code === 403).map(({ right }) => right));
  // Before the Role was there, doctor has asked for more.
  expect([...refused].filter((right) => !OPTIONAL.has(right) && !rightsIn(rules).includes(right))).toEqual(
    [],
  );
  // A process asks for what is of its run, however much else lies there; doctor and `nodes` ask for what is alive.
  const own = [first, run].map((id) => encodeURIComponent(`stint.dev/run=${id}`));
  const isNarrow = (uri: string) =>
    [...own, encodeURIComponent('stint.dev/job'), 'fieldSelector='].some((part) => uri.includes(part));
  const lists = requests.filter(({ right }) =>
    /^(list|watch) (pods|jobsets\.jobset\.x-k8s\.io)$/.test(right),
  );
  expect(lists.length).toBeGreaterThan(0);
  expect(lists.map(({ uri }) => uri).filter((uri) => !isNarrow(uri))).toEqual([]);
});

/** What is applied and was not there is made, which takes another right. */
function usedBy(right: string, code: number): readonly string[] {
  return code === 201 && right.startsWith('patch ') ? [right, right.replace('patch', 'create')] : [right];
}

test('without one of these rights a launch says which, and starts nothing', async () => {
  const { home, profile } = await realHome();
  const nobody = await newPerson();
  const { rules } = await prescribed(nobody, home, profile);
  for (const missing of rightsIn(rules)) {
    const person = await newPerson();
    await person.allow(NAMESPACE, withoutRight(rules, missing));
    const { code, stderr } = await person.stint(home, 'launch', TINY, '--cluster', profile, '--wait');
    expect([missing, code]).toEqual([missing, 2]);
    expect(stderr).toContain(`you may not ${missing}\n`);
    expect((await person.requests()).filter(({ right }) => /^(patch|delete) /.test(right))).toEqual([]);
  }
  expect(await stintJson(home, 'runs', 'ls').catch(() => ({ runs: [] }))).toEqual({ runs: [] });
});
