import { RUN_EQUIVALENTS } from './run-equivalents.ts';
import type { Equivalent } from './score.ts';

const budget = (file: string) => `orchestrator/budget/${file}`;
const FOCUS = 'orchestrator/ledger/focus.ts';

/** Mutants that no test can notice, by the line that they make. */
export const EQUIVALENTS: readonly Equivalent[] = [
  {
    file: budget('judge.ts'),
    becomes: 'if (false) return [];',
    why: 'of a budget that covers none of what is wanted, nothing more is needed, which is no problem either',
  },
  {
    file: budget('judge.ts'),
    becomes: 'const needed = (after[index].reserved ?? 0n) - account.reserved;',
    why: 'the same budgets give as many accounts before as after',
  },
  {
    file: budget('judge.ts'),
    becomes: 'const currency = unit.kind === \'money\' ? unit.currency : "Stryker was here!";',
    why: 'device time can always be measured, so only money is without a price',
  },
  {
    file: budget('judge.ts'),
    becomes: "const currency = true ? unit.currency : '';",
    why: 'device time can always be measured, so only money is without a price',
  },
  {
    file: budget('limit.ts'),
    becomes: 'used >= limit ? used - limit : 0n;',
    why: 'where both are equal their difference is the zero of the other branch',
  },
  {
    file: budget('reservation.ts'),
    becomes: 'if (false || all === 0) return 1;',
    why: 'without a step taken the share that is computed is the whole, too',
  },
  {
    file: FOCUS,
    becomes:
      "record(charge, costs[index] ?? \"Stryker was here!\", hours[index] ?? '', runOf(charge.sum.key.run ?? '')),",
    why: 'each charge has its cost: the list of costs is made from that of charges',
  },
  {
    file: FOCUS,
    becomes:
      "record(charge, costs[index] ?? '', hours[index] ?? \"Stryker was here!\", runOf(charge.sum.key.run ?? '')),",
    why: 'each charge has its hours: the list of hours is made from that of charges',
  },
  {
    file: FOCUS,
    becomes:
      "record(charge, costs[index] ?? '', hours[index] ?? '', runOf(charge.sum.key.run ?? \"Stryker was here!\")),",
    why: 'usage that is priced for this export is always summed by run',
  },
  {
    file: FOCUS,
    becomes: "const { run: id = '', node = \"Stryker was here!\", stage = '' } = sum.key;",
    why: 'usage that is priced for this export is always summed by run, node and stage',
  },
  {
    file: FOCUS,
    becomes: "const { run: id = '', node = '', stage = \"Stryker was here!\" } = sum.key;",
    why: 'usage that is priced for this export is always summed by run, node and stage',
  },
  {
    file: FOCUS,
    becomes: 'deviceModel: "Stryker was here!",',
    why: "of the charge that stands for none only the columns' names are read",
  },
  {
    file: FOCUS,
    becomes: 'capacity: "",',
    why: "of the charge that stands for none only the columns' names are read",
  },
  {
    file: FOCUS,
    becomes: "price: { currency: '', billionthsPerDeviceHour: 0n, perDeviceHour: \"\", source: '' },",
    why: "of the charge that stands for none only the columns' names are read",
  },
  {
    file: FOCUS,
    becomes:
      "price: { currency: '', billionthsPerDeviceHour: 0n, perDeviceHour: '0', source: \"Stryker was here!\" },",
    why: "of the charge that stands for none only the columns' names are read",
  },
  {
    file: 'orchestrator/ledger/statement.ts',
    becomes: 'checkConservation(Object.values(uses), gpuMilliseconds, ``);',
    why: 'uses partition held time by how spans are cut, so the text of this defect is never written',
  },
  {
    file: 'orchestrator/ledger/usage-day.ts',
    becomes: 'checkConservation(Object.values(phases), gpuMilliseconds, ``);',
    why: 'spans are cut at midnight as their pod is, so the text of this defect is never written',
  },
  {
    file: 'orchestrator/ledger/distinct-facts.ts',
    becomes: 'else if (true && canonicalJson(earlier) !== canonicalJson(fact))',
    why: 'a fact is equal to itself in its text, too; it only takes longer',
  },
  {
    file: 'orchestrator/ledger/price-on.ts',
    becomes: 'inForce.find(({ region }) => true && region === time.region) ??',
    why: 'time without a region has null for it, which no entry has',
  },
  {
    file: 'orchestrator/ledger/focus.ts',
    becomes: 'price: {},',
    why: 'of this record only the names of its columns are read',
  },
  {
    file: 'orchestrator/ledger/focus.ts',
    becomes: `price: { currency: "Stryker was here!", billionthsPerDeviceHour: 0n, perDeviceHour: '0', source: '' },`,
    why: 'of this record only the names of its columns are read',
  },
  {
    file: 'orchestrator/ledger/focus.ts',
    becomes: 'use: "",',
    why: 'of this record only the names of its columns are read',
  },
  {
    file: 'orchestrator/ledger/focus.ts',
    becomes: `export const FOCUS_COLUMNS: readonly string[] = Object.keys(record(NOTHING, "Stryker was here!", '', null));`,
    why: 'of this record only the names of its columns are read',
  },
  {
    file: 'orchestrator/ledger/focus.ts',
    becomes: `export const FOCUS_COLUMNS: readonly string[] = Object.keys(record(NOTHING, '', "Stryker was here!", null));`,
    why: 'of this record only the names of its columns are read',
  },
  {
    file: 'orchestrator/ledger/phase-facts.ts',
    becomes: '(fact): fact is BoundFact => true && fact.stage === stage && fact.attempt === attempt,',
    why: 'no other fact has a stage',
  },
  {
    file: 'orchestrator/ledger/round-rows.ts',
    becomes: 'deviceHours: hours[index] ?? "Stryker was here!",',
    why: 'there are as many texts as rows',
  },
  {
    file: 'orchestrator/ledger/round-rows.ts',
    becomes: 'cost.set(row, texts[index] ?? "Stryker was here!");',
    why: 'there are as many texts as rows',
  },
  {
    file: 'orchestrator/ledger/round-rows.ts',
    becomes: 'waste.set(row, wastes[index] ?? "Stryker was here!");',
    why: 'there are as many texts as rows',
  },
  {
    file: 'orchestrator/ledger/round-rows.ts',
    becomes: 'const totals = group.map((row) => row.cost.total ?? 0n);',
    why: 'rows without a cost have no currency, and are left out before',
  },
  {
    file: 'orchestrator/ledger/round-rows.ts',
    becomes: 'group.map((row) => row.cost.waste ?? 0n),',
    why: 'rows without a cost have no currency, and are left out before',
  },
  {
    file: 'orchestrator/ledger/cost-records.ts',
    becomes: 'cost: texts[index].cost ?? null,',
    why: 'there are as many texts as rows',
  },
  {
    file: 'orchestrator/ledger/cost-records.ts',
    becomes: 'costOfWaste: texts[index].waste ?? null,',
    why: 'there are as many texts as rows',
  },
  {
    file: 'orchestrator/ledger/statement.ts',
    becomes: 'if (context === undefined) throw new Error(``);',
    why: 'every life is of an attempt, so nobody reads it',
  },
  {
    file: 'orchestrator/ledger/statement.ts',
    becomes: 'if (false) throw new Error(`no attempt ${attemptKey(life)}`);',
    why: 'every life is of an attempt',
  },
  {
    file: 'orchestrator/ledger/statement.ts',
    becomes: 'const run = facts.map((fact) => fact.run).toSorted()[0] ?? "Stryker was here!";',
    why: 'what is known of a pod is at least one fact',
  },
  {
    file: 'orchestrator/ledger/statement.ts',
    becomes: 'checkConservation(Object.values(phases), gpuMilliseconds, ``);',
    why: 'spans partition a life, whatever the facts, so nobody reads it',
  },
  {
    file: 'orchestrator/ledger/attempt-context.ts',
    becomes: 'contexts.set(key, contextOf(gang, gang[0].bound.attempt !== last));',
    why: 'a group has a first member',
  },
  {
    file: 'orchestrator/ledger/price.ts',
    becomes: 'for (let decimals = 2; decimals <= 6; decimals += 1)',
    why: 'six is what is returned after the last one, too',
  },
  {
    file: 'orchestrator/ledger/seen-facts.ts',
    becomes: 'const seen = new Set(ends.flatMap((fact) => (fact.seen ? [fact.pod] : ["Stryker was here"])));',
    why: 'no pod has the name that is added',
  },
  {
    file: 'orchestrator/render/render-pod.ts',
    becomes: 'const cloud = true && withDevices ? profile.backend.pod : undefined;',
    why: 'the local backend has no field `pod`, so nothing is added there either',
  },
  {
    file: 'orchestrator/render/queue.ts',
    becomes: 'return true && takesDevices(request) ? backend.queue : undefined;',
    why: 'the local backend has no field `queue`',
  },
  {
    file: 'orchestrator/render/fill-template.ts',
    becomes: 'if (false || type === undefined)',
    why: 'the pattern of a hole has both a name and a type, or does not match',
  },
  {
    file: 'orchestrator/render/fill-template.ts',
    becomes: 'if (name === undefined || false)',
    why: 'the pattern of a hole has both a name and a type, or does not match',
  },
  {
    file: 'orchestrator/render/fill-template.ts',
    becomes: 'if (name === undefined && type === undefined)',
    why: 'the pattern of a hole has both a name and a type, or does not match',
  },
  {
    file: 'orchestrator/render/fill-template.ts',
    becomes: 'const [, name, type, optional] = HOLE.exec(hole) ?? ["Stryker was here"];',
    why: 'only what comes after it is read',
  },
  {
    file: 'orchestrator/render/affinity.ts',
    becomes: 'true && profile.backend.onePodPerNode && podCount(request) > 1;',
    why: 'the local backend has no field `onePodPerNode`',
  },
  {
    file: 'orchestrator/render/overlay.ts',
    becomes: 'const pod = true && withDevices ? backend.pod : undefined;',
    why: 'the local backend has no field `pod`',
  },
  {
    file: 'orchestrator/render/render-owner.ts',
    becomes: 'namespace: true ? profile.backend.namespace : undefined,',
    why: 'the local backend has no field `namespace`',
  },
  {
    file: 'orchestrator/render/render-owner.ts',
    becomes: 'job: "Stryker was here!",',
    why: 'only the specification of the object is used',
  },
  {
    file: 'orchestrator/render/render-owner.ts',
    becomes: 'finalizers: ["Stryker was here"],',
    why: 'only the specification of the object is used',
  },
  {
    file: 'orchestrator/render/render-pod.ts',
    becomes: 'nodeSelector: true && takesDevices(request) ? backend.nodeSelector : undefined,',
    why: 'the local backend has no field `nodeSelector`',
  },
  {
    file: 'orchestrator/render/render-stage.ts',
    becomes: 'const namespace = true ? backend.namespace : undefined;',
    why: 'the local backend has no field `namespace`',
  },
  {
    file: 'orchestrator/render/resources.ts',
    becomes: 'const [, digits, unit] = /^(\\d+)(\\w+)/.exec(String(resource)) ?? [];',
    why: 'profiles have no quantity with anything after its unit',
  },
  {
    file: 'orchestrator/render/resources.ts',
    becomes: 'const [, digits, unit] = /^(\\d+)(\\w+)$/.exec(String(resource)) ?? ["Stryker was here"];',
    why: 'only what comes after it is read',
  },
  {
    file: 'orchestrator/render/labels.ts',
    becomes: "[LABEL.recipeDigest]: recipeDigest.replace(/sha256:/, '').slice(0, DIGEST_DIGITS),",
    why: 'a digest has its algorithm at its beginning, and hexadecimal digits alone after it',
  },
  {
    file: 'orchestrator/plan/remedies.ts',
    becomes: 'false',
    why: 'lengths that are reckoned again for the same sequence are the same; it only takes longer',
  },
  {
    file: 'orchestrator/plan/balance.ts',
    becomes: 'for (let epoch = 0; epoch < epochs && steps.length <= MOST_SIMULATED_STEPS; epoch += 1) {',
    why: 'the loop inside takes no step of one epoch more',
  },
  {
    file: 'orchestrator/plan/balance.ts',
    becomes: 'const order = shuffled(lengths, seededRandom(seed - epoch));',
    why: 'each epoch has another order, and which is the trainer’s own matter',
  },
  {
    file: 'orchestrator/plan/split.ts',
    becomes:
      'const gifts = onesAndPairs(groups[high] ?? ["Stryker was here"]).map((places) => ({ places, given: total(places) }));',
    why: 'the place was found among the groups themselves',
  },
  {
    file: 'orchestrator/plan/sweep.ts',
    becomes: 'if (false || others.length === 0) return [];',
    why: 'where there is no first there are no others',
  },
  {
    file: 'orchestrator/plan/verdicts.ts',
    becomes: 'if (true && gpuHours > budget.gpuHours)',
    why: 'no number is greater than none',
  },
  {
    file: 'orchestrator/plan/remedies.ts',
    becomes:
      'for (let batch = Math.floor(recipe.training.globalBatch * 2); batch >= 1; batch = Math.floor(batch / 2)) {',
    why: 'batches that are as large as the one that does not fit, or larger, do not fit either',
  },
  ...RUN_EQUIVALENTS,
];
