import { expect, it } from 'vitest';
import { BudgetsSchema } from '../../orchestrator/budget/budgets.ts';
import { parseDocument } from '../../orchestrator/recipe/parse-document.ts';
import { PricePerDeviceHour } from '../../orchestrator/units/device-price.ts';

const told = (...budgets: unknown[]) => {
  const parsed = parseDocument(BudgetsSchema, { kind: 'Budgets', budgets });
  return parsed.ok ? [] : parsed.issues.map(({ what, expected }) => `${what}: ${expected}`);
};
const good = { name: 'red', team: 'red', period: 'month', gpuHours: 100 };

it('takes budgets of a team or a project, in device-hours, money or both', () => {
  expect(
    told(good, { name: 's1', project: 's1', period: 'total', cost: { amount: 9.5, currency: 'USD' } }),
  ).toEqual([]);
  expect(told({ ...good, cost: { amount: 9.5, currency: 'USD' }, from: '2026-11-01' })).toEqual([]);
});

it('takes decimal text for a limit, as a price does, and keeps the number', () => {
  const written = { ...good, gpuHours: '12.50', cost: { amount: '9.5', currency: 'USD' } };
  const parsed = parseDocument(BudgetsSchema, { kind: 'Budgets', budgets: [written] });
  expect(parsed).toMatchObject({
    ok: true,
    value: { budgets: [{ gpuHours: 12.5, cost: { amount: 9.5, currency: 'USD' } }] },
  });
  expect(PricePerDeviceHour.parse('12.50')).toBe(12.5);
  for (const text of ['', ' ', '12,5', '0x10', '-1', '1e999', 'Infinity', 'twelve', '0', '1e-400']) {
    const [amount] = told({ ...good, cost: { amount: text, currency: 'USD' } });
    expect([text, amount]).toEqual([text, expect.stringMatching(/cost\.amount is .*: an amount above zero/)]);
    const [hours] = told({ ...good, gpuHours: text });
    expect([text, hours]).toEqual([text, expect.stringMatching(/gpuHours is .*: device-hours above zero/)]);
  }
});

it('says of each thing that is wrong what was found and what is expected', () => {
  expect(told({ ...good, project: 's1' })[0]).toMatch(
    /^budgets\[0\] is .*: exactly one of team and project$/,
  );
  expect(told({ name: 'red', period: 'month', gpuHours: 1 })[0]).toMatch(/exactly one of team and project$/);
  expect(told({ name: 'red', team: 'red', period: 'month' })[0]).toMatch(/gpuHours, cost or both$/);
  expect(told(good, good)[0]).toBe('budgets[1].name is "red": a name that no other budget has');
  expect(told({ ...good, period: 'week' })).toEqual(['budgets[0].period is "week": one of month, total']);
  expect(told({ ...good, gpuhours: 5 })[0]).toMatch(/has no field "gpuhours"/);
  expect(told({ ...good, from: 'November' })[0]).toMatch(/from is "November"/);
});
