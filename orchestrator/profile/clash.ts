/** A field that cannot stand beside another, or beside what the job template itself gives a pod. */
export interface Clash {
  readonly path: readonly (string | number)[];
  readonly expected: string;
}
