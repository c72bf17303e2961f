import { beforeEach } from 'vitest';
import { clusterContract } from '../cluster/contract.ts';
import { needsRealNode } from './needs-real-node.ts';
import { openKubernetes } from './open-kubernetes.ts';
import { realWith } from './profile.ts';

beforeEach(needsRealNode);
clusterContract('a real node with Jobs', () => openKubernetes(realWith('job')));
clusterContract('a real node with JobSets', () => openKubernetes(realWith('jobset')));
