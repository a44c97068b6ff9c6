import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Plugin } from 'vite';

const BUNDLES = /^socket\.io(\.esm)?(\.min)?\.js(\.map)?$/;

/**
 * Puts the official client bundles into `dist/socket.io/`, from where a host serves them to
 * programs that are not this interface.
 */
export function socketIoClient(): Plugin {
  let outDir = 'dist';
  return {
    name: 'hearth:socket-io-client',
    apply: 'build',
    configResolved(config) {
      outDir = join(config.root, config.build.outDir);
    },
    async closeBundle() {
      const packageFile = createRequire(import.meta.url).resolve('socket.io-client/package.json');
      const source = join(dirname(packageFile), 'dist');
      const target = join(outDir, 'socket.io');
      await mkdir(target, { recursive: true });
      const names = (await readdir(source)).filter((name) => BUNDLES.test(name));
      await Promise.all(names.map((name) => copyFile(join(source, name), join(target, name))));
    },
  };
}
