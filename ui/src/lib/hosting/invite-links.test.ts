// An invitation is the same for browsers, for the app, and at every address of the host.
import { expect, it } from 'vitest';
import { appInvitation, invitationAt, isLoopback, placeOf } from './invite-links';

const HASH = '#s3cret-_.0123';

it('the app’s form keeps host, port and what opens the door', () => {
  for (const [given, expected] of [
    ['https://192.0.2.7:4747/', 'hearth://192.0.2.7:4747/'],
    ['http://[2001:db8::7]:4747/', 'hearth://[2001:db8::7]:4747/'],
    ['https://mina.local/', 'hearth://mina.local:443/'],
    ['http://mina.local/', 'hearth://mina.local:80/'],
  ])
    expect(appInvitation(given + HASH)).toBe(expected + HASH);
});

it('another address of the host gets the same invitation, and the bare address has none of it', () => {
  const invitation = `https://192.0.2.7:4747/${HASH}`;
  expect(invitationAt('https://10.0.0.7:4747/', invitation)).toBe(`https://10.0.0.7:4747/${HASH}`);
  expect(placeOf(invitation)).toBe('https://192.0.2.7:4747');
});

it('an address that leads nowhere else is known', () => {
  for (const url of ['http://127.0.0.1:1/', 'http://localhost/', 'http://[::1]:1/#a'])
    expect(isLoopback(url)).toBe(true);
  for (const url of ['http://192.0.2.7/', 'http://localhostess.example/'])
    expect(isLoopback(url)).toBe(false);
});
