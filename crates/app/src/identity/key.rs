//! The private key, and where it is kept: in the system's keyring where that demonstrably works,
//! otherwise in a file that only this user may read.

use std::path::Path;

use hearth_protocol::fingerprint::Fingerprint;
use hearth_protocol::window::KeyPlace;
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PublicKeyData as _};

use super::vault::Patient;
use super::{IdentityError, fingerprint, read, write};

/// In the installation's folder, while the key is in a file.
pub(super) const KEY: &str = "identity.key";

/// In the same folder, while it is in the keyring: the fingerprint of the key, by which it is
/// found there, and by which its loss is noticed.
pub(super) const IN_KEYRING: &str = "identity.keyring";

/// An installation's key.
#[derive(Clone)]
pub struct Key {
    /// PKCS #8, as it is kept.
    der: Vec<u8>,
    fingerprint: Fingerprint,
    place: KeyPlace,
}

impl Key {
    /// The one in `folder`, which is made when it is missing, and stays there.
    pub fn in_folder(folder: &Path) -> Result<Self, IdentityError> {
        match in_file(folder)? {
            Some(pair) => Ok(Self::new(&pair, KeyPlace::Folder)),
            None if folder.join(IN_KEYRING).exists() => Err(IdentityError::InKeyring(said(folder))),
            None => Ok(Self::new(&make(folder)?, KeyPlace::Folder)),
        }
    }

    /// The one of this user: in the system's keyring, or in `folder` where there is none. A key in
    /// the folder moves into the keyring, and goes from the folder only once the keyring has given
    /// it back. Waits for the keyring, but not for ever; never called where nothing may wait.
    pub fn of_user(folder: &Path) -> Result<Self, IdentityError> {
        Self::kept(folder, &Patient::system())
    }

    pub(super) fn kept(folder: &Path, vault: &Patient) -> Result<Self, IdentityError> {
        let pair = match in_file(folder)? {
            Some(pair) => pair,
            None => match in_keyring(folder, vault)? {
                Some(pair) => return Ok(Self::new(&pair, KeyPlace::Keyring)),
                None => make(folder)?,
            },
        };
        let place = move_into_keyring(folder, &pair, vault)?;
        Ok(Self::new(&pair, place))
    }

    fn new(pair: &KeyPair, place: KeyPlace) -> Self {
        Self {
            der: pair.serialize_der(),
            fingerprint: of(pair),
            place,
        }
    }

    /// What others know it by.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// Where it is kept.
    pub fn place(&self) -> KeyPlace {
        self.place
    }

    pub(super) fn der(&self) -> &[u8] {
        &self.der
    }

    pub(super) fn pair(&self) -> Result<KeyPair, IdentityError> {
        Ok(KeyPair::try_from(self.der.as_slice())?)
    }
}

fn of(pair: &KeyPair) -> Fingerprint {
    fingerprint(&pair.subject_public_key_info())
}

/// A new key is in the file first, whatever becomes of it then.
fn make(folder: &Path) -> Result<KeyPair, IdentityError> {
    let made = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    write(&folder.join(KEY), &made.serialize_der())?;
    Ok(made)
}

fn in_file(folder: &Path) -> Result<Option<KeyPair>, IdentityError> {
    let path = folder.join(KEY);
    let Some(kept) = read(&path)? else {
        return Ok(None);
    };
    let damaged = |_| IdentityError::Damaged(path.display().to_string());
    KeyPair::try_from(kept).map(Some).map_err(damaged)
}

/// Nothing where the key has never been in the keyring.
fn in_keyring(folder: &Path, vault: &Patient) -> Result<Option<KeyPair>, IdentityError> {
    let Some(wanted) = read(&folder.join(IN_KEYRING))? else {
        return Ok(None);
    };
    let lost = || IdentityError::Lost(said(folder));
    let wanted = String::from_utf8(wanted).map_err(|_| lost())?;
    let wanted: Fingerprint = wanted.trim().parse().map_err(|_| lost())?;
    let kept = vault.fetch(&name(wanted)).map_err(|error| {
        tracing::warn!(%error, "The system's keyring has this computer's key and does not give it");
        IdentityError::Locked
    })?;
    let pair = kept.and_then(|kept| KeyPair::try_from(kept).ok());
    let pair = pair.filter(|pair| of(pair) == wanted).ok_or_else(lost)?;
    Ok(Some(pair))
}

fn move_into_keyring(
    folder: &Path,
    pair: &KeyPair,
    vault: &Patient,
) -> Result<KeyPlace, IdentityError> {
    let fingerprint = of(pair);
    if let Err(error) = vault.keep(&name(fingerprint), &pair.serialize_der()) {
        tracing::info!(%error, "The key stays in a file: the system's keyring does not take it");
        return Ok(KeyPlace::File);
    }
    // In this order: at no moment is the key only where nobody would look for it.
    write(
        &folder.join(IN_KEYRING),
        format!("{fingerprint}\n").as_bytes(),
    )?;
    let path = folder.join(KEY);
    std::fs::remove_file(&path).map_err(|error| super::unusable(&path, error))?;
    Ok(KeyPlace::Keyring)
}

/// What the key is called in the keyring. One user may have several installations.
fn name(fingerprint: Fingerprint) -> String {
    format!("identity {fingerprint}")
}

fn said(folder: &Path) -> String {
    folder.join(IN_KEYRING).display().to_string()
}
