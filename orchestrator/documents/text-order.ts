/** By code points, the same on every machine, whatever its language. */
export const inTextOrder = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
