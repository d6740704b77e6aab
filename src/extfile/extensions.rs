//! Which extensions have a text form, and what holds for all of them.

use x509_parser::oid_registry::Oid;

use super::{
    Role, asn1,
    distribution_points::distribution_points,
    general_names::alternative_names,
    identifiers::{self, Value},
    information_access::information_access,
    mistakes::{Mistake, Mistakes, both},
    name_constraints::name_constraints,
    objects, policies,
    raw::{self, Fault},
    request::Request,
    strings,
    text::{Item, Word},
    usage, values,
};
use crate::pki::{der, general_name::MAX_NAMES, string_type::StringType};

/// An extension as an extfile asks for it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Asked {
    pub(super) oid: Oid<'static>,
    pub(super) critical: bool,
    pub(super) value: Value,
}

/// How the text of an extension is read.
#[derive(Clone, Copy)]
enum Reader {
    /// As a list of `name` or `name:value`, or as a section that `@` names
    List(for<'a> fn(&Request<'a>, &[Item<'a>]) -> Result<Vec<u8>, Mistakes>),
    /// As it stands
    Text(for<'a> fn(&Request<'a>, Word<'a>) -> Result<Vec<u8>, Mistakes>),
}

const AUTHORITY_KEY_IDENTIFIER: &str = "authorityKeyIdentifier";
const SUBJECT_KEY_IDENTIFIER: &str = "subjectKeyIdentifier";

/// The extensions with a text form, by OpenSSL's short name, but for the two key identifiers.
const READERS: [(&str, Reader); 25] = [
    ("authorityInfoAccess", Reader::List(information_access)),
    ("basicConstraints", Reader::List(usage::basic_constraints)),
    (
        "certificatePolicies",
        Reader::Text(policies::certificate_policies),
    ),
    ("crlDistributionPoints", Reader::List(distribution_points)),
    ("extendedKeyUsage", Reader::List(usage::extended_key_usage)),
    ("freshestCRL", Reader::List(distribution_points)),
    (
        "inhibitAnyPolicy",
        Reader::Text(policies::inhibit_any_policy),
    ),
    ("issuerAltName", Reader::List(alternative_names)),
    ("keyUsage", Reader::List(usage::key_usage)),
    ("nameConstraints", Reader::List(name_constraints)),
    ("noCheck", Reader::Text(no_check)),
    ("nsBaseUrl", Reader::Text(ia5_string)),
    ("nsCaPolicyUrl", Reader::Text(ia5_string)),
    ("nsCaRevocationUrl", Reader::Text(ia5_string)),
    ("nsCertType", Reader::List(usage::certificate_type)),
    ("nsComment", Reader::Text(ia5_string)),
    ("nsRenewalUrl", Reader::Text(ia5_string)),
    ("nsRevocationUrl", Reader::Text(ia5_string)),
    ("nsSslServerName", Reader::Text(ia5_string)),
    (
        "policyConstraints",
        Reader::List(policies::policy_constraints),
    ),
    ("policyMappings", Reader::List(policies::policy_mappings)),
    ("subjectAltName", Reader::List(alternative_names)),
    ("subjectInfoAccess", Reader::List(information_access)),
    ("subjectSignTool", Reader::Text(utf8_string)),
    ("tlsfeature", Reader::List(usage::tls_feature)),
];

/// Extensions that RFC 5280 wants non-critical (§4.2.1.1, §4.2.1.2, §4.2.1.15, §4.2.2).
const NEVER_CRITICAL: [&str; 5] = [
    "authorityInfoAccess",
    AUTHORITY_KEY_IDENTIFIER,
    "freshestCRL",
    "subjectInfoAccess",
    SUBJECT_KEY_IDENTIFIER,
];

/// Extensions that OpenSSL reads from text, too, but whose text is not read here.
const WITHOUT_READER: [&str; 8] = [
    "SXNetID",
    "acceptableResponses",
    "ct_precert_poison",
    "issuerSignTool",
    "issuingDistributionPoint",
    "proxyCertInfo",
    "sbgp-autonomousSysNum",
    "sbgp-ipAddrBlock",
];

/// Reads one `extension = value`.
pub(super) fn extension<'a>(request: &Request<'a>, item: &Item<'a>) -> Result<Asked, Mistakes> {
    let whole = item.value()?;
    let (critical, value) = match whole.strip_prefix("critical,") {
        Some(value) => (true, value.trim_start()),
        None => (false, whole),
    };
    let (oid, value) = if let Some(octets) = value.strip_prefix("DER:") {
        let octets = values::hexadecimal(octets.trim_start());
        raw(request, item.name, value, octets.map_err(Into::into))?
    } else if let Some(text) = value.strip_prefix("ASN1:") {
        let octets = asn1::generate(request, text.trim_start());
        raw(request, item.name, value, octets)?
    } else {
        from_text(request, item.name, value)?
    };
    let short_name = objects::short_name(&oid).unwrap_or_default();
    if critical && NEVER_CRITICAL.contains(&short_name) {
        let message = format!("`{short_name}` must not be critical (RFC 5280 §4.2)");
        return Err(whole.mistake(message).hint("take `critical,` out").into());
    }
    Ok(Asked {
        oid,
        critical,
        value,
    })
}

fn from_text<'a>(
    request: &Request<'a>,
    name: Word<'a>,
    value: Word<'a>,
) -> Result<(Oid<'static>, Value), Mistakes> {
    let reader = READERS.iter().find(|(known, _)| *known == name.as_str());
    let der = match (name.as_str(), reader) {
        (SUBJECT_KEY_IDENTIFIER, _) => identifiers::subject(value),
        (AUTHORITY_KEY_IDENTIFIER, _) => {
            request.read_items(value, |items| identifiers::authority(request, items))
        }
        ("nameConstraints", _) if request.role == Role::Leaf => {
            return Err(constrains_nothing(name).into());
        }
        (_, Some((_, Reader::List(read)))) => request
            .read_items(value, |items| read(request, items))
            .map(Value::Der),
        (_, Some((_, Reader::Text(read)))) => read(request, value).map(Value::Der),
        (_, None) => return Err(unknown_extension(name).into()),
    }?;
    let oid = objects::by_short_name(name.as_str()).ok_or_else(|| unknown_extension(name))?;
    Ok((oid, der))
}

fn unknown_extension(name: Word<'_>) -> Mistake {
    let text = name.as_str();
    let readers = READERS.iter().map(|&(known, _)| known);
    let mut readers = readers.chain([AUTHORITY_KEY_IDENTIFIER, SUBJECT_KEY_IDENTIFIER]);
    if WITHOUT_READER.contains(&text) {
        let mistake = name.mistake(format!("`{name}` is not read from text here"));
        return mistake.hint("write its value as `ASN1:…` or `DER:…`");
    }
    let oid = objects::by_any_name(text);
    match oid.map(|oid| objects::short_name(&oid)) {
        None => name
            .mistake(format!("unknown extension `{name}`"))
            .nearest(text, readers),
        Some(Some(short)) if readers.any(|known| known == short) => name
            .mistake(format!("`{name}` takes only `ASN1:` and `DER:` values"))
            .hint(format!("write `{short} = …`")),
        Some(_) => name
            .mistake(format!("`{name}` takes only `ASN1:` and `DER:` values"))
            .hint("write a text as `ASN1:UTF8:…`"),
    }
}

/// Takes a value in the form that it has in the certificate.
fn raw<'a>(
    request: &Request<'a>,
    name: Word<'a>,
    value: Word<'a>,
    octets: Result<Vec<u8>, Mistakes>,
) -> Result<(Oid<'static>, Value), Mistakes> {
    let (oid, der) = both(objects::read(name).map_err(Into::into), octets)?;
    match raw::check(request.role, &oid, &der) {
        Ok(()) => Ok((oid, Value::Der(der))),
        Err(Fault::NotOne) => Err(value
            .mistake("these octets are not the DER of one value")
            .into()),
        Err(Fault::NotIts) => Err(value
            .mistake("these octets are no value of this extension")
            .into()),
        Err(Fault::ManyNames) => Err(value
            .mistake(format!("a certificate takes {MAX_NAMES} names at most"))
            .into()),
        Err(Fault::Authority) => Err(usage::only_for_an_authority(value).into()),
        Err(Fault::Constraints) => Err(constrains_nothing(name).into()),
    }
}

fn constrains_nothing(name: Word<'_>) -> Mistake {
    name.mistake(format!(
        "`{name}` stands only in a CA's certificate (RFC 5280 §4.2.1.10)"
    ))
}

/// `nsComment` and the addresses of Netscape's extensions
fn ia5_string<'a>(_: &Request<'a>, value: Word<'a>) -> Result<Vec<u8>, Mistakes> {
    Ok(strings::write(StringType::Ia5, value, value.as_str())?)
}

/// `subjectSignTool`
fn utf8_string<'a>(_: &Request<'a>, value: Word<'a>) -> Result<Vec<u8>, Mistakes> {
    Ok(strings::write(StringType::Utf8, value, &value.decode()?)?)
}

/// `noCheck` (RFC 6960 §4.2.2.2.1): NULL, whatever the text says.
#[allow(clippy::unnecessary_wraps)] // all readers have one form
fn no_check<'a>(_: &Request<'a>, _: Word<'a>) -> Result<Vec<u8>, Mistakes> {
    Ok(der::null())
}
