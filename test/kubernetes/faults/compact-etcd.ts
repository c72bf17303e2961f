import { PORTS } from '../../../ops/test-cluster/layout.ts';

/** Forgets all that was before now, as etcd does every five minutes: who asks for an older state is told 410. */
export async function compactEtcd(): Promise<void> {
  // The empty key's answer carries the newest revision.
  const { header } = await etcd('kv/range', { key: Buffer.from('\0').toString('base64') });
  await etcd('kv/compaction', { revision: header.revision, physical: true });
}

async function etcd(
  method: string,
  body: object,
): Promise<{ readonly header: { readonly revision: string } }> {
  const response = await fetch(`http://127.0.0.1:${PORTS.etcd}/v3/${method}`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`etcd answers ${response.status}: ${await response.text()}`);
  return (await response.json()) as { header: { revision: string } };
}
