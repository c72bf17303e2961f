import { expect, test } from 'vitest';
import { preflightLine } from '../../../orchestrator/cli/render/preflight-line.ts';
import type { PreflightEvent } from '../../../orchestrator/wire/trainer-event.ts';

const measured: PreflightEvent = {
  event: 'preflight',
  at: 1_000_000,
  seconds: 6.2,
  gemmFlopsPerSecond: [768e12, 401e12],
  ringBytesPerSecond: 335e9,
  diskBytesPerSecond: [1.2e9, 0.9e9],
  memoryFreeBytes: [84e9, 84e9],
};

test('tells the slowest device and disk, and the ring where there is one', () => {
  expect(preflightLine(measured)).toBe(
    'preflight: slowest device 401 TFLOP/s, ring 335 GB/s, disk 900 MB/s a node',
  );
  expect(preflightLine({ ...measured, ringBytesPerSecond: null })).toBe(
    'preflight: slowest device 401 TFLOP/s, disk 900 MB/s a node',
  );
});

test('names the network that NCCL took, by which a slow ring is understood', () => {
  const network = {
    transport: 'Socket',
    adapters: [8],
    activeAdapters: [8],
    libraryLoads: [false],
    pinnableBytes: [null],
  };
  expect(preflightLine({ ...measured, network })).toContain('ring 335 GB/s over Socket,');
  expect(preflightLine({ ...measured, network: { ...network, transport: null } })).toContain(
    '335 GB/s, disk',
  );
});
