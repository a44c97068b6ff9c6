//! An installation stays who it is.

mod keyring;

use super::key::KEY;
use super::*;

#[test]
fn an_installation_keeps_its_key_and_certificate() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = Identity::open(folder.path()).expect("made");
    let again = Identity::open(folder.path()).expect("read");
    assert_eq!(first.fingerprint(), again.fingerprint());
    assert_eq!(first.certificate, again.certificate);
    first.tls().expect("TLS takes it");
}

#[test]
fn a_certificate_that_is_no_use_any_more_is_renewed_with_the_same_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = Identity::open(folder.path()).expect("made");
    for unusable in [b"".to_vec(), b"nonsense".to_vec(), ended(&first)] {
        fs::write(folder.path().join(CERTIFICATE), unusable).expect("written");
        let renewed = Identity::open(folder.path()).expect("renewed");
        assert_eq!(renewed.fingerprint(), first.fingerprint());
        assert!(is_good(&renewed.certificate, first.fingerprint()));
    }
}

#[test]
fn a_certificate_lives_at_most_800_days() {
    let folder = tempfile::tempdir().expect("a folder");
    let identity = Identity::open(folder.path()).expect("made");
    let (_, certificate) = parse_x509_certificate(&identity.certificate).expect("parsed");
    let validity = certificate.validity();
    let lives = validity.not_after.timestamp() - validity.not_before.timestamp();
    assert!(lives <= 800 * 24 * 60 * 60, "{lives} s");
}

#[test]
fn a_damaged_key_is_not_replaced() {
    let folder = tempfile::tempdir().expect("a folder");
    Identity::open(folder.path()).expect("made");
    fs::write(folder.path().join(KEY), b"nonsense").expect("written");
    let refused = Identity::open(folder.path()).err().expect("refused");
    assert!(matches!(refused, IdentityError::Damaged(_)));
    let kept = fs::read(folder.path().join(KEY)).expect("read");
    assert_eq!(kept, b"nonsense");
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_the_key() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().expect("a folder");
    Identity::open(folder.path()).expect("made");
    let about = fs::metadata(folder.path().join(KEY)).expect("there");
    assert_eq!(about.permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_renewed_certificate_has_the_same_words_and_picture() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = Identity::open(folder.path()).expect("made");
    fs::write(folder.path().join(CERTIFICATE), ended(&first)).expect("written");
    let renewed = Identity::open(folder.path()).expect("renewed");
    assert_ne!(renewed.certificate, first.certificate);
    let shown = |identity: &Identity| {
        let fingerprint = identity.fingerprint();
        (fingerprint.words(), fingerprint.picture())
    };
    assert_eq!(shown(&renewed), shown(&first));
}

/// A certificate of the same key that ended yesterday.
fn ended(identity: &Identity) -> Vec<u8> {
    let pair = KeyPair::try_from(identity.key.clone()).expect("a key");
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    let now = SystemTime::now();
    params.not_before = (now - 20 * DAY).into();
    params.not_after = (now - DAY).into();
    params.self_signed(&pair).expect("signed").der().to_vec()
}
