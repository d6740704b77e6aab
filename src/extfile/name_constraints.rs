//! Which names a CA may issue for (RFC 5280 §4.2.1.10).

use super::{
    general_names::{Purpose, general_name},
    mistakes::{Mistakes, all},
    request::Request,
    text::Item,
};
use crate::pki::der::{self, tag};

/// `nameConstraints`: `permitted;kind:name` or `excluded;kind:name`.
pub(super) fn name_constraints<'a>(
    request: &Request<'a>,
    items: &[Item<'a>],
) -> Result<Vec<u8>, Mistakes> {
    let (mut permitted, mut excluded) = (Vec::new(), Vec::new());
    all(items.iter().map(|item| {
        let (side, name) = item
            .name
            .split_once(';')
            .filter(|(side, _)| matches!(side.as_str(), "permitted" | "excluded"))
            .ok_or_else(|| {
                item.name
                    .mistake(format!("`{}` is no constraint", item.name))
                    .hint("write `permitted;DNS:example.com` or `excluded;DNS:example.com`")
            })?;
        let base = general_name(request, &Item { name, ..*item }, Purpose::Constraint)?;
        let subtree = der::sequence(&[base.to_der()]);
        match side.as_str() {
            "permitted" => permitted.push(subtree),
            _ => excluded.push(subtree),
        }
        Ok(())
    }))?;
    let sides: Vec<_> = [permitted, excluded]
        .iter()
        .zip(0..)
        .filter(|(subtrees, _)| !subtrees.is_empty())
        .map(|(subtrees, number)| der::constructed(tag::context_constructed(number), subtrees))
        .collect();
    Ok(der::sequence(&sides))
}
