//! What this installation is known by: a key that stays, and a certificate around it that is
//! renewed.
//!
//! The key is the identity. A certificate is only how TLS carries it, so a renewed one is the same
//! host to everybody who knew the old one.

mod key;
mod vault;

use std::{
    fs, io,
    io::Write as _,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    path::Path,
    time::{Duration, SystemTime},
};

use hearth_protocol::fingerprint::Fingerprint;
use hearth_server::{Tls, TlsError};
use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair,
    KeyUsagePurpose, SanType, SerialNumber,
};
use sha2::{Digest as _, Sha256};
use x509_parser::parse_x509_certificate;

pub use key::Key;

/// In the installation's folder.
const CERTIFICATE: &str = "identity.crt";

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Systems refuse certificates that live longer than 825 days, and some count generously.
const LIVES: Duration = Duration::from_secs(DAY.as_secs() * 800);

/// Clocks of computers without internet differ; one that is behind must not see the future.
const BEGINS_BEFORE: Duration = DAY;

/// A certificate is renewed when it has less than this left. Browsers that were told to accept the
/// old one ask their people again, so it does not happen more often than it must.
const RENEWED_BEFORE: Duration = Duration::from_secs(DAY.as_secs() * 30);

/// Of a certificate's number; at most 20 are allowed.
const SERIAL_BYTES: usize = 16;

/// Why there is no identity.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The folder or one of its files cannot be used.
    #[error("{file} cannot be used: {error}")]
    File {
        /// Which.
        file: String,
        /// What the system said.
        error: io::Error,
    },
    /// The key is there and is none.
    #[error(
        "{0} holds no key. Whoever knew this computer would take it for another one without it: \
         put the right file back, or delete it to begin anew."
    )]
    Damaged(String),
    /// The key is in the keyring only, which does not give it.
    #[error(
        "This computer's key is in the system's keyring, which does not answer. Unlock the \
         keyring, then try again."
    )]
    Locked,
    /// The keyring had the key and has it no more.
    #[error(
        "The system's keyring no longer has this computer's key. Whoever knew this computer would \
         take it for another one without it: bring the keyring back, or delete {0} to begin anew."
    )]
    Lost(String),
    /// The folder's key was moved into a keyring, and a keyring is not to be used.
    #[error(
        "The key of this folder was moved into its user's keyring. Start Hearth without naming the \
         folder, or delete {0} to begin anew as another computer."
    )]
    InKeyring(String),
    /// Fetching the key broke.
    #[error("the key could not be fetched: {0}")]
    Broken(String),
    /// No certificate could be made.
    #[error("no certificate could be made: {0}")]
    Certificate(#[from] rcgen::Error),
    /// TLS does not take it.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Links do not take it.
    #[error(transparent)]
    Link(#[from] hearth_replica::IdentityError),
}

/// An installation's key and certificate.
#[derive(Clone)]
pub struct Identity {
    key: Vec<u8>,
    certificate: Vec<u8>,
    fingerprint: Fingerprint,
}

impl Identity {
    /// The one in `folder`, which is made when it is missing, its key in a file there.
    pub fn open(folder: &Path) -> Result<Self, IdentityError> {
        Self::around(&Key::in_folder(folder)?, folder)
    }

    /// The key with the certificate in `folder`; one that is about to end is renewed.
    pub fn around(key: &Key, folder: &Path) -> Result<Self, IdentityError> {
        let fingerprint = key.fingerprint();
        let path = folder.join(CERTIFICATE);
        let certificate = match read(&path)?.filter(|kept| is_good(kept, fingerprint)) {
            Some(kept) => kept,
            None => {
                let made = make_certificate(&key.pair()?)?;
                write(&path, &made)?;
                made
            }
        };
        Ok(Self {
            key: key.der().to_vec(),
            certificate,
            fingerprint,
        })
    }

    /// What others know it by.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// To show hosts, on links to them.
    pub fn link(&self) -> Result<hearth_replica::Identity, IdentityError> {
        let identity = hearth_replica::Identity::new(self.certificate.clone(), self.key.clone());
        Ok(identity?)
    }

    /// To accept connections with.
    pub fn tls(&self) -> Result<Tls, IdentityError> {
        Ok(Tls::new(self.certificate.clone(), self.key.clone())?)
    }
}

fn fingerprint(public_key: &[u8]) -> Fingerprint {
    Fingerprint(Sha256::digest(public_key).into())
}

/// Whether a kept certificate is of this key and goes on for a while.
fn is_good(certificate: &[u8], of: Fingerprint) -> bool {
    let Ok((_, parsed)) = parse_x509_certificate(certificate) else {
        return false;
    };
    let ends = parsed.validity().not_after.timestamp();
    let renewed_at = SystemTime::now() + RENEWED_BEFORE;
    let renewed_at = renewed_at.duration_since(SystemTime::UNIX_EPOCH);
    fingerprint(parsed.public_key().raw) == of
        && renewed_at.is_ok_and(|at| i64::try_from(at.as_secs()).is_ok_and(|at| at < ends))
}

fn make_certificate(pair: &KeyPair) -> Result<Vec<u8>, IdentityError> {
    let mut params = CertificateParams::new(vec!["localhost".to_owned()])?;
    for address in [
        IpAddr::from(Ipv4Addr::LOCALHOST),
        Ipv6Addr::LOCALHOST.into(),
    ] {
        params.subject_alt_names.push(SanType::IpAddress(address));
    }
    let begins = SystemTime::now() - BEGINS_BEFORE;
    params.serial_number = Some(serial(pair, begins));
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, "Hearth on this network");
    params.not_before = begins.into();
    params.not_after = (begins + LIVES).into();
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![
        ExtendedKeyUsagePurpose::ServerAuth,
        ExtendedKeyUsagePurpose::ClientAuth,
    ];
    Ok(params.self_signed(pair)?.der().to_vec())
}

/// A number of its own for each certificate: Firefox refuses one for good that has the number of
/// another by the same name, and rcgen would number all certificates of a key the same.
fn serial(pair: &KeyPair, begins: SystemTime) -> SerialNumber {
    let begins = begins.duration_since(SystemTime::UNIX_EPOCH);
    let mut hash = Sha256::new();
    hash.update(pair.public_key_raw());
    hash.update(begins.unwrap_or_default().as_nanos().to_be_bytes());
    let mut number = hash.finalize()[..SERIAL_BYTES].to_vec();
    // It is to be positive.
    number[0] &= 0x7f;
    SerialNumber::from(number)
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, IdentityError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unusable(path, error)),
    }
}

/// Writes beside the file and then takes its place; only this user may read it.
fn write(path: &Path, bytes: &[u8]) -> Result<(), IdentityError> {
    let beside = path.with_extension("new");
    let written = private_file(&beside)
        .and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&beside, path));
    written.map_err(|error| unusable(path, error))
}

fn private_file(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn unusable(path: &Path, error: io::Error) -> IdentityError {
    IdentityError::File {
        file: path.display().to_string(),
        error,
    }
}

#[cfg(test)]
mod tests;
