//! `der`: the certificate alone, for programs that read no PEM.

use zeroize::Zeroizing;

use super::{Exported, Format, KeyUse, Material, Options};

pub(super) const FORMAT: Format = Format {
    name: "der",
    key: KeyUse::Never,
    needs_password: false,
    is_text: false,
    write,
};

#[allow(clippy::unnecessary_wraps)] // as the table wants it
fn write(material: &Material<'_>, _options: &Options<'_>) -> Exported {
    let leaf = material.chain.first();
    Ok(Zeroizing::new(
        leaf.map(|leaf| leaf.der().to_vec()).unwrap_or_default(),
    ))
}
