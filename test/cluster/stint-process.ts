/** A process that launches a job as stint does, then waits: `node stint-process.ts <root> <run> <JSON of a ShellJob>`. */
import { localCluster } from '../../cluster/local/local-cluster.ts';
import { optionsFor } from './local-cluster.ts';
import { shellJob } from './shell-job.ts';

const [root = '', run = '', job = '', then = 'wait'] = process.argv.slice(2);
const cluster = localCluster(optionsFor(root));
const signal = new AbortController().signal;
await cluster.apply(await shellJob(run, JSON.parse(job)), { signal });
console.log('applied');
if (then === 'wait') for await (const _ of cluster.watch(run, { signal })) continue;
