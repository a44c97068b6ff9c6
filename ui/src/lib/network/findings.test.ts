import { beforeEach, expect, it } from 'vitest';
import type { CheckedAddress, NetworkCheck } from '../protocol';
import { speech } from '../shared/messages/index.svelte';
import { findings } from './findings';

beforeEach(() => {
  speech.chosen = 'en';
});

const address = (answers?: boolean, virtual = false): CheckedAddress => ({
  address: '192.168.1.20:4747',
  interface: 'wlan0',
  virtual,
  answers,
});
const hosted = { port: 4747, answers: true, announcement: 'seen' } as const;
const moods = (check: NetworkCheck) =>
  Object.fromEntries(findings(check).map(({ id, mood }) => [id, mood]));

it('where all is well, everything that was found is good', () => {
  const check = { addresses: [address(true)], firewall: 'none', hosted } as const;
  expect(moods({ ...check, addresses: [address(true)] })).toEqual({
    port: 'good',
    addresses: 'good',
    firewall: 'note',
    announcement: 'good',
  });
});

it('what is not well says what to do', () => {
  const check: NetworkCheck = {
    addresses: [address(false)],
    firewall: 'ufw',
    hosted: { port: 5000, answers: false, announcement: 'unseen' },
  };
  expect(moods(check)).toEqual({
    port: 'bad',
    addresses: 'bad',
    firewall: 'note',
    announcement: 'bad',
  });
  const found = findings(check);
  expect(found.flatMap(({ commands }) => commands ?? [])).toContain('sudo ufw allow 5000/tcp');
  expect(found.every(({ text }) => text.length > 0)).toBe(true);
});

it('a virtual adapter that is silent is no trouble, and no network at all is', () => {
  const addresses = [address(true), address(false, true)];
  expect(moods({ addresses, firewall: 'none', hosted }).addresses).toBe('good');
  expect(moods({ addresses: [], firewall: 'none', hosted }).addresses).toBe('bad');
});

it('where nothing is hosted, that is said, and nothing is called bad', () => {
  const check: NetworkCheck = { addresses: [address()], firewall: 'none' };
  expect(moods(check)).toEqual({ addresses: 'note', firewall: 'note', hosting: 'note' });
});
