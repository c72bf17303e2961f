import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { ClusterProfileSchema } from '../../orchestrator/profile/cluster-profile.ts';
import { containerEnvironment } from '../../orchestrator/render/environment.ts';
import { readmeSection } from '../end-to-end/readme-section.ts';

type Part = Record<string, Record<string, unknown>>;

it('README’s way to give stages a hub’s token keeps it in a Secret, and its mirror reaches them, too', async () => {
  const { yaml } = await readmeSection('Your own model and data');
  const written = yaml.find(({ content }) => content.includes('secrets:'))?.content ?? '';
  const added = parse(written) as Part;
  const shipped = parse(await readFile('cluster/profiles/h100-16.yaml', 'utf8')) as Part;
  const profile = ClusterProfileSchema.parse({
    ...shipped,
    backend: { ...shipped['backend'], ...added['backend'] },
    network: { ...shipped['network'], ...added['network'] },
  });
  for (const withDevices of [true, false])
    expect(containerEnvironment(profile, withDevices)).toEqual(
      expect.arrayContaining([
        { name: 'HF_TOKEN', valueFrom: { secretKeyRef: { name: 'hub', key: 'token' } } },
        { name: 'HF_ENDPOINT', value: 'https://hub.example' },
      ]),
    );
});
