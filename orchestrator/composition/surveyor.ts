import type { Surveyor } from '../controller/surveyor.ts';
import { PYTHON_BIN } from './checkout.ts';
import type { HostProcess } from './host-process.ts';

/** What is looked at of clusters beyond their runs. */
export const surveyor = (home: string, { interrupt: signal, output: { tell } }: HostProcess): Surveyor => ({
  surveyCluster: async ({ context }, needs, objects) => {
    const { survey } = await import('../../cluster/kubernetes/inspect/survey.ts');
    return survey({ context, needs, objects, signal, tell });
  },
  readInventory: async ({ context, namespace }, deviceResource) => {
    const { readInventory } = await import('../../cluster/kubernetes/inspect/read-inventory.ts');
    return readInventory({
      context,
      namespace,
      deviceResource,
      signal,
      tell,
    });
  },
  leftovers: ({ context, namespace, owner }, deviceResource, run) => {
    const place = { context, namespace, owner, deviceResource, run, signal, tell };
    const room = import('../../cluster/kubernetes/act/remove-run.ts');
    return {
      find: async () => (await room).leftoversOf(place),
      release: async (ended) => (await room).removeRun(place, ended),
    };
  },
  surveyMachine: async () => {
    const { surveyMachine } = await import('../../cluster/local/survey-machine.ts');
    return surveyMachine({ home, pythonBin: PYTHON_BIN });
  },
});
