//! The system's keyring: the Secret Service on Linux, the Keychain on macOS, the Credential Manager
//! on Windows.
//!
//! It belongs to somebody else, may ask its person for a password, and may never answer. So
//! everything it is asked runs beside us, and is waited for only so long.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

/// What all entries of Hearth stand under.
const SERVICE: &str = "org.hearth.desktop";

/// Enough for a keyring that is well. One that asks its person for a password takes longer, and
/// the key stays where it is until another start.
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);

/// For a key that is nowhere else: time to type the keyring's password.
const UNLOCKED_WITHIN: Duration = Duration::from_secs(60);

/// Why a keyring did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum VaultError {
    /// It did not answer in time.
    #[error("it does not answer")]
    Silent,
    /// There is none, or it refused.
    #[error("{0}")]
    Refused(String),
}

/// Something that keeps secrets by name.
pub(super) trait Vault: Send + Sync + 'static {
    /// What is kept under this name, if anything.
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, VaultError>;
    /// Keeps it.
    fn write(&self, name: &str, secret: &[u8]) -> Result<(), VaultError>;
}

/// The keyring of this system, as it is. It may wait for ever.
pub(super) struct SystemVault;

impl SystemVault {
    fn entry(name: &str) -> Result<keyring::Entry, VaultError> {
        if let Err(error) = keyring::Entry::store_status() {
            return Err(refused(error));
        }
        keyring::Entry::new(SERVICE, name).map_err(|error| refused(&error))
    }
}

impl Vault for SystemVault {
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, VaultError> {
        match Self::entry(name)?.get_secret() {
            Ok(secret) => Ok(Some(secret)),
            Err(keyring::Error::NoEntry) => Ok(None),
            Err(error) => Err(refused(&error)),
        }
    }

    fn write(&self, name: &str, secret: &[u8]) -> Result<(), VaultError> {
        let entry = Self::entry(name)?;
        entry.set_secret(secret).map_err(|error| refused(&error))
    }
}

fn refused(error: &keyring::Error) -> VaultError {
    VaultError::Refused(error.to_string())
}

/// A vault that nobody waits for longer than they can.
pub(super) struct Patient {
    vault: Arc<dyn Vault>,
    answers_within: Duration,
    unlocked_within: Duration,
    /// One that was silent once is not asked again: each question would leave a thread behind.
    silent: AtomicBool,
}

impl Patient {
    /// The keyring of this system.
    pub(super) fn system() -> Self {
        Self::new(SystemVault, ANSWERS_WITHIN, UNLOCKED_WITHIN)
    }

    pub(super) fn new(vault: impl Vault, answers: Duration, unlocked: Duration) -> Self {
        Self {
            vault: Arc::new(vault),
            answers_within: answers,
            unlocked_within: unlocked,
            silent: AtomicBool::new(false),
        }
    }

    /// Keeps the secret, and makes sure that it can be had again.
    pub(super) fn keep(&self, name: &str, secret: &[u8]) -> Result<(), VaultError> {
        let (asked, written) = (name.to_owned(), secret.to_vec());
        let read = self.ask(self.answers_within, move |vault| {
            vault.write(&asked, &written)?;
            vault.read(&asked)
        })?;
        if read.as_deref() == Some(secret) {
            Ok(())
        } else {
            let lost = "it does not give back what it was given".to_owned();
            Err(VaultError::Refused(lost))
        }
    }

    /// What is kept nowhere else; whoever has to unlock the keyring has time to.
    pub(super) fn fetch(&self, name: &str) -> Result<Option<Vec<u8>>, VaultError> {
        let asked = name.to_owned();
        self.ask(self.unlocked_within, move |vault| vault.read(&asked))
    }

    fn ask<T: Send + 'static>(
        &self,
        within: Duration,
        question: impl FnOnce(&dyn Vault) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        if self.silent.load(Ordering::Relaxed) {
            return Err(VaultError::Silent);
        }
        let (answer, answered) = mpsc::channel();
        let vault = self.vault.clone();
        // A thread that hangs in a keyring cannot be ended; it ends with the process.
        let asking = thread::Builder::new().name("keyring".to_owned());
        asking
            .spawn(move || answer.send(question(vault.as_ref())))
            .map_err(|error| VaultError::Refused(error.to_string()))?;
        match answered.recv_timeout(within) {
            Ok(answer) => answer,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                self.silent.store(true, Ordering::Relaxed);
                Err(VaultError::Silent)
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => Err(VaultError::Refused(
                "it broke while it was asked".to_owned(),
            )),
        }
    }
}
