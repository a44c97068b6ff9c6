import { en } from './messages/en';
import { t } from './messages/index.svelte';
import { Refusal } from './refusal';

type ErrorKey = keyof typeof en & `error.${string}`;

/** A refusal in the words of the language shown; what only the host can say, in the host's words. */
export function explain(thrown: unknown): string {
  const { code, message } = Refusal.from(thrown);
  const key = `error.${code}`;
  return key in en ? t(key as ErrorKey) : message;
}
