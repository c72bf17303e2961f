import { beforeEach } from 'vitest';
import { clusterContract } from '../cluster/contract.ts';
import { needsRealNode } from './needs-real-node.ts';
import { openKubernetes } from './open-kubernetes.ts';

beforeEach(needsRealNode);
clusterContract('a real Kubernetes node', openKubernetes);
