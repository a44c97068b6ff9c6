import { WORDS } from '../../protocol';

/** The SHA-256 of a host's public key, which it is known by. */
export interface Fingerprint {
  /** 64 lower-case hex digits. */
  readonly hex: string;
  readonly bytes: readonly number[];
}

const FORM = /^[0-9a-f]{64}$/;
/** As many bytes as there are words to compare. */
const WORD_COUNT = 8;

/** The fingerprint that a text is; null for anything else. */
export function readFingerprint(text: string | undefined | null): Fingerprint | null {
  if (!text || !FORM.test(text)) return null;
  const bytes = Array.from({ length: 32 }, (_, at) => parseInt(text.slice(2 * at, 2 * at + 2), 16));
  return { hex: text, bytes };
}

/** The fingerprint behind an invitation's secret: `SECRET.FINGERPRINT`, in an address or alone. */
export function invitedTo(invitation: string | null): Fingerprint | null {
  if (!invitation) return null;
  const fragment = invitation.slice(invitation.indexOf('#') + 1);
  return readFingerprint(fragment.split('.')[1]);
}

/** What people read to each other; the same words as everywhere else in Hearth. */
export function fingerprintWords({ bytes }: Fingerprint): string[] {
  return bytes.slice(0, WORD_COUNT).map((byte) => WORDS[byte]!);
}
