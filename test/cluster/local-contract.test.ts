import { clusterContract } from './contract.ts';
import { openLocal } from './local-cluster.ts';

clusterContract('the local cluster', openLocal);
