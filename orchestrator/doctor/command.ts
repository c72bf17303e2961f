/** A Kubernetes object as a command that creates it, to be pasted into bash. */
export function applyCommand(object: Readonly<Record<string, unknown>>): string {
  const json = JSON.stringify(object).replaceAll("'", `'\\''`);
  return `kubectl apply -f - <<< '${json}'`;
}
