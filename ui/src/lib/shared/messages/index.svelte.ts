import { remembered } from '../remembered';
import { fill, type Text, type Values } from './catalogue';
import { de } from './de';
import { en } from './en';

export type MessageKey = keyof typeof en;
export type Language = 'en' | 'de';

export const LANGUAGES: Record<Language, string> = { en: 'English', de: 'Deutsch' };

const CATALOGUES: Record<Language, Record<MessageKey, Text>> = { en, de };
const choice = remembered<Language | 'system'>('language', 'system');

/** Which language is shown: the browser's, unless the person chose one. */
class Speech {
  chosen = $state<Language | 'system'>(choice.read());
  language = $derived<Language>(this.chosen === 'system' ? fromBrowser() : this.chosen);
  /** The same with the person's region, where they name one: 14:05 is 2:05 pm elsewhere. */
  locale = $derived<string>(
    wanted().find((tag) => tag.slice(0, 2) === this.language) ?? this.language,
  );
  plurals = $derived(new Intl.PluralRules(this.language));

  choose(language: Language | 'system') {
    this.chosen = language;
    choice.write(language);
    document.documentElement.lang = this.language;
  }
}

export const speech = new Speech();

/** The text for `key` in the language shown. */
export function t<K extends MessageKey>(key: K, ...values: Values<(typeof en)[K]>): string {
  return fill(CATALOGUES[speech.language][key], values[0], speech.plurals);
}

/** The tags of the languages that the browser's person reads, the best first. */
function wanted(): readonly string[] {
  return typeof navigator === 'undefined' ? [] : (navigator.languages ?? []);
}

function fromBrowser(): Language {
  const known = wanted()
    .map((tag) => tag.slice(0, 2))
    .find((tag) => tag in CATALOGUES);
  return (known as Language | undefined) ?? 'en';
}
