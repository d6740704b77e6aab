//! Describes CRLs.

use base16ct::upper::encode_string as hex;
use serde::Serialize;
use time::OffsetDateTime;
use x509_parser::extensions::ParsedExtension;

use super::sha256;
use crate::pki::{
    name,
    revocation_list::{RevocationList, reason_name},
    serial::Serial,
    signature::algorithm_name,
};

/// What a CRL says.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RevocationListInfo {
    /// Whose it is
    pub issuer: String,
    /// Its number (RFC 5280 §5.2.3), decimal
    pub number: Option<String>,
    /// When it was made
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(test, schemars(with = "String", extend("format" = "date-time")))]
    pub this_update: OffsetDateTime,
    /// When the next one will be there
    #[serde(with = "time::serde::rfc3339::option")]
    #[cfg_attr(test, schemars(with = "Option<String>", extend("format" = "date-time")))]
    pub next_update: Option<OffsetDateTime>,
    /// As OpenSSL calls it
    pub signature_algorithm: String,
    /// Upper-case hexadecimal
    pub authority_key_id: Option<String>,
    /// Digest of the whole CRL
    pub sha256: String,
    /// Its entries
    pub revoked: Vec<RevokedInfo>,
}

/// One certificate that was taken back.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RevokedInfo {
    /// Upper-case hexadecimal
    pub serial: String,
    /// Since when
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(test, schemars(with = "String", extend("format" = "date-time")))]
    pub revoked_at: OffsetDateTime,
    /// Word of RFC 5280 §5.3.1
    pub reason: Option<&'static str>,
}

/// Describes a CRL; `None` where it does not parse.
pub(super) fn describe(der: &[u8]) -> Option<RevocationListInfo> {
    let list = RevocationList::from_der(der.to_vec()).ok()?;
    let parsed = list.parsed();
    let authority_key_id =
        parsed
            .extensions()
            .iter()
            .find_map(|found| match found.parsed_extension() {
                ParsedExtension::AuthorityKeyIdentifier(found) => found.key_identifier.as_ref(),
                _ => None,
            });
    let revoked = parsed.iter_revoked_certificates().map(|entry| RevokedInfo {
        serial: Serial::from_integer(entry.raw_serial()).to_string(),
        revoked_at: entry.revocation_date.to_datetime(),
        reason: entry
            .reason_code()
            .and_then(|(_, code)| reason_name(code.0)),
    });
    Some(RevocationListInfo {
        issuer: name::display(parsed.issuer().as_raw()),
        number: parsed.crl_number().map(ToString::to_string),
        this_update: parsed.last_update().to_datetime(),
        next_update: parsed.next_update().map(|time| time.to_datetime()),
        signature_algorithm: algorithm_name(&parsed.signature_algorithm.algorithm),
        authority_key_id: authority_key_id.map(|id| hex(id.0)),
        sha256: sha256(list.der()),
        revoked: revoked.collect(),
    })
}
