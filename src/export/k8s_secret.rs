//! `k8s-secret`: a Kubernetes Secret of type `kubernetes.io/tls`, with the trust bundle as `ca.crt`.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use super::{ExportError, Exported, Format, KeyUse, Material, Options, certificates_pem};
use crate::pki::key::PrivateKey;

pub(super) const FORMAT: Format = Format {
    name: "k8s-secret",
    key: KeyUse::Required,
    needs_password: false,
    is_text: true,
    write,
};

fn write(material: &Material<'_>, _options: &Options<'_>) -> Exported {
    let key = material.key.map(PrivateKey::to_pem).unwrap_or_default();
    let public = format!(
        "apiVersion: v1\n\
         kind: Secret\n\
         metadata:\n\
         \x20 name: {}\n\
         type: kubernetes.io/tls\n\
         data:\n\
         \x20 ca.crt: {}\n\
         \x20 tls.crt: {}\n\
         \x20 tls.key: ",
        object_name(material.name),
        STANDARD.encode(certificates_pem(material.roots)),
        STANDARD.encode(certificates_pem(material.chain)),
    );
    // In one piece from the beginning, so that no growth leaves a copy of the key behind.
    let start = public.len();
    let length = key.len().div_ceil(3) * 4;
    let mut text = Zeroizing::new(vec![b'\n'; start + length + 1]);
    text[..start].copy_from_slice(public.as_bytes());
    STANDARD
        .encode_slice(key.as_bytes(), &mut text[start..start + length])
        .map_err(|error| ExportError::Failed {
            format: FORMAT.name,
            reason: error.to_string(),
        })?;
    Ok(text)
}

/// The nearest name that Kubernetes takes (a lower-case RFC 1123 subdomain), quoted: `1` is no text in YAML.
fn object_name(name: &str) -> String {
    let name = name.to_ascii_lowercase().replace('_', "-");
    let labels = name.split('.').map(|label| label.trim_matches('-'));
    let labels: Vec<_> = labels.filter(|label| !label.is_empty()).collect();
    format!("\"{}\"", labels.join("."))
}

#[cfg(test)]
mod tests {
    use super::object_name;

    #[test]
    fn names_become_subdomains() {
        for (name, expected) in [
            ("node1", "\"node1\""),
            ("1", "\"1\""),
            ("Node_1.db-.internal.", "\"node-1.db.internal\""),
            ("a._.b", "\"a.b\""),
        ] {
            assert_eq!(object_name(name), expected);
        }
    }
}
