// What a host is known by looks the same wherever people compare it.
import { expect, it } from 'vitest';
import examples from '../../protocol/fingerprints.json';
import { fingerprintWords, invitedTo, readFingerprint } from './fingerprint';
import { fingerprintPicture } from './picture';

it('words and picture are those that the host and its programs show', () => {
  expect(examples.length).toBeGreaterThan(0);
  for (const { fingerprint, words, picture } of examples) {
    const read = readFingerprint(fingerprint)!;
    expect(fingerprintWords(read)).toEqual(words);
    expect(fingerprintPicture(read)).toBe(picture);
  }
});

it('the fingerprint of an invitation is what stands behind its secret', () => {
  const { fingerprint } = examples[0]!;
  for (const invitation of [`s3cret-_.${fingerprint}`, `https://192.0.2.7:4747/#s.${fingerprint}`])
    expect(invitedTo(invitation)?.hex).toBe(fingerprint);
  const none = ['s3cret', 's3cret.', `s.${fingerprint.slice(1)}`, `s.${fingerprint}0`, ''];
  for (const invitation of [...none, null]) expect(invitedTo(invitation)).toBeNull();
  expect(readFingerprint(fingerprint.toUpperCase())).toBeNull();
});
