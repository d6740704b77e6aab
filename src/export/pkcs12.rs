//! `pkcs12`: key, chain and root in one encrypted file (RFC 7292), for Java, Windows, macOS and NSS.

use p12_keystore as p12;
use zeroize::Zeroizing;

use super::{ExportError, Exported, Format, KeyUse, Material, Options};
use crate::pki::{certificate::Certificate, plan::signature_holds};

pub(super) const FORMAT: Format = Format {
    name: "pkcs12",
    key: KeyUse::Required,
    needs_password: true,
    is_text: false,
    write,
};

/// Rounds of key derivation, for encryption and integrity each.
const ROUNDS: u32 = 200_000;
/// What Java 8 and old macOS take in reasonable time; the old algorithms gain little from more.
const LEGACY_ROUNDS: u32 = 50_000;

fn write(material: &Material<'_>, options: &Options<'_>) -> Exported {
    let name = FORMAT.name;
    let no_key = || ExportError::NoKey {
        format: name,
        name: material.name.to_owned(),
    };
    let key = material.key.ok_or_else(no_key)?;
    let chain = with_root(material).map(|certificate| read(certificate, name));
    let chain: Vec<_> = chain.collect::<Result<_, _>>()?;
    let key_id = material
        .chain
        .first()
        .map(Certificate::key_identifier)
        .unwrap_or_default();
    let key =
        p12::PrivateKey::from_der(key.pkcs8().expose()).map_err(|error| failed(name, &error))?;
    let mut store = p12::KeyStore::new();
    let entry = p12::PrivateKeyChain::new(key_id, key, chain);
    store.add_entry(material.name, p12::KeyStoreEntry::PrivateKeyChain(entry));
    encrypt(&store, name, options)
}

/// The chain up to the root that signed its end.
fn with_root<'a>(material: &'a Material<'_>) -> impl Iterator<Item = &'a Certificate> {
    let last = material.chain.last().filter(|last| !last.is_self_issued());
    let root = last.and_then(|last| {
        let mut roots = material.roots.iter();
        roots.find(|root| signature_holds(last, root))
    });
    material.chain.iter().chain(root)
}

/// Encrypts a key store with AES-256 and HMAC-SHA256, or with what old programs know.
pub(super) fn encrypt(
    store: &p12::KeyStore,
    format: &'static str,
    options: &Options<'_>,
) -> Exported {
    let password = options.password.ok_or(ExportError::NoPassword(format))?;
    let (algorithm, mac, rounds) = if options.legacy {
        (
            p12::EncryptionAlgorithm::PbeWithShaAnd3KeyTripleDesCbc,
            p12::MacAlgorithm::HmacSha1,
            LEGACY_ROUNDS,
        )
    } else {
        (
            p12::EncryptionAlgorithm::PbeWithHmacSha256AndAes256,
            p12::MacAlgorithm::HmacSha256,
            ROUNDS,
        )
    };
    let writer = store
        .writer(password.expose_text())
        .encryption_algorithm(algorithm)
        .encryption_iterations(rounds)
        .mac_algorithm(mac)
        .mac_iterations(rounds);
    let octets = writer.write().map_err(|error| failed(format, &error))?;
    Ok(Zeroizing::new(octets))
}

/// A certificate as the library wants it.
pub(super) fn read(
    certificate: &Certificate,
    format: &'static str,
) -> Result<p12::Certificate, ExportError> {
    p12::Certificate::from_der(certificate.der()).map_err(|error| failed(format, &error))
}

fn failed(format: &'static str, error: &p12::error::Error) -> ExportError {
    ExportError::Failed {
        format,
        reason: error.to_string(),
    }
}
