import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { socketIoClient } from './scripts/socket-io-client.ts';

export default defineConfig({
  plugins: [svelte(), socketIoClient()],
  // Relative addresses: the same build is loaded from a host's root and from the window's own scheme.
  base: './',
  build: {
    target: ['es2022', 'safari15.4'],
    // Under the strict content policy of the window, fonts and pictures are files, never `data:`.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
  },
  test: {
    include: ['src/**/*.test.ts'],
    environment: 'node',
  },
});
