//! The keys of fleet files: which there are, and what each takes. The reader takes no others, and
//! certctl-fleet(5) shows these.

/// One key of a table.
#[derive(Debug)]
pub struct Key {
    /// As it is written
    pub name: &'static str,
    /// What its value is
    pub takes: &'static str,
    /// What holds where it is left out; empty where it must not be
    pub default: &'static str,
    /// What it says, without final stop
    pub meaning: &'static str,
}

macro_rules! keys {
    ($($(#[$doc:meta])* $table:ident = [$($name:literal: $takes:literal, $default:literal, $meaning:literal;)*])*) => {
        $($(#[$doc])* pub static $table: &[Key] = &[$(Key {
            name: $name,
            takes: $takes,
            default: $default,
            meaning: $meaning,
        }),*];)*
    };
}

keys! {
    /// Of the file itself.
    FILE = [
        "include": "path or list of paths", "none",
            "Other fleet files, relative to this one, that belong to it; the defaults of each are its own";
        "defaults": "table", "empty",
            "What holds for every entry of this file that does not say otherwise: all keys of an entry but its name";
        "ca": "list of tables", "none", "CAs that are made where they are missing, in any order";
        "entry": "list of tables", "none", "Entries, each of which has a key and a certificate";
        "trust": "list of tables", "none",
            "Who trusts a CA and is no entry, such as a program with a truststore of its own: `rotate-ca` waits for them";
    ]

    /// Of a CA.
    AUTHORITY = [
        "name": "name", "", "Name of the CA";
        "parent": "name of a CA", "none: it is a root", "The CA that signs it";
        "cn": "string", "made from its name", "Common name in its certificate";
        "org": "string", "none", "Organization in its certificate";
        "key_type": "p256, p384, ed25519, rsa2048, rsa3072 or rsa4096", "p256, or that of the key at key_uri",
            "Type of its key";
        "key_uri": "URI such as pkcs11:token=ca;object=root", "none: it lies in a file",
            "Where its key is that is in a token or an agent, and stays there: see certctl-signer(7)";
        "generate": "true or false", "false", "Makes the key there, when the CA is made";
        "days": "whole number", "3650 for a root, 1825 for others", "How long it is valid";
        "path_len": "whole number up to 255", "no limit for a root, 0 for others",
            "How many CAs may follow below it";
        "permit_dns": "DNS name or list of them", "all, unless permit_ip is given",
            "Domains that it may issue for";
        "permit_ip": "network such as 10.0.0.0/8 or list of them", "all, unless permit_dns is given",
            "Networks that it may issue for";
        "crl_url": "URL", "none", "Where its CRL will be served, for the certificates that it signs";
    ]

    /// Of somebody who trusts a CA and is no entry.
    TRUST = [
        "name": "name", "", "What they are called; no entry has that name";
        "ca": "name of a CA", "the first [[ca]] that is a root", "The CA that they trust";
        "format": "pem, jks, pkcs12, k8s-secret or der", "pem", "In which format they have the trust bundle";
    ]

    /// Of an entry; of the defaults all but the name, which stands first.
    ENTRY = [
        "name": "name", "",
            "Name of the entry; `node{1..100}` stands for a hundred, `{01..10}` keeps the zeros";
        "ca": "name of a CA", "the only CA that has none below it", "The CA that signs it";
        "profile": "node, server or client", "node", "What the certificate is for: both ends of a connection, or one";
        "key_type": "p256, p384, ed25519, rsa2048, rsa3072 or rsa4096", "p256",
            "Type of its key; where the key is elsewhere, whatever it has";
        "days": "whole number", "365, or less where its CA ends earlier", "How long it is valid";
        "within": "duration such as 30d, or percentage such as 33%", "a third of its life, at most 30d",
            "It is renewed when so much of its life is left";
        "san": "SAN or list of them", "none",
            "Subject alternative names, typed (`DNS:a`, `IP:10.0.0.1`, `URI:…`, `email:…`) or bare; `{name}` stands for the \
             entry's name. Those of the defaults come first, those of the entry are added";
        "subject": "distinguished name", "CN={name}",
            "Subject of the certificate, as in `CN=node,OU=db,O=Acme` (RFC 4514); `{name}` stands for the entry's name. \
             The usual one is left out where a CA does not allow it";
        "local": "true or false", "false", "Adds localhost, 127.0.0.1 and ::1";
        "name_san": "true or false", "true", "Adds the entry's name, where that is a host name";
        "extfile": "path", "none", "OpenSSL x509v3_config file that asks for extensions, relative to the fleet file";
        "extensions": "name of a section", "what the file's extensions names, or its unnamed section", "Section of the extfile";
    ]
}

/// Of the defaults.
#[must_use]
pub fn defaults() -> &'static [Key] {
    &ENTRY[1..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fleet::parse,
        pki::{authorities::Authorities, key::KeyType},
    };

    struct Nothing;

    impl crate::fleet::Loader for Nothing {
        fn load(&self, _: &str) -> Result<String, String> {
            Err(String::from("there is none"))
        }
    }

    fn mistakes(text: &str) -> String {
        let standing = Authorities::default();
        match parse("f", text, &Nothing, &standing) {
            Ok(_) => String::new(),
            Err(mistakes) => mistakes.to_string(),
        }
    }

    /// A key that nobody reads would be documented and ignored; no key takes such a list.
    #[test]
    fn every_key_is_read() {
        let wrong = |head: &str, keys: &[Key], with: &str| {
            for key in keys {
                let name = key.name;
                let others = if name == "name" { "" } else { with };
                let text = format!("{head}{name} = [[1]]\n{others}");
                let found = mistakes(&text);
                assert!(found.contains(&format!("`{name}`")), "{text}{found}");
                assert!(!found.contains("unknown key"), "{text}{found}");
            }
        };
        wrong("", FILE, "");
        wrong("[[ca]]\n", AUTHORITY, "name = \"a\"\n");
        wrong("[[ca]]\nname = \"a\"\n[[entry]]\n", ENTRY, "name = \"b\"\n");
        let trust = "[[ca]]\nname = \"a\"\n[[trust]]\n";
        wrong(trust, TRUST, "name = \"b\"\n");
        let entry = "[[entry]]\nname = \"b\"\n[[ca]]\nname = \"a\"\n";
        wrong("[defaults]\n", defaults(), entry);
    }

    #[test]
    fn keys_are_well_worded() {
        for key in [FILE, AUTHORITY, TRUST, ENTRY].into_iter().flatten() {
            assert!(
                !key.meaning.ends_with('.') && !key.meaning.is_empty(),
                "{}",
                key.name
            );
            assert!(!key.takes.is_empty(), "{}", key.name);
            assert_eq!(key.default.is_empty(), key.name == "name");
        }
        assert_eq!(ENTRY[0].name, "name");
        for key in [AUTHORITY, ENTRY]
            .into_iter()
            .flatten()
            .filter(|key| key.name == "key_type")
        {
            let names: Vec<_> = KeyType::ALL.map(KeyType::name).into();
            assert_eq!(key.takes.replace(" or ", ", "), names.join(", "));
        }
    }
}
