//! The key goes into a keyring only where it comes back from, and is never lost on the way.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hearth_protocol::window::KeyPlace;

use super::super::key::{IN_KEYRING, KEY};
use super::super::vault::{Patient, Vault, VaultError};
use super::super::*;

/// How a keyring behaves.
#[derive(Clone, Copy, PartialEq)]
enum Mood {
    Well,
    /// It takes everything and keeps nothing.
    Forgetful,
    /// It gives back something else.
    Confused,
    /// There is none, or it is locked and nobody opens it.
    Refusing,
    /// Its service hangs.
    Hanging,
    Panicking,
}

#[derive(Clone)]
struct Keyring {
    kept: Arc<Mutex<HashMap<String, Vec<u8>>>>,
    mood: Arc<Mutex<Mood>>,
}

impl Keyring {
    fn new(mood: Mood) -> Self {
        Self {
            kept: Arc::default(),
            mood: Arc::new(Mutex::new(mood)),
        }
    }

    fn becomes(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    fn count(&self) -> usize {
        self.kept.lock().unwrap().len()
    }

    fn patient(&self) -> Patient {
        let moment = Duration::from_millis(200);
        Patient::new(self.clone(), moment, moment)
    }

    fn answer(&self) -> Result<Mood, VaultError> {
        let mood = *self.mood.lock().unwrap();
        match mood {
            Mood::Refusing => Err(VaultError::Refused("no such service".to_owned())),
            Mood::Panicking => panic!("the keyring breaks"),
            Mood::Hanging => loop {
                std::thread::park();
            },
            _ => Ok(mood),
        }
    }
}

impl Vault for Keyring {
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, VaultError> {
        Ok(match self.answer()? {
            Mood::Forgetful => None,
            Mood::Confused => Some(b"something else".to_vec()),
            _ => self.kept.lock().unwrap().get(name).cloned(),
        })
    }

    fn write(&self, name: &str, secret: &[u8]) -> Result<(), VaultError> {
        self.answer()?;
        let mut kept = self.kept.lock().unwrap();
        kept.insert(name.to_owned(), secret.to_vec());
        Ok(())
    }
}

#[track_caller]
fn open(folder: &Path, keyring: &Keyring) -> Key {
    Key::kept(folder, &keyring.patient()).unwrap()
}

fn is_there(folder: &Path, file: &str) -> bool {
    folder.join(file).exists()
}

#[test]
fn where_the_keyring_works_the_key_is_there_and_in_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let keyring = Keyring::new(Mood::Well);
    let first = open(folder.path(), &keyring);
    assert_eq!(first.place(), KeyPlace::Keyring);
    assert!(!is_there(folder.path(), KEY));
    let again = open(folder.path(), &keyring);
    assert_eq!(again.fingerprint(), first.fingerprint());
    assert_eq!((again.place(), keyring.count()), (KeyPlace::Keyring, 1));
    Identity::around(&again, folder.path())
        .unwrap()
        .tls()
        .unwrap();
}

#[test]
fn a_key_from_before_moves_and_stays_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let before = Identity::open(folder.path()).unwrap();
    let keyring = Keyring::new(Mood::Well);
    let moved = open(folder.path(), &keyring);
    assert_eq!(moved.fingerprint(), before.fingerprint());
    assert!(!is_there(folder.path(), KEY));
    let after = Identity::around(&moved, folder.path()).unwrap();
    assert_eq!(after.certificate, before.certificate);
}

#[test]
fn where_it_does_not_work_the_key_stays_in_its_file() {
    for mood in [
        Mood::Forgetful,
        Mood::Confused,
        Mood::Refusing,
        Mood::Hanging,
        Mood::Panicking,
    ] {
        let folder = tempfile::tempdir().unwrap();
        let keyring = Keyring::new(mood);
        let begun = Instant::now();
        let first = open(folder.path(), &keyring);
        assert!(begun.elapsed() < Duration::from_secs(5));
        assert_eq!(first.place(), KeyPlace::File);
        assert!(is_there(folder.path(), KEY) && !is_there(folder.path(), IN_KEYRING));
        // It is taken as soon as the keyring is well again.
        keyring.becomes(Mood::Well);
        let later = open(folder.path(), &keyring);
        assert_eq!(later.fingerprint(), first.fingerprint());
        assert_eq!(later.place(), KeyPlace::Keyring);
    }
}

#[test]
fn a_keyring_that_was_silent_is_not_waited_for_again() {
    let patient = Keyring::new(Mood::Hanging).patient();
    assert_eq!(patient.keep("name", b"secret"), Err(VaultError::Silent));
    let begun = Instant::now();
    assert_eq!(patient.fetch("name"), Err(VaultError::Silent));
    assert!(begun.elapsed() < Duration::from_millis(100));
}

#[test]
fn a_key_that_only_the_keyring_has_is_never_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let keyring = Keyring::new(Mood::Well);
    let first = open(folder.path(), &keyring);
    for mood in [Mood::Refusing, Mood::Hanging, Mood::Panicking] {
        keyring.becomes(mood);
        let refused = Key::kept(folder.path(), &keyring.patient()).err().unwrap();
        assert!(matches!(refused, IdentityError::Locked), "{refused}");
    }
    for mood in [Mood::Forgetful, Mood::Confused] {
        keyring.becomes(mood);
        let refused = Key::kept(folder.path(), &keyring.patient()).err().unwrap();
        assert!(matches!(refused, IdentityError::Lost(_)), "{refused}");
    }
    // Nor where the folder is used without a keyring.
    let refused = Identity::open(folder.path()).err().unwrap();
    assert!(matches!(refused, IdentityError::InKeyring(_)), "{refused}");
    keyring.becomes(Mood::Well);
    assert_eq!(
        open(folder.path(), &keyring).fingerprint(),
        first.fingerprint()
    );
}

#[test]
fn two_installations_of_one_user_do_not_share_a_key() {
    let keyring = Keyring::new(Mood::Well);
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [one, other] = folders
        .each_ref()
        .map(|folder| open(folder.path(), &keyring));
    assert_ne!(one.fingerprint(), other.fingerprint());
    for (folder, key) in folders.iter().zip([one, other]) {
        assert_eq!(
            open(folder.path(), &keyring).fingerprint(),
            key.fingerprint()
        );
    }
}
