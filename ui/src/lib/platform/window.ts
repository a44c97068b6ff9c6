import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import { Refusal } from '../shared/refusal';
import type {
  AskedToJoin,
  Hosting,
  JoinStep,
  KnownBy,
  Nearby,
  NetworkCheck,
  OpenSession,
  Probed,
  StartInfo,
} from '../protocol';
import { openHttpFiles } from './http-files';
import { openSocketWire } from './socket-wire';
import type { CloseRequest, WindowPlatform } from './types';

/** The app's own window. */
export function windowPlatform(): WindowPlatform {
  return {
    kind: 'window',
    openWire: openSocketWire,
    openFiles: openHttpFiles,
    startInfo: () => command<StartInfo>('start_info'),
    saveProfile: (profile) => command('save_profile', { profile }),
    saveSettings: (settings) => command('save_settings', { settings }),
    host: (request) => command<Hosting>('host_session', { request }),
    hosting: () => command<Hosting | null>('hosting'),
    joinSession: (request) => command<JoinStep>('join_session', { request }),
    joinProgress: () => command<JoinStep>('join_progress'),
    cancelJoin: () => command('cancel_join'),
    openNow: () => command<OpenSession | null>('open_now'),
    openSession: (id) => command<OpenSession>('open_session', { id }),
    leaveSession: (keep) => command('leave_session', { keep }),
    chooseBackupPlace: (name) => command<string | null>('choose_backup_place', { name }),
    backupSession: (id, to) => command<{ path: string }>('backup_session', { id, to }),
    openBackup: (readOnly) => command<OpenSession | null>('open_backup', { readOnly }),
    stopHosting: () => command('stop_hosting'),
    forgetSession: (id) => command('forget_session', { id }),
    nearby: () => command<Nearby>('nearby'),
    probe: (request) => command<Probed>('probe', { request }),
    networkCheck: () => command<NetworkCheck>('network_check'),
    // The shell hands whatever leaves the page to the system.
    openOutside: (page) => void window.open(page, '_blank', 'noopener'),
    answerClose: (choice) => command('close_choice', { choice }),
    openLogs: () => command('open_logs'),
    knownBy: () => command<KnownBy>('known_by'),
    joinAsked: () => command<AskedToJoin | null>('join_asked'),
    onJoinAsked: (listener) => {
      void listen('join-asked', () => listener());
    },
    notify: (title, body) => command('notify', { title, body }),
    onCloseRequested: (listener) => {
      void listen<CloseRequest>('close-requested', (event) => listener(event.payload));
    },
    onSessionChanged: (listener) => {
      for (const name of ['hosting-changed', 'session-changed'])
        void listen(name, () => listener());
    },
  };
}

async function command<T>(name: string, values?: Record<string, unknown>): Promise<T> {
  try {
    return await invoke<T>(name, values);
  } catch (refused) {
    throw Refusal.from(refused);
  }
}
