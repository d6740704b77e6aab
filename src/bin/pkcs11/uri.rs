//! `pkcs11:` URIs (RFC 7512 §2.3): which token, and which key in it.

use std::collections::HashSet;

use certctl::{
    pki::key_uri::unescaped,
    signer::answer::{Kind, Refusal},
};
use cryptoki::slot::TokenInfo;

/// What a URI says; what it leaves out may be anything.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Wanted {
    pub(crate) token: Option<String>,
    pub(crate) manufacturer: Option<String>,
    pub(crate) model: Option<String>,
    pub(crate) serial: Option<String>,
    /// Label of the key
    pub(crate) object: Option<Vec<u8>>,
    pub(crate) id: Option<Vec<u8>>,
}

impl Wanted {
    pub(crate) fn parse(uri: &str) -> Result<Self, Refusal> {
        let wrong = |message: String| Refusal::new(Kind::Unable, message);
        let path = uri.strip_prefix("pkcs11:");
        let path =
            path.ok_or_else(|| wrong(String::from("a URI that begins with pkcs11: is wanted")))?;
        let mut wanted = Self::default();
        let mut seen = HashSet::new();
        for attribute in path.split(';').filter(|it| !it.is_empty()) {
            let (name, value) = attribute.split_once('=').unwrap_or((attribute, ""));
            if !seen.insert(name) {
                return Err(wrong(format!("the URI says {name} twice")));
            }
            let octets = unescaped(value);
            let text = || {
                let text = String::from_utf8(octets.clone());
                text.map_err(|_| wrong(format!("the URI's {name} is no UTF-8 text")))
            };
            match name {
                "token" => wanted.token = Some(text()?),
                "manufacturer" => wanted.manufacturer = Some(text()?),
                "model" => wanted.model = Some(text()?),
                "serial" => wanted.serial = Some(text()?),
                "object" => wanted.object = Some(octets),
                "id" => wanted.id = Some(octets),
                "type" if octets == b"private" => {}
                "type" => return Err(wrong(String::from("only keys of type private sign"))),
                // The value may be a secret.
                name => {
                    return Err(
                        wrong(format!("the URI says {name}, which is not known here"))
                            .hint("token, manufacturer, model, serial, object, id and type are"),
                    );
                }
            }
        }
        Ok(wanted)
    }

    /// Whether a token is the one that is meant.
    pub(crate) fn is_token(&self, info: &TokenInfo) -> bool {
        let fits = |wanted: &Option<String>, found: &str| {
            wanted.as_ref().is_none_or(|wanted| wanted == found)
        };
        fits(&self.token, info.label())
            && fits(&self.manufacturer, info.manufacturer_id())
            && fits(&self.model, info.model())
            && fits(&self.serial, info.serial_number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_name_a_token_and_a_key() {
        let wanted = Wanted {
            token: Some(String::from("My CA")),
            serial: Some(String::from("1")),
            object: Some(b"root".to_vec()),
            id: Some(vec![1, 0xaf]),
            ..Wanted::default()
        };
        for (uri, expected) in [
            (
                "pkcs11:token=My%20CA;serial=1;object=root;id=%01%AF;type=private",
                Ok(wanted),
            ),
            ("pkcs11:", Ok(Wanted::default())),
            ("pkcs11:object=a;object=b", Err("object twice")),
            ("pkcs11:token=%ff", Err("no UTF-8")),
            ("pkcs11:type=public", Err("type private")),
            ("pkcs11:slot-id=3", Err("slot-id, which is not known")),
            ("pkcs11:pin-value=1234", Err("pin-value, which")),
            ("file:a", Err("begins with pkcs11:")),
        ] {
            match (Wanted::parse(uri), expected) {
                (Ok(read), Ok(expected)) => assert_eq!(read, expected, "{uri}"),
                (Err(refusal), Err(words)) => {
                    assert!(
                        refusal.message.contains(words),
                        "{uri}: {}",
                        refusal.message
                    );
                    assert!(!refusal.message.contains("1234"));
                }
                (read, _) => panic!("{uri}: {read:?}"),
            }
        }
    }
}
