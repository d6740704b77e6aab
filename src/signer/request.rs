//! What is asked of a program that has a key.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::pki::key::KeyType;

/// One line to the program.
#[derive(Debug, Deserialize, Serialize)]
pub struct Request<'a> {
    /// Stands in the answer too
    pub id: u64,
    /// What is asked
    #[serde(flatten)]
    pub asked: Asked<'a>,
}

/// What is asked.
#[derive(Deserialize, Serialize)]
#[serde(tag = "op", rename_all = "kebab-case")]
pub enum Asked<'a> {
    /// The public key; all signatures that follow are by its private half
    Open(Named<'a>),
    /// A new key under a name that no key has; the signatures that follow are by it
    Generate {
        /// Under which name
        #[serde(flatten)]
        named: Named<'a>,
        /// Of which type: `p256`, `rsa3072`
        key_type: Cow<'a, str>,
    },
    /// A signature
    Sign {
        /// How
        algorithm: Algorithm,
        /// Of what, in base64
        message: Cow<'a, str>,
    },
}

/// A key, and what opens it.
#[derive(Deserialize, Serialize)]
pub struct Named<'a> {
    /// The version of the language
    pub version: u32,
    /// Its URI
    pub key: Cow<'a, str>,
    /// Left out the first time: many keys need none
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<Cow<'a, str>>,
}

/// How a message is signed.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Algorithm {
    /// ECDSA with SHA-256, as a SEQUENCE of two INTEGERs (RFC 5758 §3.2)
    EcdsaSha256,
    /// ECDSA with SHA-384
    EcdsaSha384,
    /// Ed25519 (RFC 8032)
    Ed25519,
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 4055 §5)
    RsaPkcs1Sha256,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::EcdsaSha256,
        Self::EcdsaSha384,
        Self::Ed25519,
        Self::RsaPkcs1Sha256,
    ];

    /// The one that certctl signs with, by the type of the key.
    #[must_use]
    pub const fn of(key_type: KeyType) -> Self {
        match key_type {
            KeyType::P256 => Self::EcdsaSha256,
            KeyType::P384 => Self::EcdsaSha384,
            KeyType::Ed25519 => Self::Ed25519,
            KeyType::Rsa2048 | KeyType::Rsa3072 | KeyType::Rsa4096 => Self::RsaPkcs1Sha256,
        }
    }
}

/// Without the PIN.
impl std::fmt::Debug for Named<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Named({}, …)", self.key)
    }
}

/// Without the message.
impl std::fmt::Debug for Asked<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Open(named) => write!(f, "Open({named:?})"),
            Self::Generate { named, key_type } => write!(f, "Generate({named:?}, {key_type})"),
            Self::Sign { algorithm, .. } => write!(f, "Sign({algorithm:?}, …)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_what_the_manual_shows() {
        let named = |pin: Option<&'static str>| Named {
            version: 1,
            key: "pkcs11:object=root".into(),
            pin: pin.map(Cow::from),
        };
        for (asked, line) in [
            (
                Asked::Open(named(None)),
                r#"{"id":7,"op":"open","version":1,"key":"pkcs11:object=root"}"#,
            ),
            (
                Asked::Open(named(Some("1234"))),
                r#"{"id":7,"op":"open","version":1,"key":"pkcs11:object=root","pin":"1234"}"#,
            ),
            (
                Asked::Generate {
                    named: named(None),
                    key_type: "p256".into(),
                },
                r#"{"id":7,"op":"generate","version":1,"key":"pkcs11:object=root","key_type":"p256"}"#,
            ),
            (
                Asked::Sign {
                    algorithm: Algorithm::RsaPkcs1Sha256,
                    message: "AAEC".into(),
                },
                r#"{"id":7,"op":"sign","algorithm":"rsa-pkcs1-sha256","message":"AAEC"}"#,
            ),
        ] {
            let request = Request { id: 7, asked };
            assert!(!format!("{request:?}").contains("1234"));
            assert_eq!(serde_json::to_string(&request).expect("JSON"), line);
            let read: Request<'_> = serde_json::from_str(line).expect("it was written");
            assert_eq!(serde_json::to_string(&read).expect("JSON"), line);
        }
    }
}
