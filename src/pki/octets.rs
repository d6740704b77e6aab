//! Octets that mean something: a DER value of one kind is not taken for one of another.

use std::ops::Deref;

macro_rules! octets {
    ($($(#[doc = $meaning:literal])+ $Name:ident;)+) => {$(
        $(#[doc = $meaning])+
        #[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $Name(Vec<u8>);

        impl $Name {
            /// The octets themselves.
            #[must_use]
            pub fn into_octets(self) -> Vec<u8> {
                self.0
            }
        }

        impl Deref for $Name {
            type Target = [u8];

            fn deref(&self) -> &[u8] {
                &self.0
            }
        }

        impl AsRef<[u8]> for $Name {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }

        impl PartialEq<[u8]> for $Name {
            fn eq(&self, other: &[u8]) -> bool {
                self.0 == other
            }
        }

        impl From<Vec<u8>> for $Name {
            fn from(octets: Vec<u8>) -> Self {
                Self(octets)
            }
        }

        impl From<&[u8]> for $Name {
            fn from(octets: &[u8]) -> Self {
                Self(octets.to_vec())
            }
        }
    )+};
}

octets! {
    /// DER of a `TBSCertificate`: what is signed (RFC 5280 §4.1.2).
    Tbs;
    /// DER of a `Name`, just as it was written or read: what chaining compares (RFC 5280 §4.1.2.4, §6.1.3).
    Name;
    /// DER of a `SubjectPublicKeyInfo` (RFC 5280 §4.1.2.7).
    Spki;
    /// What names a key in certificates: content octets of a `KeyIdentifier` (RFC 5280 §4.2.1.1, §4.2.1.2).
    KeyId;
}
