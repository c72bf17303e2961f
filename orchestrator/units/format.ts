import { HOUR_MILLISECONDS } from './hour.ts';

/** Digits grouped by commas: `12,500`. */
export function formatInteger(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Decimals that show three significant digits; read off after rounding, so that 0.9996 counts as 1.00. */
function decimalsOf(value: number): number {
  const exponent = Number(value.toExponential(2).split('e')[1]);
  return Math.min(10, Math.max(0, 2 - exponent));
}

/** Enough digits to compare by: three significant ones below 1,000, whole numbers above. */
export function formatFigure(value: number): string {
  if (value === 0) return '0';
  return Math.abs(value) >= 999.5 ? formatInteger(value) : value.toFixed(decimalsOf(value));
}

/** `0.4 s`, `32 s`, `1 min 32 s`, `2 h 05 min`, `3 d 4 h`. */
export function formatDuration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${pad(whole % 60)} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

function pad(value: number): string {
  return value.toString().padStart(2, '0');
}

/** Time that devices were held, from integer device-milliseconds: `6.93 device-hours`. */
export function formatDeviceTime(gpuMilliseconds: number): string {
  return `${formatFigure(gpuMilliseconds / HOUR_MILLISECONDS)} device-hours`;
}

/**
 * Cents, and below one unit as many decimals as show three significant digits: a small run does not cost
 * 0.00.
 */
export function costDecimals(amount: number): number {
  return amount === 0 ? 2 : Math.max(2, decimalsOf(amount));
}

/** `1,234.50 USD`, `0.00470 USD`. */
export function formatMoney(amount: number, currency: string): string {
  const [whole = '0', fraction = ''] = amount.toFixed(costDecimals(amount)).split('.');
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${fraction} ${currency}`;
}

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Decimal units, powers of 1,000: `65.6 GB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? Math.round(value) : formatFigure(value)} ${BYTE_UNITS[unit] ?? 'B'}`;
}

/** A share as per cent: `74.3%`. */
export function formatPercent(share: number, decimals = 1): string {
  return `${(100 * share).toFixed(decimals)}%`;
}

/** With its sign: `+0.29`, `-0.01`, `0.00`. */
export function formatSigned(value: number, decimals = 2): string {
  const text = value.toFixed(decimals);
  if (Number(text) === 0) return (0).toFixed(decimals);
  return value > 0 ? `+${text}` : text;
}
