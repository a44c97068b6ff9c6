import type { Text } from './catalogue';
import type { enJoined } from './en-joined';

/** The same as `en-joined.ts`, in German. */
export const deJoined: Record<keyof typeof enJoined, Text> = {
  'refused.unauthorizedTitle': 'Du bist nicht mehr angemeldet',
  'refused.unauthorized':
    'Komm noch einmal herein; was du geschrieben hast, bleibt auf diesem Gerät.',
  'refused.expiredTitle': 'Es ist eine Weile her',
  'refused.expired':
    'Du warst 30 Tage nicht hier. Komm noch einmal herein; was du geschrieben hast, bleibt auf diesem Gerät.',
  'refused.removedTitle': 'Du wurdest entfernt',
  'refused.removed':
    'Der Gastgeber hat dich aus dieser Sitzung entfernt. Was du dort geschrieben hast, bleibt, mit deinem Namen. War es ein Versehen, bitte um eine Einladung.',
  'refused.versionTitle': 'Die Versionen passen nicht zusammen',
  'refused.version':
    'Der Gastgeber hat eine andere Version von Hearth als diese Seite. Lade die Seite neu; hilft das nicht, muss der Gastgeber aktualisieren.',
  'refused.fullTitle': 'Es ist voll',
  'refused.full':
    'Es sind so viele verbunden, wie diese Sitzung fasst. Versuche es, wenn jemand gegangen ist.',
  'refused.otherTitle': 'Der Gastgeber lässt diese Seite nicht herein',
  'refused.other': 'Er sagte: {code}.',
  'refused.unsent': {
    one: 'Etwas, das du geschrieben hast ({count}), ist noch nicht beim Gastgeber. Es bleibt auf diesem Gerät.',
    other:
      '{count} Dinge, die du geschrieben hast, sind noch nicht beim Gastgeber. Sie bleiben auf diesem Gerät.',
  },
  'refused.copyUnsent': 'Mein Geschriebenes kopieren',
  'refused.comeIn': 'Noch einmal hereinkommen',
  'refused.reload': 'Neu laden',

  'joined.removed':
    'Der Gastgeber hat dich aus dieser Sitzung genommen. Deine Kopie von allem Geteilten ist noch hier.',
  'joined.keepOrDelete': 'Behalten oder löschen …',
  'joined.removedTalk':
    'Du kannst deine Kopie lesen. Der Gastgeber hat dich aus der Sitzung genommen.',

  'copy.strip': 'Dies ist eine Kopie zum Lesen. Nichts darin lässt sich ändern.',
  'copy.talk': 'In einer Kopie zum Lesen kann niemand schreiben.',
  'copyDoor.title': '„{session}“: die Kopie von {name}',
  'copyDoor.text':
    'Diese Seite ist nur für {name}. Alle anderen kommen unter der Adresse des Gastgebers herein, die auf dessen Bildschirm steht.',
  'copyDoor.open':
    'Öffne die neueste Adresse, die „hearthd join“ dort ausgegeben hat, wo es gestartet wurde (sign_in_url). Sie gilt einmal; neu gestartet, gibt es eine andere aus.',
  'copyDoor.used': 'Diese Adresse wurde schon benutzt oder ist zu alt.',
  'copyDoor.goesOnTitle': 'Die Sitzung geht in einer neuen Kopie weiter',
  'copyDoor.goesOn':
    'Die Kopie, die diese Seite zeigte, ist nicht mehr offen. Geht ein Gastgeber zu einem früheren Stand zurück, wird die bisherige Kopie beiseitegelegt, ganz und sicher, und eine neue begonnen; was der neuen fehlt, wird auf ihrer Seite angeboten.',

  'leave.text': 'Du bleibst Mitglied: Um zurückzukommen, öffne sie wieder vom Startbildschirm aus.',
  'leave.toHostText':
    'Es ist immer nur eine Sitzung offen. In dieser bleibst du Mitglied und kannst sie später wieder öffnen.',
  'leave.copyTitle': 'Diese Kopie schließen?',
  'leave.copyText': 'Du kannst sie vom Startbildschirm aus wieder öffnen.',
  'leave.what': 'Was wird aus der Kopie auf diesem Computer?',
  'leave.keep': 'Behalten',
  'leave.keepHint': 'Du kannst darin lesen und schreiben, auch wenn der Gastgeber weg ist.',
  'leave.keepWaitsHint': {
    one: '{count} Änderung hat {host} noch nicht. Sie wird gesendet, wenn du die Kopie öffnest und der Gastgeber da ist.',
    other:
      '{count} Änderungen hat {host} noch nicht. Sie werden gesendet, wenn du die Kopie öffnest und der Gastgeber da ist.',
  },
  'leave.keepRemovedHint': 'Du kannst weiter lesen, was bis dahin geteilt wurde.',
  'leave.delete': 'Löschen',
  'leave.deleteHint': 'Sie kommt in den Papierkorb dieses Computers.',
  'leave.deleteWaitsHint': {
    one: 'Sie kommt in den Papierkorb dieses Computers, zusammen mit {count} Änderung, die {host} noch nicht hat.',
    other:
      'Sie kommt in den Papierkorb dieses Computers, zusammen mit {count} Änderungen, die {host} noch nicht hat.',
  },
  'leave.andHost': 'Verlassen und einladen',

  'backup.save': 'Sicherung speichern …',
  'backup.saved': 'Gespeichert: {path}',
  'backup.open': 'Sitzungsdatei öffnen …',
  'backup.openTitle': 'Sitzungsdatei öffnen',
  'backup.openText':
    'Eine Sicherung oder eine Datei von einem anderen Computer. Die Datei selbst bleibt, wie sie ist.',
  'backup.how': 'Was hast du damit vor?',
  'backup.own': 'Als eigene weiterführen',
  'backup.ownHint': 'Du lädst dann dazu ein. Für eine Sitzung, zu der sonst niemand mehr einlädt.',
  'backup.look': 'Nur ansehen',
  'backup.lookHint': 'Eine Kopie zum Lesen. Nichts darin lässt sich ändern.',
  'backup.choose': 'Datei wählen …',

  'refusals.strip': {
    one: 'Der Gastgeber hat etwas nicht angenommen, das du geschrieben hast, während er weg war.',
    other:
      'Der Gastgeber hat {count} Dinge nicht angenommen, die du geschrieben hast, während er weg war.',
  },
  'refusals.stripHint': 'Deine Worte sind hier aufgehoben.',
  'refusals.show': 'Anzeigen',
  'refusals.title': 'Vom Gastgeber nicht angenommen',
  'refusals.hint':
    'Das hast du geschrieben, während der Gastgeber weg war, und es ließ sich danach nicht unterbringen. Es bleibt hier, bis du es verwirfst.',
  'refusals.message': 'Eine Nachricht',
  'refusals.note': 'Die Notiz „{title}“',
  'refusals.room': 'Der Raum „{name}“',
  'refusals.edit': 'Was du in „{title}“ geschrieben hast',
  'refusals.editUnknown': 'Was du in einer Notiz geschrieben hast',
  'refusals.file': 'Die Datei „{name}“',
  'refusals.other': 'Eine Änderung',
  'refusals.written': 'Geschrieben: {when}.',
  'refusals.with': {
    one: '{count} Sache, die darauf aufbaut, ist auch hier.',
    other: '{count} Sachen, die darauf aufbauen, sind auch hier.',
  },
  'refusals.copy': 'Text kopieren',
  'refusals.makeNote': 'Notiz daraus machen in …',
  'refusals.noteTitle': 'Zuvor nicht angenommen',
  'refusals.discardTitle': 'Endgültig verwerfen?',
  'refusals.discardText': 'Deine Worte sind dann nirgends mehr, außer du hast sie kopiert.',

  'earlier.strip': 'Der Gastgeber ist zu einem früheren Stand dieser Sitzung zurückgekehrt.',
  'earlier.stripHint': {
    one: '{count} Sache aus deiner Kopie von vorher fehlt hier.',
    other: '{count} Sachen aus deiner Kopie von vorher fehlen hier.',
  },
  'earlier.stripMore': 'Mehr als {count} Sachen aus deiner Kopie von vorher fehlen hier.',
  'earlier.show': 'Ansehen',
  'earlier.title': 'Was deine Kopie von vorher hat',
  'earlier.hint':
    'Der Gastgeber ist zu einem früheren Stand zurückgekehrt und hat das nicht mehr. Es kommt nur zurück, wenn es jemand zurückbringt. Deine Kopie von vorher bleibt ganz erhalten, was du hier auch wählst.',
  'earlier.bringAll': { one: 'Zurückbringen', other: '{count} Sachen zurückbringen' },
  'earlier.bringAllHint':
    'Was andere seither geschrieben haben, bleibt: Neben eine Notiz, an der sie weiterschrieben, kommt eine zweite.',
  'earlier.notAll': {
    one: 'Über {count} Sache unten entscheidest du.',
    other: 'Über {count} Sachen unten entscheidest du.',
  },
  'earlier.bringing': 'Wird zurückgebracht: {done} von {of}',
  'earlier.allBack': 'Es ist wieder da.',
  'earlier.someRefused': {
    one: '{count} Sache ließ sich nicht zurückbringen und steht noch in der Liste.',
    other: '{count} Sachen ließen sich nicht zurückbringen und stehen noch in der Liste.',
  },
  'earlier.more': 'Es gibt noch mehr. Es steht hier, sobald etwas davon erledigt ist.',
  'earlier.by': 'Von {name}, {when}.',
  'earlier.byYou': 'Von dir, {when}.',
  'earlier.in': 'In {room}.',
  'earlier.unsent': 'Es hatte den Gastgeber nicht erreicht.',
  'earlier.differs': 'Jetzt lautet es anders.',
  'earlier.othersHint': '{name} hat es vielleicht auch und sendet es selbst noch einmal.',
  'earlier.makeRoom': 'Raum wieder anlegen',
  'earlier.makeNote': 'Notiz wieder anlegen',
  'earlier.intoNote': 'In die Notiz einfügen',
  'earlier.send': 'Noch einmal senden',
  'earlier.editMessage': 'Nachricht ändern',
  'earlier.quote': 'Als Zitat senden',
  'earlier.doAgain': 'Noch einmal tun',
  'earlier.beside': 'Notiz daraus machen in …',
  'earlier.besideTitle': '{title} (von vorher)',
  'earlier.whole': 'Alles anzeigen',
  'earlier.discard': 'Nicht nötig',
  'earlier.discardAll': 'Nichts davon wird gebraucht',
  'earlier.discardAllTitle': 'Nichts davon mehr anbieten?',
  'earlier.discardAllYes': 'Nichts mehr anbieten',
  'earlier.discardTitle': 'Nicht mehr anbieten?',
  'earlier.discardYes': 'Nicht mehr anbieten',
  'earlier.discardText': 'Es bleibt in der Kopie von vorher, wo du es lesen kannst.',
  'earlier.trashNote': 'Die Notiz „{title}“ in den Papierkorb',
  'earlier.restoreNote': 'Die Notiz „{title}“ aus dem Papierkorb',
  'earlier.moveNote': 'Die Notiz „{title}“ in einen anderen Raum',
  'earlier.rename': '„{title}“ soll „{name}“ heißen',
  'earlier.deleteRoom': 'Den Raum „{name}“ gelöscht',
  'earlier.restoreRoom': 'Den Raum „{name}“ wiederhergestellt',
  'earlier.joinRoom': 'Dem Raum „{name}“ beigetreten',
  'earlier.leaveRoom': 'Den Raum „{name}“ verlassen',
  'earlier.takeBack': 'Eine Nachricht zurückgenommen',
  'earlier.member': 'Dein Name oder deine Farbe',
  'setBack.nothing':
    'Von dem, was diese Seite kannte, fehlt nichts. Was du noch nicht gesendet hattest, ist sicher und wird jetzt gesendet.',
  'setBack.missing': {
    one: 'Was du noch nicht gesendet hattest, ist sicher und wird jetzt gesendet. {count} Sache, die diese Seite kannte, fehlt dort oder lautet anders: Kopiere sie, und setze wieder ein, was gebraucht wird. Wer mit der Hearth-App dabei ist, kann mehr zurückholen.',
    other:
      'Was du noch nicht gesendet hattest, ist sicher und wird jetzt gesendet. {count} Sachen, die diese Seite kannte, fehlen dort oder lauten anders: Kopiere sie, und setze wieder ein, was gebraucht wird. Wer mit der Hearth-App dabei ist, kann mehr zurückholen.',
  },
  'setBack.copy': 'Kopieren, was fehlt',
  'setBack.noText': 'ihr Text war auf dieser Seite nicht offen',
  'setBack.closeTitle': 'Loslassen, was fehlt?',
  'setBack.closeText': 'Du hast es nicht kopiert. Diese Seite behält dann nichts davon.',
  'setBack.close': 'Loslassen',

  'link.connecting': 'Verbinde …',
  'link.catching_up': 'Hole nach …',
  'link.live': 'Verbunden',
  'link.away': 'Nicht verbunden',
  'link.refused': 'Nicht hereingelassen',
  'link.awayStrip': 'Der Computer von {host} ist weg. Deine Arbeit ist auf diesem Gerät sicher.',
  'link.awayStripUnkept':
    'Der Computer von {host} ist weg, und dieser Browser kann deine Arbeit nicht aufbewahren: Was nicht gesendet ist, ginge mit diesem Tab verloren. Lass ihn offen, bis der Gastgeber zurück ist.',
  'link.unreachable': 'Der Gastgeber antwortet noch nicht. Es wird immer wieder versucht.',
  'link.back': 'Wieder verbunden.',
  'link.backSent': {
    one: 'Wieder verbunden. Etwas, das du geschrieben hast ({count}), wurde gesendet.',
    other: 'Wieder verbunden. {count} Dinge, die du geschrieben hast, wurden gesendet.',
  },
  'link.encryptedNow':
    'Der Gastgeber hat auf Verschlüsselung umgestellt. Öffne die Sitzung verschlüsselt neu, um weiterzumachen.',
  'link.openEncrypted': 'Verschlüsselt öffnen',
  'link.tryNow': 'Jetzt versuchen',
  'link.theHost': 'Gastgeber',
  'link.hostAway': 'Gastgeber weg',
  'link.otherKey':
    'Wo der Computer von {host} war, antwortet ein anderer. Ihm wurde nichts gesagt, deine Arbeit ist auf diesem Gerät sicher, und der richtige wird immer wieder gesucht. Frage {host} selbst: Ist es ein neuer Computer, tritt mit einer neuen Einladung wieder bei.',
  'link.signedOut':
    'Der Computer von {host} kennt dich nicht mehr. Deine Arbeit ist auf diesem Gerät sicher. Tritt mit einer Einladung neu bei.',
  'link.otherVersion':
    '{host} hat eine andere Version von Hearth als du. Aktualisiert die ältere von beiden; deine Arbeit ist auf diesem Gerät sicher.',
  'link.hostVersion':
    '{host} hat eine ältere Version von Hearth als du. Sie muss auf dem Computer des Gastgebers aktualisiert werden; deine Arbeit ist auf diesem Gerät sicher.',
  'link.ownVersion':
    '{host} hat eine neuere Version von Hearth als du. Aktualisiere Hearth hier; deine Arbeit ist auf diesem Gerät sicher.',
  'link.diskFull':
    'Der Speicher dieses Computers ist voll. Was hier ist, ist sicher, aber nichts Neues kann aufbewahrt werden. Schaffe Platz, dann geht es von selbst weiter.',
  'link.hostDiskFull':
    'Der Speicher des Computers von {host} ist voll. Was du geschrieben hast, ist auf diesem Gerät sicher und wird gesendet, sobald Platz ist.',
  'link.notCopied':
    'Was der Computer von {host} sagt, kann nicht kopiert werden. Was hier ist, ist sicher und bleibt, wie es ist. Aktualisiere Hearth, oder verlass die Sitzung und tritt neu bei.',
  'link.since': 'Seit {time}.',
  'link.waits': { one: '{count} Änderung wartet.', other: '{count} Änderungen warten.' },
  'link.catchingUpStrip': 'Der Computer von {host} ist wieder da. Wird aufgeholt …',
  'link.sending': {
    one: 'Inzwischen Geschriebenes wird gesendet: noch {count} Änderung.',
    other: 'Inzwischen Geschriebenes wird gesendet: noch {count} Änderungen.',
  },
  'link.backChanges': {
    one: 'Wieder verbunden. {count} Änderung wurde gesendet.',
    other: 'Wieder verbunden. {count} Änderungen wurden gesendet.',
  },
  'link.needsHost':
    'Das kann nur der Gastgeber entscheiden, und der Computer von {host} ist weg. Versuche es wieder, wenn er zurück ist.',
  'link.needsHostKept':
    'Der Computer von {host} ist weg, und das geht nicht ohne ihn. Was du geschrieben hast, bleibt hier stehen; versuche es wieder, wenn er zurück ist.',
};
