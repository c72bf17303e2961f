import { builtFolder } from '../../../ops/test-cluster/build.ts';
import { parts } from '../../../ops/test-cluster/parts.ts';
import { start, stop } from '../../../ops/test-cluster/service.ts';

/** The API server ends, cuts every connection, and serves again; `whileDown` runs between. */
export async function restartApiServer(
  whileDown: () => Promise<void> = async () => undefined,
): Promise<void> {
  // Open watches would hold up its end for a minute.
  await stop(['kube-apiserver'], 1_000);
  try {
    await whileDown();
  } finally {
    await start(parts((await builtFolder()) ?? '')['kube-apiserver']);
  }
}
