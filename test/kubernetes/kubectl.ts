import { builtFolder } from '../../ops/test-cluster/build.ts';
import { kubectl as run } from '../../ops/test-cluster/manifests.ts';

let bin: ReturnType<typeof builtFolder> | undefined;

/** What kubectl of the test cluster prints, with all rights. */
export async function kubectl(args: readonly string[], input = ''): Promise<string> {
  bin ??= builtFolder();
  const { stdout } = await run((await bin) ?? '', args, input);
  return stdout;
}

/** An object, or a list of them, as the API server tells it. */
export async function kubectlGet(...args: readonly string[]): Promise<Record<string, unknown>> {
  return JSON.parse(await kubectl(['get', ...args, '--output=json'])) as Record<string, unknown>;
}
