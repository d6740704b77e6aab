//! Describes certificate requests (RFC 2986).

use serde::Serialize;
use x509_parser::{
    cri_attributes::ParsedCriAttribute,
    prelude::{FromDer as _, X509CertificationRequest},
};

use super::{
    extensions::{self, ExtensionsInfo},
    key::{PublicKeyInfo, public_info},
};
use crate::pki::{
    name,
    signature::{self, algorithm_name},
};

/// What a request asks for.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RequestInfo {
    /// The subject asked for
    pub subject: String,
    /// Its public key
    #[serde(flatten)]
    pub public_key: PublicKeyInfo,
    /// As OpenSSL calls it
    pub signature_algorithm: String,
    /// Why its own key has not signed it; `None` where it has
    pub signature_fault: Option<String>,
    /// The extensions asked for
    #[serde(flatten)]
    pub extensions: ExtensionsInfo,
}

/// Describes a request; `None` where it does not parse.
pub(super) fn describe(der: &[u8]) -> Option<RequestInfo> {
    let ([], request) = X509CertificationRequest::from_der(der).ok()? else {
        return None;
    };
    let info = &request.certification_request_info;
    let asked = info
        .iter_attributes()
        .find_map(|attribute| match attribute.parsed_attribute() {
            ParsedCriAttribute::ExtensionRequest(found) => Some(&found.extensions[..]),
            _ => None,
        });
    let checked = signature::check(
        &info.subject_pki,
        &request.signature_algorithm,
        &request.signature_value,
        info.raw,
    );
    Some(RequestInfo {
        subject: name::display(info.subject.as_raw()),
        public_key: public_info(&info.subject_pki),
        signature_algorithm: algorithm_name(&request.signature_algorithm.algorithm),
        signature_fault: checked.err().map(|fault| fault.to_string()),
        extensions: extensions::describe(asked.unwrap_or_default()),
    })
}
