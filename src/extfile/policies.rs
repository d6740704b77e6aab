//! Under which policies a certificate is issued (RFC 5280 §4.2.1.4, §4.2.1.5, §4.2.1.11 and §4.2.1.14).

use x509_parser::oid_registry::{Oid, asn1_rs::oid};

use super::{
    mistakes::{Mistakes, all},
    objects,
    request::{Request, read_list},
    strings,
    text::{Item, Word},
    usage::unknown,
    values,
};
use crate::pki::{
    der::{self, tag},
    string_type::StringType,
};

/// `id-qt-cps`
const CPS: Oid<'static> = oid!(1.3.6.1.5.5.7.2.1);
/// `id-qt-unotice`
const USER_NOTICE: Oid<'static> = oid!(1.3.6.1.5.5.7.2.2);

/// Upper bound of a `DisplayText`, in characters
const MAX_DISPLAY_TEXT: usize = 200;

/// `certificatePolicies`: OIDs and sections; `ia5org` is for the organizations of sections behind it.
pub(super) fn certificate_policies<'a>(
    request: &Request<'a>,
    value: Word<'a>,
) -> Result<Vec<u8>, Mistakes> {
    let policies = read_list(value, |items| all_policies(request, items))?;
    if policies.is_empty() {
        return Err(value.mistake("no policy is named").into());
    }
    Ok(der::sequence(&policies))
}

fn all_policies<'a>(request: &Request<'a>, items: &[Item<'a>]) -> Result<Vec<Vec<u8>>, Mistakes> {
    let mut organization = StringType::Visible;
    all(items.iter().filter_map(|item| {
        if let Some(value) = item.value {
            let message = format!("`{}:{value}` is neither an OID nor a section", item.name);
            return Some(Err(item.name.mistake(message).into()));
        }
        if item.name.as_str() == "ia5org" {
            organization = StringType::Ia5;
            return None;
        }
        Some(match item.name.strip_prefix("@") {
            Some(section) => policy(request, section, organization),
            None => objects::read(item.name)
                .map(|oid| der::sequence(&[der::oid(&oid)]))
                .map_err(Into::into),
        })
    }))
}

/// A `PolicyInformation` with its qualifiers.
fn policy<'a>(
    request: &Request<'a>,
    section: Word<'a>,
    organization: StringType,
) -> Result<Vec<u8>, Mistakes> {
    let mut identifier = None;
    let items = request.section(section)?;
    let qualifiers = all(items.iter().map(|item| {
        let value = item.value()?;
        if item.name.as_str() == "policyIdentifier" {
            identifier = Some(der::oid(&objects::read(value)?));
            return Ok(None);
        }
        let qualifier = if item.is("CPS") {
            let uri = strings::write(StringType::Ia5, value, value.as_str())?;
            [der::oid(&CPS), uri]
        } else if item.is("userNotice") {
            let section = value.strip_prefix("@").ok_or_else(|| {
                let mistake = value.mistake(format!("`{value}` is not the name of a section"));
                mistake.hint(format!("write `@{value}`"))
            })?;
            [
                der::oid(&USER_NOTICE),
                user_notice(request, section, organization)?,
            ]
        } else {
            return Err(unknown(item.name, &["CPS", "policyIdentifier", "userNotice"]).into());
        };
        Ok(Some(der::sequence(&qualifier)))
    }))?;
    let identifier = identifier.ok_or_else(|| {
        let message = format!("[{section}] has no `policyIdentifier`");
        request.absence(section.mistake(message))
    })?;
    let qualifiers: Vec<_> = qualifiers.into_iter().flatten().collect();
    let mut parts = vec![identifier];
    if !qualifiers.is_empty() {
        parts.push(der::sequence(&qualifiers));
    }
    Ok(der::sequence(&parts))
}

fn user_notice<'a>(
    request: &Request<'a>,
    section: Word<'a>,
    string_type: StringType,
) -> Result<Vec<u8>, Mistakes> {
    let (mut organization, mut numbers, mut text) = (None, None, None);
    let items = request.section(section)?;
    all(items.iter().map(|item| {
        let value = item.value()?;
        match item.name.as_str() {
            "explicitText" => text = Some(explicit_text(value)?),
            "noticeNumbers" => {
                let list = read_list(value, |items| {
                    all(items.iter().map(|item| Ok(values::natural(item.name)?)))
                })?;
                numbers = Some(der::sequence(&list));
            }
            "organization" => organization = Some(display_text(value, string_type)?),
            _ => {
                let known = ["explicitText", "noticeNumbers", "organization"];
                return Err(unknown(item.name, &known).into());
            }
        }
        Ok(())
    }))?;
    let reference = match (organization, numbers) {
        (None, None) => None,
        (Some(organization), Some(numbers)) => Some(der::sequence(&[organization, numbers])),
        _ => {
            let message = format!("[{section}] must have both `organization` and `noticeNumbers`");
            return Err(request.absence(section.mistake(message)));
        }
    };
    let parts: Vec<_> = [reference, text].into_iter().flatten().collect();
    Ok(der::sequence(&parts))
}

/// A text with its type before a colon, if it has one.
fn explicit_text(value: Word<'_>) -> Result<Vec<u8>, Mistakes> {
    match value.split_once(':') {
        Some((kind, text)) if matches!(kind.as_str(), "UTF8" | "UTF8String") => {
            display_text(text, StringType::Utf8)
        }
        Some((kind, text)) if matches!(kind.as_str(), "VISIBLE" | "VISIBLESTRING") => {
            display_text(text, StringType::Visible)
        }
        Some((kind, _)) if matches!(kind.as_str(), "BMP" | "BMPSTRING") => Err(kind
            .mistake("OpenSSL would write octets that are no BMPString")
            .hint("write `UTF8:`")
            .into()),
        _ => display_text(value, StringType::Visible),
    }
}

fn display_text(word: Word<'_>, string_type: StringType) -> Result<Vec<u8>, Mistakes> {
    let text = word.decode()?;
    let length = text.chars().count();
    if !(1..=MAX_DISPLAY_TEXT).contains(&length) {
        let message =
            format!("a text of {length} characters; 1 to {MAX_DISPLAY_TEXT} may stand here");
        return Err(word.mistake(message).into());
    }
    let hint = "write `UTF8:` before the text";
    let written = strings::write(string_type, word, &text);
    Ok(written.map_err(|mistake| match string_type {
        StringType::Visible => mistake.hint(hint),
        _ => mistake,
    })?)
}

/// `policyMappings`: pairs of OIDs.
pub(super) fn policy_mappings(_: &Request<'_>, items: &[Item<'_>]) -> Result<Vec<u8>, Mistakes> {
    let mappings = items.iter().map(|item| {
        let issuers = objects::read(item.name)?;
        let subjects = objects::read(item.value()?)?;
        Ok(der::sequence(&[der::oid(&issuers), der::oid(&subjects)]))
    });
    Ok(der::sequence(&all(mappings)?))
}

/// `policyConstraints`: how many certificates may follow before a policy is required, or mapping ends.
pub(super) fn policy_constraints(_: &Request<'_>, items: &[Item<'_>]) -> Result<Vec<u8>, Mistakes> {
    let (mut require, mut inhibit) = (None, None);
    all(items.iter().map(|item| {
        let (part, number) = match item.name.as_str() {
            "requireExplicitPolicy" => (&mut require, 0),
            "inhibitPolicyMapping" => (&mut inhibit, 1),
            _ => {
                let known = ["inhibitPolicyMapping", "requireExplicitPolicy"];
                return Err(unknown(item.name, &known).into());
            }
        };
        let mut count = values::count(item)?;
        count[0] = tag::context(number);
        *part = Some(count);
        Ok(())
    }))?;
    let parts: Vec<_> = [require, inhibit].into_iter().flatten().collect();
    Ok(der::sequence(&parts))
}

/// `inhibitAnyPolicy`: how many certificates may follow before `anyPolicy` counts no more.
pub(super) fn inhibit_any_policy<'a>(
    _: &Request<'a>,
    value: Word<'a>,
) -> Result<Vec<u8>, Mistakes> {
    Ok(values::natural(value)?)
}
