import { expect, test } from 'vitest';
import { affordable, nodesToAvoid } from '../../orchestrator/run/avoid.ts';

test('a node on which two attempts failed is avoided, in the order of their first failures', () => {
  expect(nodesToAvoid({ suspects: ['b', 'a', 'c', 'a', 'b'], unfit: [] })).toEqual(['b', 'a']);
});

test('nodes that were measured and found wanting are avoided at once, and are the last to be used again', () => {
  const suspects = ['a', 'b', 'c', 'b', 'c'];
  expect(nodesToAvoid({ suspects, unfit: [['a', 'b'], ['b']] })).toEqual(['c', 'a', 'b']);
});

test.for([
  ['as many as are not needed', ['a', 'b'], ['a', 'b', 'c', 'd'], 2, ['a', 'b']],
  ['those that failed last where not all can be', ['a', 'b'], ['a', 'b', 'c'], 2, ['b']],
  ['none where all are needed', ['a'], ['a', 'b'], 2, []],
  ['none where a healthy one is missing, too', ['a'], ['a'], 2, []],
  ['none where the nodes are not known', ['a'], null, 2, []],
  ['one that takes no pods just now, when others are enough', ['a'], ['b', 'c'], 2, ['a']],
] as const)('of nodes that failed are avoided: %s', ([, avoid, usable, gang, avoided]) => {
  expect(affordable(avoid, usable, gang)).toEqual(avoided);
});
