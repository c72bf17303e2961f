import { afterEach, describe, expect, it, vi } from 'vitest';
import { hostEnvironment } from '../../cluster/local/host-environment.ts';

describe('the environment of a local pod', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('has what says from where, with which token and into which cache a hub’s files come', () => {
    const given = {
      HF_ENDPOINT: 'http://mirror',
      HF_TOKEN: 'secret',
      HF_HOME: '/home',
      HF_HUB_CACHE: '/cache',
      HF_HUB_OFFLINE: '1',
      XDG_CACHE_HOME: '/xdg',
    };
    for (const [name, value] of Object.entries(given)) vi.stubEnv(name, value);
    expect(hostEnvironment()).toMatchObject(given);
  });

  it('has the keys of servers that answer and judge', () => {
    const given = { STINT_ENDPOINT_KEY: 'secret', STINT_JUDGE_KEY: 'another' };
    for (const [name, value] of Object.entries(given)) vi.stubEnv(name, value);
    expect(hostEnvironment()).toMatchObject(given);
  });

  it('knows where vLLM is, which is in an environment of its own', () => {
    vi.stubEnv('STINT_VLLM_PYTHON', '/opt/vllm/bin/python');
    expect(hostEnvironment()).toMatchObject({ STINT_VLLM_PYTHON: '/opt/vllm/bin/python' });
  });

  it('has nothing else of the shell that could make two runs differ', () => {
    vi.stubEnv('OMP_NUM_THREADS', '7');
    vi.stubEnv('STINT_STORE', 'postgres://secret');
    expect(Object.keys(hostEnvironment())).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/OMP_NUM_THREADS|STINT_STORE/)]),
    );
  });
});
