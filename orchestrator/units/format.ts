/** Digits grouped by commas: `12,500`. */
export function formatInteger(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Enough digits to compare by: at least three significant ones below 1,000, whole numbers above. */
export function formatFigure(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 999.5) return formatInteger(value);
  const whole = Math.floor(Math.log10(size)) + 1;
  return value.toFixed(Math.min(10, Math.max(0, 3 - whole)));
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
  return `${formatFigure(gpuMilliseconds / 3_600_000)} device-hours`;
}

/** `1,234.50 USD`; amounts below one unit keep three significant digits, so that a small run does not cost 0.00. */
export function formatMoney(amount: number, currency: string): string {
  const size = Math.abs(amount);
  const digits = size > 0 && size < 0.995 ? formatFigure(amount) : amount.toFixed(2);
  const [whole = '0', fraction] = digits.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return `${fraction === undefined ? grouped : `${grouped}.${fraction}`} ${currency}`;
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
