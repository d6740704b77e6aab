//! `pem`: key and chain in one file, in the order that a program wants them.

use zeroize::Zeroizing;

use super::{Exported, Format, KeyUse, Material, Options, certificates_pem};
use crate::pki::key::PrivateKey;

pub(super) const FORMAT: Format = Format {
    name: "pem",
    key: KeyUse::Optional,
    needs_password: false,
    is_text: true,
    write,
};

/// Which comes first.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Order {
    /// Key, certificate, intermediates
    #[default]
    KeyFirst,
    /// Certificate, intermediates, key
    CertificateFirst,
}

/// The words for both, the default first.
pub const ORDERS: [(&str, Order); 2] = [
    ("key-first", Order::KeyFirst),
    ("certificate-first", Order::CertificateFirst),
];

#[allow(clippy::unnecessary_wraps)] // as the table wants it
fn write(material: &Material<'_>, options: &Options<'_>) -> Exported {
    let chain = certificates_pem(material.chain);
    let key = material.key.map(PrivateKey::to_pem).unwrap_or_default();
    let parts = match options.order {
        Order::KeyFirst => [key.as_bytes(), chain.as_bytes()],
        Order::CertificateFirst => [chain.as_bytes(), key.as_bytes()],
    };
    Ok(Zeroizing::new(parts.concat()))
}
