/** Part of the texts in `en.ts`: a session that somebody else hosts: joining it, its copy, and what waits for the host. */
export const enJoined = {
  'refused.unauthorizedTitle': 'You are not signed in any more',
  'refused.unauthorized': 'Come in again; what you wrote is kept on this device.',
  'refused.expiredTitle': 'It has been a while',
  'refused.expired':
    'Your sign-in was not used for 30 days. Come in again; what you wrote is kept on this device.',
  'refused.removedTitle': 'You were removed',
  'refused.removed':
    'The host took you out of this session. What you wrote there stays, with your name. If that was a mistake, ask them for an invitation.',
  'refused.versionTitle': 'The versions differ',
  'refused.version':
    'The host has another version of Hearth than this page. Reload the page; if that does not help, the host has to update.',
  'refused.fullTitle': 'It is full',
  'refused.full':
    'As many people are connected as this session takes. Try again when somebody left.',
  'refused.otherTitle': 'The host does not let this page in',
  'refused.other': 'It said: {code}.',
  'refused.unsent': {
    one: '{count} thing you wrote is not with the host yet. It is kept on this device.',
    other: '{count} things you wrote are not with the host yet. They are kept on this device.',
  },
  'refused.copyUnsent': 'Copy what I wrote',
  'refused.comeIn': 'Come in again',
  'refused.reload': 'Reload',

  'joined.removed':
    'The host took you out of this session. Your copy of what was shared is still here.',
  'joined.keepOrDelete': 'Keep or delete…',
  'joined.removedTalk': 'You can read your copy. The host has taken you out of the session.',

  'copy.strip': 'This is a copy to look at. Nothing in it can be changed.',
  'copy.talk': 'In a copy to look at nobody can write.',
  'copyDoor.title': '{name}’s copy of “{session}”',
  'copyDoor.text':
    'This page is for {name} alone. Everybody else comes in at the host’s address, which stands on the host’s screen.',
  'copyDoor.open':
    'Open the newest address that “hearthd join” printed where it was started (sign_in_url). It is good once; started again, it prints another.',
  'copyDoor.used': 'This address was used before, or is too old.',
  'copyDoor.goesOnTitle': 'The session goes on in a new copy',
  'copyDoor.goesOn':
    'The copy that this page showed is not served any more. When a host goes back to an earlier state, the copy from before is put aside, whole and safe, and a new one is begun; what the new one lacks is offered on its page.',

  'leave.text': 'You keep your place: to come back, open it again from the start screen.',
  'leave.toHostText':
    'One session is open at a time. You keep your place in this one, and can open it again later.',
  'leave.copyTitle': 'Close this copy?',
  'leave.copyText': 'You can open it again from the start screen.',
  'leave.what': 'What becomes of the copy on this computer?',
  'leave.keep': 'Keep it',
  'leave.keepHint': 'You can read and write in it also while the host is away.',
  'leave.keepWaitsHint': {
    one: '{count} change has not reached {host} yet. It is sent when you open the copy and the host is there.',
    other:
      '{count} changes have not reached {host} yet. They are sent when you open the copy and the host is there.',
  },
  'leave.keepRemovedHint': 'You can go on reading what was shared until then.',
  'leave.delete': 'Delete it',
  'leave.deleteHint': 'It goes into this computer’s trash.',
  'leave.deleteWaitsHint': {
    one: 'It goes into this computer’s trash, along with {count} change that {host} does not have yet.',
    other:
      'It goes into this computer’s trash, along with {count} changes that {host} does not have yet.',
  },
  'leave.andHost': 'Leave and host',

  'backup.save': 'Save a backup…',
  'backup.saved': 'Saved: {path}',
  'backup.open': 'Open a session file…',
  'backup.openTitle': 'Open a session file',
  'backup.openText': 'A backup or a file from another computer. The file itself is not changed.',
  'backup.how': 'What do you want to do with it?',
  'backup.own': 'Go on with it as your own',
  'backup.ownHint': 'You become its host. For a session that nobody else hosts any more.',
  'backup.look': 'Only look at it',
  'backup.lookHint': 'A read-only copy. Nothing in it can be changed.',
  'backup.choose': 'Choose the file…',

  'refusals.strip': {
    one: 'The host did not accept something you wrote while it was away.',
    other: 'The host did not accept {count} things you wrote while it was away.',
  },
  'refusals.stripHint': 'Your words are kept here.',
  'refusals.show': 'Show',
  'refusals.title': 'Not accepted by the host',
  'refusals.hint':
    'This was written while the host was away, and could not be placed when it was back. It is kept here until you discard it.',
  'refusals.message': 'A message',
  'refusals.note': 'The note “{title}”',
  'refusals.room': 'The room “{name}”',
  'refusals.edit': 'What you wrote in “{title}”',
  'refusals.editUnknown': 'What you wrote in a note',
  'refusals.file': 'The file “{name}”',
  'refusals.other': 'A change',
  'refusals.written': 'Written {when}.',
  'refusals.with': {
    one: '{count} thing that built on it is here too.',
    other: '{count} things that built on it are here too.',
  },
  'refusals.copy': 'Copy the text',
  'refusals.makeNote': 'Make a note of it in…',
  'refusals.noteTitle': 'Not accepted before',
  'refusals.discardTitle': 'Discard it for good?',
  'refusals.discardText': 'Your words are then nowhere else, unless you copied them.',

  'earlier.strip': 'The host went back to an earlier state of this session.',
  'earlier.stripHint': {
    one: '{count} thing in your copy from before is missing here.',
    other: '{count} things in your copy from before are missing here.',
  },
  'earlier.stripMore': 'More than {count} things in your copy from before are missing here.',
  'earlier.show': 'Look at it',
  'earlier.title': 'What your copy from before has',
  'earlier.hint':
    'The host went back to an earlier state, and has this no longer. It comes back only if somebody brings it back. Your copy from before is kept whole, whatever you choose here.',
  'earlier.bringAll': { one: 'Bring it back', other: 'Bring {count} things back' },
  'earlier.bringAllHint':
    'What others have written since stays: a note they went on with gets another one beside it.',
  'earlier.notAll': {
    one: '{count} thing below is left for you to decide.',
    other: '{count} things below are left for you to decide.',
  },
  'earlier.bringing': 'Bringing back: {done} of {of}',
  'earlier.allBack': 'It is back.',
  'earlier.someRefused': {
    one: '{count} thing could not be brought back, and is still listed.',
    other: '{count} things could not be brought back, and are still listed.',
  },
  'earlier.more': 'There is more. It is listed when some of this is done.',
  'earlier.by': 'By {name}, {when}.',
  'earlier.byYou': 'By you, {when}.',
  'earlier.in': 'In {room}.',
  'earlier.unsent': 'It had not reached the host.',
  'earlier.differs': 'It reads otherwise now.',
  'earlier.othersHint': '{name} may have it too, and send it again.',
  'earlier.makeRoom': 'Make the room again',
  'earlier.makeNote': 'Make the note again',
  'earlier.intoNote': 'Put it into the note',
  'earlier.send': 'Send it again',
  'earlier.editMessage': 'Change the message',
  'earlier.quote': 'Send it as a quote',
  'earlier.doAgain': 'Do it again',
  'earlier.beside': 'Make a note of it in…',
  'earlier.besideTitle': '{title} (from before)',
  'earlier.whole': 'Show all of it',
  'earlier.discard': 'Not needed',
  'earlier.discardAll': 'None of it is needed',
  'earlier.discardAllTitle': 'Offer nothing of it any more?',
  'earlier.discardAllYes': 'Offer nothing',
  'earlier.discardTitle': 'Offer this no more?',
  'earlier.discardYes': 'Do not offer it',
  'earlier.discardText': 'It stays in the copy from before, where you can read it.',
  'earlier.trashNote': 'The note “{title}” into the trash',
  'earlier.restoreNote': 'The note “{title}” out of the trash',
  'earlier.moveNote': 'The note “{title}” to another room',
  'earlier.rename': '“{title}” to be called “{name}”',
  'earlier.deleteRoom': 'The room “{name}” deleted',
  'earlier.restoreRoom': 'The room “{name}” restored',
  'earlier.joinRoom': 'Joining the room “{name}”',
  'earlier.leaveRoom': 'Leaving the room “{name}”',
  'earlier.takeBack': 'A message taken back',
  'earlier.member': 'Your name or colour',
  'setBack.nothing':
    'Nothing that this page knew is missing. What you had not sent yet is safe, and is sent now.',
  'setBack.missing': {
    one: 'What you had not sent yet is safe, and is sent now. {count} thing that this page knew is missing there, or reads otherwise: copy it, and put back what is needed. Whoever joined with the Hearth app can bring back more.',
    other:
      'What you had not sent yet is safe, and is sent now. {count} things that this page knew are missing there, or read otherwise: copy them, and put back what is needed. Whoever joined with the Hearth app can bring back more.',
  },
  'setBack.copy': 'Copy what is missing',
  'setBack.noText': 'its text was not open on this page',
  'setBack.closeTitle': 'Let go of what is missing?',
  'setBack.closeText': 'You have not copied it. This page then keeps nothing of it.',
  'setBack.close': 'Let go of it',

  'link.connecting': 'Connecting…',
  'link.catching_up': 'Catching up…',
  'link.live': 'Connected',
  'link.away': 'Not connected',
  'link.refused': 'Not let in',
  'link.awayStrip': '{host}’s computer is away. Your work is safe on this device.',
  'link.awayStripUnkept':
    '{host}’s computer is away, and this browser cannot keep your work: what is not sent would be lost with this tab. Leave it open until the host is back.',
  'link.unreachable': 'The host does not answer yet. It is tried again and again.',
  'link.back': 'Connected again.',
  'link.backSent': {
    one: 'Connected again. {count} thing you wrote was sent.',
    other: 'Connected again. {count} things you wrote were sent.',
  },
  'link.encryptedNow':
    'The host has switched to encryption. Open the session again, encrypted, to go on.',
  'link.openEncrypted': 'Open encrypted',
  'link.tryNow': 'Try now',
  'link.theHost': 'The host',
  'link.hostAway': 'Host away',
  'link.otherKey':
    'Where {host}’s computer was, another one answers. Nothing was told to it, your work is safe on this device, and the right one is looked for again and again. Ask {host} in person: if it is their new computer, join again with a new invitation.',
  'link.signedOut':
    '{host}’s computer does not know you any longer. Your work is safe on this device. Join again with an invitation.',
  'link.otherVersion':
    '{host} has another version of Hearth than you have. Update the older of the two; your work is safe on this device.',
  'link.hostVersion':
    '{host} has an older version of Hearth than you have. It has to be updated on the host’s computer; your work is safe on this device.',
  'link.ownVersion':
    '{host} has a newer version of Hearth than you have. Update Hearth here; your work is safe on this device.',
  'link.diskFull':
    'The disk of this computer is full. What is here is safe, but nothing new can be kept. Make room, and it goes on by itself.',
  'link.hostDiskFull':
    'The disk of {host}’s computer is full. What you wrote is safe on this device and is sent as soon as there is room.',
  'link.notCopied':
    'What {host}’s computer tells cannot be copied. What is here is safe and stays as it is. Update Hearth, or leave and join again.',
  'link.since': 'Since {time}.',
  'link.waits': { one: '{count} change waits.', other: '{count} changes wait.' },
  'link.catchingUpStrip': '{host}’s computer is back. Catching up…',
  'link.sending': {
    one: 'Sending what you wrote meanwhile: {count} change to go.',
    other: 'Sending what you wrote meanwhile: {count} changes to go.',
  },
  'link.backChanges': {
    one: 'Connected again. {count} change was sent.',
    other: 'Connected again. {count} changes were sent.',
  },
  'link.needsHost':
    'Only the host can do this, and {host}’s computer is away. Try again when it is back.',
  'link.needsHostKept':
    '{host}’s computer is away, and this needs it. What you typed stays here; try again when it is back.',
} as const;
