/** Reads as the same text in any YAML, and needs no quotes. */
const PLAIN = /^[A-Za-z_./][\w./-]*$/;
const OTHER_THAN_TEXT = /^(?:true|false|null|yes|no|on|off|y|n|\.+(?:inf|nan)?|~)$/i;

/** A value on one line of YAML. JSON's quoted texts are YAML's, too. */
export function yamlScalar(value: string | number | boolean | null): string {
  if (typeof value === 'number' && value !== 0 && Math.abs(value) < 1e-3) return exponential(value);
  if (typeof value === 'string' && PLAIN.test(value) && !OTHER_THAN_TEXT.test(value)) return value;
  return JSON.stringify(value);
}

/** With a point: some readers take `1e-5` for text. */
function exponential(value: number): string {
  const [mantissa = '', exponent = ''] = value.toExponential().split('e');
  return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}e${exponent}`;
}
