/** One figure of a bench beside its goal. */
export interface Measure {
  readonly name: string;
  readonly value: number;
  readonly goal: number;
  readonly unit: string;
  readonly ok: boolean;
}

/** A line for each, and one line of JSON of all for programs. */
export function printMeasures(measures: readonly Measure[]): void {
  for (const { name, value, goal, unit, ok } of measures)
    console.log(`${ok ? 'ok    ' : 'missed'} ${name}: ${value} ${unit} (goal ${goal})`);
  console.log(JSON.stringify(measures));
}
