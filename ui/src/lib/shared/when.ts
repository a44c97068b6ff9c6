import { speech, t } from './messages/index.svelte';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** 14:05, as the language writes it. */
export function clockTime(at: string): string {
  return new Date(at).toLocaleTimeString(speech.locale, { hour: '2-digit', minute: '2-digit' });
}

/** 14:05, with the day where it is another one than that of `beside`; to stand within a sentence. */
export function timeOfDay(at: string, beside: string, now: number = Date.now()): string {
  return sameDay(at, beside) ? clockTime(at) : `${dayWithin(at, now)}, ${clockTime(at)}`;
}

/** Date and time in full, for titles. */
export function fullTime(at: string): string {
  return new Date(at).toLocaleString(speech.locale, { dateStyle: 'full', timeStyle: 'short' });
}

/** "just now", "5 minutes ago", "yesterday", then the date. */
export function ago(at: string, now: number = Date.now()): string {
  const age_ms = now - Date.parse(at);
  const relative = new Intl.RelativeTimeFormat(speech.locale, { numeric: 'auto' });
  if (age_ms < MINUTE_MS) return t('common.justNow');
  if (age_ms < 60 * MINUTE_MS) return relative.format(-Math.floor(age_ms / MINUTE_MS), 'minute');
  if (age_ms < DAY_MS) return relative.format(-Math.floor(age_ms / (60 * MINUTE_MS)), 'hour');
  if (age_ms < 7 * DAY_MS) return relative.format(-Math.floor(age_ms / DAY_MS), 'day');
  return new Date(at).toLocaleDateString(speech.locale, { dateStyle: 'medium' });
}

/** The heading over a day's messages: Today, Yesterday, or the date. */
export function dayName(at: string, now: number = Date.now()): string {
  const name = dayWithin(at, now);
  return name.charAt(0).toLocaleUpperCase(speech.locale) + name.slice(1);
}

/** The same within a sentence: today, yesterday, or the date. */
function dayWithin(at: string, now: number): string {
  const days = Math.round((midnight(now) - midnight(Date.parse(at))) / DAY_MS);
  if (days < 2) {
    return new Intl.RelativeTimeFormat(speech.locale, { numeric: 'auto' }).format(-days, 'day');
  }
  return new Date(at).toLocaleDateString(speech.locale, { dateStyle: 'full' });
}

/** Whether both times fall on one day where this person is. */
export function sameDay(a: string, b: string): boolean {
  return midnight(Date.parse(a)) === midnight(Date.parse(b));
}

function midnight(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}
