import type { NetworkCheck } from '../protocol';
import { t } from '../shared/messages/index.svelte';

/** One thing that was looked at. */
export interface Finding {
  id: string;
  mood: 'good' | 'bad' | 'note';
  title: string;
  /** What was found, and what to do. */
  text: string;
  /** What to type into a terminal for that. */
  commands?: readonly string[];
}

/** What others would type where nothing is hosted. */
const USUAL_PORT = 4747;

/** What a network check has found, the most basic first. */
export function findings(check: NetworkCheck): Finding[] {
  const { hosted } = check;
  return [
    ...(hosted ? [ofPort(hosted.port, hosted.answers)] : []),
    ofAddresses(check),
    ofFirewall(check),
    hosted
      ? ofAnnouncement(hosted.announcement)
      : note('hosting', t('network.notHosting'), t('network.notHostingText')),
  ];
}

const note = (id: string, title: string, text: string): Finding => ({
  id,
  mood: 'note',
  title,
  text,
});

function ofPort(port: number, answers: boolean): Finding {
  const title = t('network.port', { port });
  return answers
    ? { id: 'port', mood: 'good', title, text: t('network.portOpen') }
    : { id: 'port', mood: 'bad', title, text: t('network.portShut') };
}

function ofAddresses({ addresses, hosted }: NetworkCheck): Finding {
  const title = t('network.addresses');
  const of = (mood: Finding['mood'], text: string) => ({ id: 'addresses', mood, title, text });
  if (addresses.length === 0) return of('bad', t('network.noAddress'));
  // One that a virtual adapter has does not matter to others.
  const silent = addresses.some((one) => one.answers === false && !one.virtual);
  if (hosted && silent) return of('bad', t('network.silentText', { port: hosted.port }));
  const text = hosted ? t('network.other', { address: addresses[0]!.address }) : '';
  return of(hosted ? 'good' : 'note', text);
}

function ofFirewall({ firewall, hosted }: NetworkCheck): Finding {
  const port = hosted?.port ?? USUAL_PORT;
  const TEXTS = {
    none: t('network.firewall.none'),
    ufw: t('network.firewall.ufw'),
    firewalld: t('network.firewall.firewalld'),
    windows: t('network.firewall.windows'),
    macos: t('network.firewall.macos'),
  };
  const COMMANDS = {
    ufw: [`sudo ufw allow ${port}/tcp`, 'sudo ufw allow 5353/udp'],
    firewalld: [`sudo firewall-cmd --add-port=${port}/tcp`, 'sudo firewall-cmd --add-service=mdns'],
  };
  const commands = firewall in COMMANDS ? COMMANDS[firewall as keyof typeof COMMANDS] : [];
  return { ...note('firewall', t('network.firewall'), TEXTS[firewall]), commands };
}

function ofAnnouncement(announcement: 'seen' | 'unseen' | 'off'): Finding {
  const MOODS = { seen: 'good', unseen: 'bad', off: 'note' } as const;
  const TEXTS = {
    seen: t('network.seen'),
    unseen: t('network.unseen'),
    off: t('network.off'),
  };
  return {
    id: 'announcement',
    mood: MOODS[announcement],
    title: t('network.announcement'),
    text: TEXTS[announcement],
  };
}
