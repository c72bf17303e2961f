import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fillTemplate } from '../../orchestrator/render/fill-template.ts';

describe('fillTemplate', () => {
  test('puts each value into its hole with its type', () => {
    const template = {
      name: '${name:string}',
      size: '${size:int}',
      on: '${on:bool}',
      labels: '${labels:map}',
    };
    const values = { name: 'x', size: 3, on: false, labels: { a: 'b' } };
    expect(fillTemplate(template, values)).toEqual(values);
  });

  test('a list in a field is the list; a list as an item puts its items there', () => {
    const template = { whole: '${items:list}', spliced: [0, '${items:list}', 9] };
    expect(fillTemplate(template, { items: [1, [2]] })).toEqual({ whole: [1, [2]], spliced: [0, 1, [2], 9] });
  });

  test('an optional hole without a value takes its field, or its item, away', () => {
    expect(fillTemplate({ a: '${a:int?}', b: ['${c:string?}', 1] }, { a: undefined })).toEqual({ b: [1] });
  });

  test('references of Kubernetes to variables are left alone', () => {
    expect(fillTemplate(['--rank=$(INDEX)', '$$(X)'], {})).toEqual(['--rank=$(INDEX)', '$$(X)']);
  });

  test.for([
    ['a hole without a value', { a: { b: ['${x:int}'] } }, {}, '.a.b[0]'],
    ['a value of another type', { a: '${x:int}' }, { x: '3' }, '.a'],
    ['a fraction for an int', { a: '${x:int}' }, { x: 0.5 }, '.a'],
    ['a list for a map', { a: '${x:map}' }, { x: [] }, '.a'],
    ['a hole inside a longer text', { a: 'v${x:string}' }, { x: 'y' }, '.a'],
    ['a hole of an unknown type', { a: '${x:float}' }, { x: 1 }, '.a'],
    ['a name that only the prototype has', { a: '${toString:string}' }, {}, '.a'],
    ['a value that no hole takes', { a: 1 }, { x: 1 }, '(the whole template)'],
  ] as const)('%s is refused with its place', ([, template, values, where]) => {
    expect(() => fillTemplate(template, values)).toThrow(
      expect.objectContaining({ problems: [expect.objectContaining({ code: 'template-mismatch', where })] }),
    );
  });

  test.for([
    ['${x:int}', {}, 'hole "x" has no value', 'give it one, or mark it optional with ?'],
    ['${x:int}', { x: '3' }, 'hole "x" wants type int, got "3"', 'correct the value or the declared type'],
    [
      'v${x}',
      { x: 1 },
      '"v${x}" is not a hole',
      'write ${name:type} as a whole value; types are string, int, bool, list, map',
    ],
    ['a', { x: 1, y: 2 }, 'no hole takes "x", "y"', 'add the hole, or stop supplying the value'],
  ] as const)('of %s it says what is wrong and what to do', ([template, values, what, todo]) => {
    expect(() => fillTemplate({ a: template }, values)).toThrow(
      expect.objectContaining({ problems: [expect.objectContaining({ what, todo })] }),
    );
  });

  test.for([
    ['string', 'x', [1, true, [], {}, null]],
    ['int', 3, ['3', 0.5, true, [], {}, 2 ** 53]],
    ['bool', false, [0, 'false', [], {}]],
    ['list', [1], ['x', {}, 1]],
    ['map', { a: 1 }, ['x', [], 1, null]],
  ] as const)('a hole for a %s takes that, and nothing else', ([type, good, others]) => {
    const template = { a: `\${x:${type}}` };
    expect(fillTemplate(template, { x: good })).toEqual({ a: good });
    for (const x of others) expect(() => fillTemplate(template, { x })).toThrow(`wants type ${type}`);
  });

  test('what is no text, list or map is left as it is, and a map that stands as an item stays one item', () => {
    expect(fillTemplate({ a: 1, b: null, c: true, d: 'x$y' }, {})).toEqual({
      a: 1,
      b: null,
      c: true,
      d: 'x$y',
    });
    expect(fillTemplate([['${x:int}'], '${m:map}'], { x: 1, m: { k: [2] } })).toEqual([[1], { k: [2] }]);
    expect(() => fillTemplate({ a: '${x:int} ' }, { x: 1 })).toThrow('is not a hole');
  });

  test('a value is never looked into: whatever it holds comes out as it went in', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (text, item) => {
        const values = { text: `\${${text}:int}`, items: [item, '${text:string}'] };
        const filled = fillTemplate({ text: '${text:string}', items: '${items:list}' }, values);
        expect(filled).toEqual(values);
      }),
    );
  });
});
