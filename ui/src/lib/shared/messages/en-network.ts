/** Part of the texts in `en.ts`: finding sessions, joining them, and the network around. */
export const enNetwork = {
  'nearby.title': 'Nearby',
  'nearby.looking': 'Looking around on this network…',
  'nearby.none':
    'No sessions found on this network. Same network? VPN on? Guest networks often keep devices apart. You can type the host’s address instead.',
  'nearby.deaf':
    'This computer does not let Hearth listen for sessions. Look at its firewall. You can type the host’s address instead.',
  'nearby.type': 'Type the address',
  'nearby.why': 'Why can’t I see it?',
  'nearby.ask': 'the host is asked',
  'nearby.pin': 'with a PIN',
  'nearby.anyone': 'open to all here',
  'nearby.otherVersion': 'another version',
  'nearby.count': { one: '{count} session nearby', other: '{count} sessions nearby' },
  'nearby.whyTitle': 'Why can’t I see a session?',
  'nearby.whyNetwork':
    'Both computers have to be on the same network: the same Wi-Fi name, or the same router by cable.',
  'nearby.whyGuest':
    'Guest networks, hotels and some offices keep devices apart, or hold announcements back. Another network, or a phone’s hotspot, helps.',
  'nearby.whyVpn': 'A VPN leads past the network around you. Switch it off, on both sides.',
  'nearby.whyFirewall':
    'A firewall may hold announcements back. They use UDP port 5353, the session TCP port 4747.',
  'nearby.whyHost':
    'The host may have switched announcing off. On the host, Settings → Network check says whether the announcement is heard.',
  'nearby.whyType':
    'None of this matters if the address is typed: the host finds it under “Invite people”.',

  'join.title': 'Join a session',
  'join.place': 'Address or invitation',
  'join.placeHint': 'As the host’s screen shows it, such as 192.168.1.20:4747, or a whole link.',
  'join.look': 'Look for it',
  'join.looking': 'Looking…',
  'join.lookingAt': 'Looking for “{name}”…',
  'join.found': 'A session answers at {address}.',
  'join.join': 'Join',
  'join.openPage': 'Join in the browser',
  'join.byPage': 'Opens the session’s own page in your browser.',
  'join.byPageWarning':
    'The first time, the browser warns: it cannot know the host’s computer. “Advanced” leads past the warning.',
  'join.pageOff': 'The host has switched browsers off. Ask them to let browsers in.',
  'join.noAddress':
    'That is no address. Type it as the host’s screen shows it, such as 192.168.1.20:4747.',
  'join.nothing': '{address} doesn’t answer. On the host: Settings → Network check.',
  'join.notHearth': 'Something answers at that address, but it isn’t Hearth.',
  'join.otherKey':
    'This says it is “{name}”, but its key is a different one. Don’t join unless you know why.',
  'join.otherVersion': 'The host has {theirs}, you have {yours}. You can read; update to write.',

  'network.title': 'Network check',
  'network.intro': 'Whether others can find and reach this computer.',
  'network.checking': 'Checking. This takes a few seconds…',
  'network.again': 'Check again',
  'network.good': 'All right',
  'network.bad': 'Needs doing',
  'network.note': 'Good to know',
  'network.notHosting': 'Nothing is hosted just now',
  'network.notHostingText':
    'Host a session, then check again: port and announcement are looked at too.',
  'network.port': 'Port {port}',
  'network.portOpen': 'The session answers on this computer.',
  'network.portShut':
    'The session does not answer on this computer itself. Stop hosting and start again; if that does not help, a security program holds it back.',
  'network.addresses': 'Addresses of this computer',
  'network.noAddress':
    'This computer is in no network. Connect it to Wi-Fi or by cable, then check again.',
  'network.answers': 'answers',
  'network.silent': 'does not answer',
  'network.silentText':
    'Allow Hearth in this computer’s firewall, for port {port}. Nobody can come in by an address that does not answer.',
  'network.firewall': 'Firewall',
  'network.firewall.none':
    'None that Hearth knows is switched on here. The router may have one of its own.',
  'network.firewall.ufw':
    'ufw is switched on. If others cannot reach you, allow Hearth; the second line is for being found nearby:',
  'network.firewall.firewalld':
    'firewalld is running. If others cannot reach you, allow Hearth; the second line is for being found nearby:',
  'network.firewall.windows':
    'If others cannot reach you: Windows Security → Firewall → Allow an app, and tick Hearth for private networks.',
  'network.firewall.macos':
    'If others cannot reach you: System Settings → Network → Firewall → Options, and allow Hearth; and Privacy → Local Network.',
  'network.announcement': 'Seen nearby',
  'network.seen': 'Your announcement is heard on this network. Others see the session nearby.',
  'network.unseen':
    'Your announcement is not heard. A firewall (UDP port 5353) or the network holds it back. Others can type the address.',
  'network.off': 'Announcing is switched off in the settings. Others have to type the address.',
  'network.other':
    'What stands between two computers, only the other one can find out: let somebody type {address} there.',
} as const;
