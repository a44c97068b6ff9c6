import type { Platform } from './types';

export type * from './types';

/** The platform this page runs on. A browser never loads the window's half. */
export async function detectPlatform(): Promise<Platform> {
  if ('__TAURI_INTERNALS__' in globalThis) {
    return (await import('./window')).windowPlatform();
  }
  return (await import('./browser')).browserPlatform();
}
