//! Where more can be had about the issuer or the subject (RFC 5280 §4.2.2).

use super::{
    general_names::{Purpose, general_name},
    mistakes::{Mistakes, all},
    objects,
    request::Request,
    text::Item,
};
use crate::pki::der;

/// `authorityInfoAccess`, `subjectInfoAccess`: `method;kind:name`.
pub(super) fn information_access<'a>(
    request: &Request<'a>,
    items: &[Item<'a>],
) -> Result<Vec<u8>, Mistakes> {
    let descriptions = items.iter().map(|item| {
        let (method, name) = item.name.split_once(';').ok_or_else(|| {
            item.name
                .mistake(format!("`{}` lacks `;` between method and name", item.name))
                .hint("write `OCSP;URI:http://…` or `caIssuers;URI:http://…`")
        })?;
        let method = objects::read(method)?;
        let item = Item { name, ..*item };
        let location = general_name(request, &item, Purpose::Name)?;
        Ok(der::sequence(&[der::oid(&method), location.to_der()]))
    });
    Ok(der::sequence(&all(descriptions)?))
}
