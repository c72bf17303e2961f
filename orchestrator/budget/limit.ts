import { amountOf, amountOfMoney, type Price, unitsOf } from '../ledger/price.ts';
import { formatFigure, formatMoney } from '../units/format.ts';
import { gpuMillisecondsOf } from '../units/gpu-hours.ts';
import { HOUR_MILLISECONDS } from '../units/hour.ts';
import type { Money } from '../units/money.ts';

/** What may be used, as recipes and budgets write it; each that is named holds for itself. */
export interface Limits {
  readonly gpuHours?: number | undefined;
  readonly cost?: Readonly<Money> | undefined;
}

/** Device time, or money of one currency. */
export type Unit = { readonly kind: 'time' } | { readonly kind: 'money'; readonly currency: string };

/** Whole numbers: GPU-milliseconds, or an `Amount` of the currency. */
export interface Limit {
  readonly unit: Unit;
  readonly limit: bigint;
}

export function limitsOf({ gpuHours, cost }: Limits): readonly Limit[] {
  return [
    ...(gpuHours === undefined
      ? []
      : ([{ unit: { kind: 'time' }, limit: BigInt(gpuMillisecondsOf(gpuHours)) }] as const)),
    ...(cost === undefined
      ? []
      : ([{ unit: { kind: 'money', currency: cost.currency }, limit: amountOfMoney(cost) }] as const)),
  ];
}

/** Held time in a limit's unit; null where no price in its currency is known, which is not a price of zero. */
export function measure(unit: Unit, gpuMilliseconds: number, price: Price | null): bigint | null {
  if (unit.kind === 'time') return BigInt(gpuMilliseconds);
  return price?.currency === unit.currency ? amountOf(gpuMilliseconds, price) : null;
}

/** The held time that reaches a limit, rounded up; null where it never does or nobody can tell. */
export function timeWithin({ unit, limit }: Limit, price: Price | null): number | null {
  if (unit.kind === 'time') return Number(limit);
  if (price?.currency !== unit.currency || price.billionthsPerDeviceHour === 0n) return null;
  const each = price.billionthsPerDeviceHour;
  return Number((limit + each - 1n) / each);
}

/** `7.00 device-hours`, `12.50 USD`. */
export const quantityText = (unit: Unit, quantity: bigint): string =>
  namedQuantityText(unitName(unit), numberOf(unit, quantity));

/** The same where the unit goes without saying: money keeps its currency. */
export const figureText = (unit: Unit, quantity: bigint): string =>
  namedFigureText(unitName(unit), numberOf(unit, quantity));

/** Of what `unitName` and `numberOf` say. */
export const namedQuantityText = (unit: string, number: number): string =>
  unit === TIME ? `${namedFigureText(unit, number)} device-hours` : namedFigureText(unit, number);

export const namedFigureText = (unit: string, number: number): string =>
  unit === TIME ? formatFigure(number / HOUR_MILLISECONDS) : formatMoney(number, unit);

/** What is used beyond a limit. */
export const overrunOf = ({ used, limit }: { readonly used: bigint; readonly limit: bigint }): bigint =>
  used > limit ? used - limit : 0n;

/** `7.02 of 7.00 device-hours`. */
export const ofLimitText = ({ unit, limit }: Limit, used: bigint): string =>
  `${figureText(unit, used)} of ${quantityText(unit, limit)}`;

/** For programs: whole `gpuMilliseconds`, or units of a currency, as near as a number can be. */
export const unitName = (unit: Unit): string => (unit.kind === 'time' ? TIME : unit.currency);
const TIME = 'gpuMilliseconds';
export const numberOf = (unit: Unit, quantity: bigint): number =>
  unit.kind === 'time' ? Number(quantity) : unitsOf(quantity);
