import { defineConfig } from 'vitest/config';

// Two workers: the whole has to run on two cores, beside the processes that the end-to-end tests start.
export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    setupFiles: ['test/seed.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/end-to-end/**', 'test/kubernetes/**', 'test/slow/**'],
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'cluster',
          include: ['test/kubernetes/**/*.test.ts'],
          globalSetup: 'test/kubernetes/bring-up.ts',
          maxWorkers: 1,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'end-to-end',
          include: ['test/end-to-end/**/*.test.ts'],
          maxWorkers: 1,
          testTimeout: 600_000,
          hookTimeout: 600_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'slow',
          include: ['test/slow/**/*.test.ts'],
          exclude: ['test/slow/kubernetes/**'],
          maxWorkers: 1,
          testTimeout: 2_400_000,
          hookTimeout: 2_400_000,
          sequence: { groupOrder: 3 },
        },
      },
      {
        extends: true,
        test: {
          name: 'slow-cluster',
          include: ['test/slow/kubernetes/**/*.test.ts'],
          globalSetup: 'test/kubernetes/bring-up.ts',
          maxWorkers: 1,
          testTimeout: 1_200_000,
          hookTimeout: 300_000,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
