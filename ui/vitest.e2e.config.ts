import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['e2e/**/*.test.ts'],
    environment: 'node',
    // Every file starts a host and browsers of its own; two cores carry one at a time.
    fileParallelism: false,
    // Long, because a loaded machine is slow and not wrong; what is well takes seconds.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
