import type { PodTemplate } from './render-pod.ts';

/**
 * A pod template in three parts, by what a TrainJob can carry (Trainer 2.3): a patch of the runtime's pod, what it says of the
 * main container itself, and the rest, which only a runtime can hold.
 */
export function splitPod({ metadata, spec }: PodTemplate) {
  const { labels, annotations, ...otherMetadata } = metadata;
  const { nodeSelector, affinity, tolerations, volumes, containers, ...otherSpec } = spec;
  const [{ image, command, args, env, resources, volumeMounts, ...otherOfContainer }] = containers;
  return {
    patch: {
      metadata: { labels, annotations },
      spec: {
        nodeSelector,
        affinity,
        tolerations,
        volumes,
        containers: [{ name: otherOfContainer.name, volumeMounts }],
      },
    },
    main: { image, command, args, env, resources },
    rest: { metadata: otherMetadata, spec: { ...otherSpec, containers: [otherOfContainer] } },
  };
}
