//! `jks`: a Java truststore with the trust bundle, and no key.
//!
//! It is PKCS#12, the form of Java's key stores since Java 9; Java 8 reads it too (from 8u301 on, or
//! written with the old algorithms).

use super::{Exported, Format, KeyUse, Material, Options, pkcs12::truststore};

pub(super) const FORMAT: Format = Format {
    name: "jks",
    key: KeyUse::Never,
    needs_password: true,
    is_text: false,
    write,
};

fn write(material: &Material<'_>, options: &Options<'_>) -> Exported {
    let alias = |number| match number {
        1 => format!("{}-ca", material.name),
        _ => format!("{}-ca-{number}", material.name),
    };
    let roots = (1..).zip(material.roots);
    let roots = roots.map(|(number, root)| (alias(number), root.clone()));
    truststore(FORMAT.name, roots, options)
}
