import { listed } from '../../units/counted.ts';
import { type Check, ok, problem } from '../check.ts';
import type { QueueFindings } from '../cluster-findings.ts';
import { unseen, valueOf } from '../found.ts';
import type { QueueNeed } from '../needs.ts';

/** Kueue places pods by a level only where a flavor of the queue has a topology with that level. */
export function checkTopology({ topology: need }: QueueNeed, found: QueueFindings): readonly Check[] {
  if (need === undefined || valueOf(found.cluster) === undefined) return [];
  const name = 'topology';
  const topology = need.level;
  const named = Object.entries(found.flavors).flatMap(([flavor, look]) => {
    const of = valueOf(look)?.topology;
    return of === undefined ? [] : [{ flavor, topology: of, look: found.topologies[of] }];
  });
  const serving = named.find(({ look }) => valueOf(look)?.includes(topology));
  if (serving)
    return [ok(name, `topology ${serving.topology} of flavor ${serving.flavor} has the level ${topology}`)];
  const hidden = [...Object.values(found.flavors), ...named.map(({ look }) => look)].find(
    (look) => look?.is === 'forbidden' || look?.is === 'unknown',
  );
  if (hidden?.is === 'forbidden' || hidden?.is === 'unknown')
    return [unseen(name, `the level ${topology}`, hidden)];
  if (named.length === 0)
    return [
      problem(
        name,
        `no flavor of the queue has a topology, so nothing can be placed by ${topology}`,
        `make a Topology with that level and name it in the flavor:\nkubectl edit resourceflavor ${Object.keys(found.flavors)[0] ?? ''}\nor take backend.queue.topology out of the profile`,
      ),
    ];
  const levels = named.flatMap(({ look }) => valueOf(look) ?? []);
  return [
    problem(
      name,
      `${named.map((each) => `topology ${each.topology}`).join(', ')} has no level ${topology}`,
      levels.length > 0
        ? `name one of its levels in backend.queue.topology.level: ${listed(levels)}`
        : `kubectl get topology ${named[0]?.topology} -o yaml`,
    ),
  ];
}
