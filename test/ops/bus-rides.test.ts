import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { exampleData } from '../../ops/example/bus-rides.ts';

interface Ride {
  readonly question: string;
  readonly trace: string;
  readonly answer: string;
}

const made = exampleData();
const rides = (name: string) =>
  (made[name] ?? '')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Ride);
const training = rides('bus-rides.jsonl');
const questions = rides('bus-rides-test.jsonl');

/** Reads the question alone, as somebody who has not seen how it was made. */
function passengers(question: string): number {
  const start = Number(/has (\d+) people/.exec(question)?.[1]);
  const changes = question.match(/[+-]\d/g) ?? [];
  return changes.reduce((sum, change) => sum + Number(change), start);
}

describe('the rides of the example', () => {
  it.each(Object.keys(made))('stand in recipes/data/%s as they are made', (name) => {
    expect(readFileSync(`recipes/data/${name}`, 'utf8')).toBe(made[name]);
  });

  it('are asked for once: no test question is in the training set, and none is there twice', () => {
    const all = [...training, ...questions].map(({ question }) => question);
    expect(new Set(all).size).toBe(all.length);
    expect(questions.length).toBeGreaterThanOrEqual(50);
  });

  it('are answered with what the question comes to', () => {
    for (const { question, answer } of [...training, ...questions])
      expect(answer).toBe(`Final Answer: ${passengers(question)}`);
  });

  it('are worked out in one true line a stop, each going on from the one before', () => {
    for (const { question, trace, answer } of [...training, ...questions]) {
      let people = Number(/has (\d+)/.exec(question)?.[1]);
      const lines = trace.split('\n');
      expect(lines).toHaveLength(question.match(/[+-]\d/g)?.length ?? 0);
      for (const line of lines) {
        const [, stop, before, sign, many, after] = /^(\w+):(\d+)([+-])(\d)=(\d+)$/.exec(line) ?? [];
        expect(question).toContain(` ${stop} ${sign}${many}`);
        expect(Number(before)).toBe(people);
        people += Number(`${sign}${many}`);
        expect(Number(after)).toBe(people);
        expect(people).toBeGreaterThanOrEqual(0);
        expect(people).toBeLessThanOrEqual(20);
      }
      expect(answer).toBe(`Final Answer: ${people}`);
    }
  });
});
