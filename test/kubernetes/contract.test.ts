import { clusterContract } from '../cluster/contract.ts';
import { openKubernetes } from './open-kubernetes.ts';

clusterContract('a real Kubernetes node', openKubernetes);
