/** For vLLM on processors: it asks nobody for anything, and takes the memory and cores that there are. */
export const VLLM_ENVIRONMENT = {
  HF_HUB_OFFLINE: '1',
  VLLM_NO_USAGE_STATS: '1',
  VLLM_CPU_KVCACHE_SPACE: '1',
  VLLM_CPU_OMP_THREADS_BIND: 'nobind',
  OMP_NUM_THREADS: '2',
} as const;
