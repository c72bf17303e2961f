import type { BudgetBook, DayUse, Reservation } from '../../orchestrator/budget/book.ts';
import type { Budget } from '../../orchestrator/budget/budgets.ts';
import { makePrice, type Price } from '../../orchestrator/ledger/price.ts';

export const HOUR = 3_600_000;
export const NOW = Date.UTC(2026, 10, 27, 12);
export const TODAY = NOW / 86_400_000 - 0.5;

export const red = (facts: Partial<Budget> = {}): Budget => ({
  name: 'red-monthly',
  team: 'red',
  period: 'month',
  gpuHours: 100,
  ...facts,
});

const PLACE = {
  team: 'red',
  project: null,
  deviceModel: 'H100',
  capacity: 'on-demand',
  region: null,
  listedPrice: { currency: 'USD', perDeviceHour: 2, source: 'list' },
} as const;

export const reservation = (run: string, hours: number, facts: Partial<Reservation> = {}): Reservation => ({
  ...PLACE,
  run,
  gpuMilliseconds: Math.round(hours * HOUR),
  ...facts,
});

export const use = (run: string, hours: number, facts: Partial<DayUse> = {}): DayUse => ({
  ...PLACE,
  run,
  day: TODAY,
  gpuMilliseconds: Math.round(hours * HOUR),
  ...facts,
});

export const book = (facts: Partial<BudgetBook> = {}): BudgetBook => ({
  budgets: [red()],
  reservations: [],
  uses: [],
  ...facts,
});

export const listed = ({ listedPrice: price }: Pick<DayUse, 'listedPrice'>): Price | null =>
  price && makePrice(price.currency, price.perDeviceHour);
