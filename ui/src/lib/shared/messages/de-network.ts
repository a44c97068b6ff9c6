import type { enNetwork } from './en-network';
import type { Text } from './catalogue';

/** The same as `en-network.ts`, in German. */
export const deNetwork: Record<keyof typeof enNetwork, Text> = {
  'nearby.title': 'In der Nähe',
  'nearby.looking': 'In diesem Netz wird gesucht …',
  'nearby.none':
    'In diesem Netz wurde keine Sitzung gefunden. Dasselbe Netz? VPN an? Gastnetze trennen Geräte oft voneinander. Du kannst stattdessen die Adresse eingeben.',
  'nearby.deaf':
    'Dieser Computer lässt Hearth nicht nach Sitzungen lauschen. Sieh in der Firewall nach. Du kannst stattdessen die Adresse eingeben.',
  'nearby.type': 'Adresse eingeben',
  'nearby.why': 'Warum sehe ich sie nicht?',
  'nearby.ask': 'auf Anfrage',
  'nearby.pin': 'mit PIN',
  'nearby.anyone': 'offen für alle hier',
  'nearby.otherVersion': 'andere Version',
  'nearby.count': { one: '{count} Sitzung in der Nähe', other: '{count} Sitzungen in der Nähe' },
  'nearby.whyTitle': 'Warum sehe ich eine Sitzung nicht?',
  'nearby.whyNetwork':
    'Beide Computer müssen im selben Netz sein: derselbe WLAN-Name, oder per Kabel derselbe Router.',
  'nearby.whyGuest':
    'Gastnetze, Hotels und manche Büros trennen Geräte voneinander oder halten Ankündigungen zurück. Ein anderes Netz oder der Hotspot eines Telefons hilft.',
  'nearby.whyVpn': 'Ein VPN führt am Netz um dich herum vorbei. Schalte es auf beiden Seiten aus.',
  'nearby.whyFirewall':
    'Eine Firewall kann Ankündigungen zurückhalten. Sie gehen über UDP-Port 5353, die Sitzung über TCP-Port 4747.',
  'nearby.whyHost':
    'Vielleicht ist das Ankündigen dort ausgeschaltet. Ob die Ankündigung ankommt, sagt dort Einstellungen → Netzprüfung.',
  'nearby.whyType': 'Mit der Adresse geht es in jedem Fall: Sie steht dort unter „Leute einladen“.',

  'join.title': 'An einer Sitzung teilnehmen',
  'join.place': 'Adresse oder Einladung',
  'join.placeHint':
    'Wie sie auf dem Bildschirm dort steht, etwa 192.168.1.20:4747, oder ein ganzer Link.',
  'join.look': 'Nachsehen',
  'join.looking': 'Wird gesucht …',
  'join.lookingAt': '„{name}“ wird gesucht …',
  'join.found': 'Unter {address} antwortet eine Sitzung.',
  'join.join': 'Teilnehmen',
  'join.openPage': 'Im Browser teilnehmen',
  'join.byPage': 'Öffnet die Seite der Sitzung in deinem Browser.',
  'join.byPageWarning':
    'Beim ersten Mal warnt der Browser: Er kann den Computer dort nicht kennen. „Erweitert“ führt an der Warnung vorbei.',
  'join.pageOff': 'Browser sind dort ausgeschaltet. Bitte darum, sie hereinzulassen.',
  'join.noAddress':
    'Das ist keine Adresse. Gib sie so ein, wie sie auf dem Bildschirm dort steht, etwa 192.168.1.20:4747.',
  'join.nothing': '{address} antwortet nicht. Auf dem Computer dort: Einstellungen → Netzprüfung.',
  'join.notHearth': 'Unter dieser Adresse antwortet etwas, aber es ist nicht Hearth.',
  'join.otherKey':
    'Das nennt sich „{name}“, hat aber einen anderen Schlüssel. Nimm nicht teil, wenn du nicht weißt, warum.',
  'join.otherVersion':
    'Dort läuft {theirs}, bei dir {yours}. Lesen geht; zum Schreiben brauchst du die neue Version.',

  'network.title': 'Netzprüfung',
  'network.intro': 'Ob andere diesen Computer finden und erreichen.',
  'network.checking': 'Wird geprüft. Das dauert ein paar Sekunden …',
  'network.again': 'Noch einmal prüfen',
  'network.good': 'In Ordnung',
  'network.bad': 'Hier ist etwas zu tun',
  'network.note': 'Gut zu wissen',
  'network.notHosting': 'Gerade ist keine eigene Sitzung offen',
  'network.notHostingText':
    'Öffne eine und prüfe noch einmal: Dann werden auch Port und Ankündigung angesehen.',
  'network.port': 'Port {port}',
  'network.portOpen': 'Die Sitzung antwortet auf diesem Computer.',
  'network.portShut':
    'Die Sitzung antwortet nicht einmal auf diesem Computer. Beende sie und öffne sie neu; hilft das nicht, hält ein Schutzprogramm sie zurück.',
  'network.addresses': 'Adressen dieses Computers',
  'network.noAddress':
    'Dieser Computer ist in keinem Netz. Verbinde ihn mit dem WLAN oder per Kabel und prüfe noch einmal.',
  'network.answers': 'antwortet',
  'network.silent': 'antwortet nicht',
  'network.silentText':
    'Erlaube Hearth in der Firewall dieses Computers, für Port {port}. Über eine Adresse, die nicht antwortet, kommt niemand herein.',
  'network.firewall': 'Firewall',
  'network.firewall.none':
    'Hier ist keine an, die Hearth kennt. Der Router kann eine eigene haben.',
  'network.firewall.ufw':
    'ufw ist an. Erreicht dich niemand, erlaube Hearth; die zweite Zeile ist dafür, gefunden zu werden:',
  'network.firewall.firewalld':
    'firewalld läuft. Erreicht dich niemand, erlaube Hearth; die zweite Zeile ist dafür, gefunden zu werden:',
  'network.firewall.windows':
    'Erreicht dich niemand: Windows-Sicherheit → Firewall → Zugriff von App zulassen, und bei Hearth „Privat“ ankreuzen.',
  'network.firewall.macos':
    'Erreicht dich niemand: Systemeinstellungen → Netzwerk → Firewall → Optionen, und Hearth erlauben; dazu Datenschutz → Lokales Netzwerk.',
  'network.announcement': 'In der Nähe zu sehen',
  'network.seen':
    'Deine Ankündigung kommt in diesem Netz an. Andere sehen die Sitzung in der Nähe.',
  'network.unseen':
    'Deine Ankündigung kommt nicht an. Eine Firewall (UDP-Port 5353) oder das Netz hält sie zurück. Andere können die Adresse eingeben.',
  'network.off':
    'Das Ankündigen ist in den Einstellungen ausgeschaltet. Andere müssen die Adresse eingeben.',
  'network.other':
    'Was zwischen zwei Computern steht, merkt nur der andere: Lass dort jemanden {address} eingeben.',
};
