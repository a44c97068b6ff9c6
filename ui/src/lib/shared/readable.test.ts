import { expect, test } from 'vitest';
import { readableByOthers } from './readable';

test('only a page without encryption from another computer is readable by others', () => {
  for (const [address, readable] of [
    ['http://192.168.1.20:4747/', true],
    ['http://[2001:db8::7]:4747/', true],
    ['http://mina.example/', true],
    ['http://127.0.0.1.example/', true],
    ['https://192.168.1.20:4747/', false],
    ['http://127.0.0.1:4747/', false],
    ['http://localhost:4747/', false],
    ['http://tauri.localhost/', false],
    ['http://[::1]:4747/', false],
  ] as const) {
    expect(readableByOthers(new URL(address)), address).toBe(readable);
  }
});
