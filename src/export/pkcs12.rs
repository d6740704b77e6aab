//! `pkcs12`: key, chain and root in one encrypted file (RFC 7292), for Java, Windows, macOS and NSS.

mod bag;
mod derivation;
mod protection;

use zeroize::Zeroizing;

use super::{ExportError, Exported, Format, KeyUse, Material, Options};
use crate::pki::{certificate::Certificate, der, name, plan::signature_holds};
use bag::Attributes;
use protection::Protection;

pub(super) const FORMAT: Format = Format {
    name: "pkcs12",
    key: KeyUse::Required,
    needs_password: true,
    is_text: false,
    write,
};

fn write(material: &Material<'_>, options: &Options<'_>) -> Exported {
    let protection = Protection::of(FORMAT.name, options)?;
    let no_key = || ExportError::NoKey {
        format: FORMAT.name,
        name: material.name.to_owned(),
    };
    let key = material.key.ok_or_else(no_key)?;
    let key_id = material.chain.first().map(Certificate::key_identifier);
    // The name and the identifier tell programs which certificate belongs to the key.
    let own = Attributes {
        name: Some(material.name.to_owned()),
        key_id,
        is_trusted: false,
    };
    let key = protection.encrypt(key.pkcs8().expose())?.key_info();
    let key = bag::key(&key, &own);
    let (mut own, mut certificates) = (Some(own), Vec::new());
    for certificate in with_root(material) {
        let attributes = own.take().unwrap_or_else(|| Attributes {
            name: Some(name::display(&certificate.subject())),
            ..Attributes::default()
        });
        certificates.push(bag::certificate(certificate, &attributes));
    }
    let certificates = protection.encrypt(&der::sequence(&certificates))?;
    let contents = [
        certificates.content_info(),
        bag::content_info(&der::sequence(&[key])),
    ];
    store(&contents, &protection)
}

/// The chain up to the root that signed its end.
fn with_root<'a>(material: &'a Material<'_>) -> impl Iterator<Item = &'a Certificate> {
    let last = material.chain.last().filter(|last| !last.is_self_signed());
    let root = last.and_then(|last| {
        let mut roots = material.roots.iter();
        roots.find(|root| signature_holds(last, root))
    });
    material.chain.iter().chain(root)
}

/// A store of certificates that Java trusts, each under its name.
pub(super) fn truststore(
    format: &'static str,
    certificates: impl Iterator<Item = (String, Certificate)>,
    options: &Options<'_>,
) -> Exported {
    let protection = Protection::of(format, options)?;
    let bags = certificates.map(|(name, certificate)| {
        let attributes = Attributes {
            name: Some(name),
            key_id: None,
            is_trusted: true,
        };
        bag::certificate(&certificate, &attributes)
    });
    let bags: Vec<_> = bags.collect();
    let encrypted = protection.encrypt(&der::sequence(&bags))?;
    store(&[encrypted.content_info()], &protection)
}

/// The whole file (§4): version 3, what it holds, and what proves that nobody has changed it.
fn store(contents: &[Vec<u8>], protection: &Protection<'_>) -> Exported {
    let contents = der::sequence(contents);
    let integrity = protection.integrity(&contents)?;
    Ok(Zeroizing::new(der::sequence(&[
        der::integer(&[3]),
        bag::content_info(&contents),
        integrity,
    ])))
}
