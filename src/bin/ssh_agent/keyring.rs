//! The keys of an agent, as a signer has them.

use std::{
    io,
    sync::{Mutex, PoisonError},
};

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use certctl::{
    pki::{key::KeyType, key_uri::unescaped},
    signer::{
        answer::{Kind, Refusal},
        request::Algorithm,
        serving::{Keyring, Opened},
    },
};
use ring::digest::{SHA256, digest};

use crate::{
    agent::{Agent, Identity},
    blob,
};

/// How a fingerprint begins, as `ssh-add -l` shows it.
const FINGERPRINT: &str = "SHA256:";

/// The agent of this user.
#[derive(Default)]
pub(crate) struct SshAgent {
    opened: Mutex<Option<(Identity, KeyType)>>,
}

/// A connection, and the key that signs.
pub(crate) struct Session {
    agent: Agent,
    identity: Identity,
    key_type: KeyType,
}

impl Keyring for SshAgent {
    type Session<'a> = Session;

    /// An agent answers one after the other; while one is on its way, it has the next.
    const THREADS: usize = 2;

    fn open(&self, key: &str, _: Option<&str>) -> Result<Opened, Refusal> {
        let (_, wanted) = key.split_once(':').unwrap_or(("", key));
        let identities = Agent::connect().and_then(|mut agent| agent.identities());
        let identities = identities.map_err(|error| unreachable(&error))?;
        let identity = chosen(wanted, &identities)?;
        let Some((key_type, info)) = blob::key(&identity.blob) else {
            let message = format!(
                "{} is a key that no certificate can be signed with",
                shown(identity)
            );
            return Err(Refusal::new(Kind::Unable, message)
                .hint("RSA with 2048, 3072 or 4096 bits, P-256, P-384 and Ed25519 can be used; keys of FIDO devices sign more than the message"));
        };
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        *opened = Some((identity.clone(), key_type));
        Ok(Opened::Key(info))
    }

    fn generate(&self, _: &str, _: Option<&str>, _: KeyType) -> Result<Opened, Refusal> {
        Err(Refusal::new(Kind::Unable, "an SSH agent makes no keys")
            .hint("make one with `ssh-keygen`, and give it to the agent with `ssh-add`"))
    }

    fn session(&self) -> Result<Session, Refusal> {
        let opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        let (identity, key_type) = opened
            .clone()
            .ok_or_else(|| Refusal::new(None, "no key is open"))?;
        Ok(Session {
            agent: Agent::connect().map_err(|error| unreachable(&error))?,
            identity,
            key_type,
        })
    }

    fn sign(
        &self,
        session: &mut Session,
        algorithm: Algorithm,
        message: &[u8],
    ) -> Result<Vec<u8>, Refusal> {
        let key = &session.identity.blob;
        if !Agent::takes(key, message) {
            return Err(Refusal::new(Kind::Unable, "an SSH agent takes no more than 256 KiB, and what is to be signed is longer")
                .hint("a CRL of more than some 5,000 certificates needs a key in a token (pkcs11:) or in a file"));
        }
        // An agent that was started anew has the same socket, and may have the same key.
        let signed = session.agent.sign(key, message).or_else(|_| {
            session.agent = Agent::connect()?;
            session.agent.sign(key, message)
        });
        let signed = signed.map_err(|error| unreachable(&error))?;
        let refused = || {
            Refusal::new(None, format!("the agent did not sign with {}", shown(&session.identity)))
                .hint("`ssh-add -l` shows whether it still has the key; one that was added with `ssh-add -c` asks somebody each time")
        };
        let signature = blob::signature(algorithm, session.key_type, &signed.ok_or_else(refused)?);
        signature.ok_or_else(|| {
            Refusal::new(
                Kind::Unable,
                "the agent signs in another way than it was asked",
            )
        })
    }
}

fn unreachable(error: &io::Error) -> Refusal {
    Refusal::new(None, format!("the SSH agent cannot be asked: {error}"))
        .hint("`ssh-add -l` must show the key; SSH_AUTH_SOCK says where the agent is")
}

/// The key that is meant: by its fingerprint, its comment, or as the only one.
fn chosen<'a>(wanted: &str, identities: &'a [Identity]) -> Result<&'a Identity, Refusal> {
    let wanted = String::from_utf8_lossy(&unescaped(wanted)).into_owned();
    let is_meant = |it: &&Identity| match &wanted {
        wanted if wanted.is_empty() => true,
        wanted if wanted.starts_with(FINGERPRINT) => fingerprint(it) == *wanted,
        wanted => it.comment == *wanted,
    };
    let found: Vec<_> = identities.iter().filter(is_meant).collect();
    let named = match wanted.is_empty() {
        true => String::new(),
        false => format!(" `{wanted}`"),
    };
    match found[..] {
        [only] => Ok(only),
        [] if identities.is_empty() => Err(Refusal::new(Kind::NoKey, "the SSH agent has no key")
            .hint("give it one with `ssh-add`")),
        [] => Err(Refusal::new(
            Kind::NoKey,
            format!(
                "the SSH agent has no key{named}; it has {}",
                listed(identities)
            ),
        )
        .hint("name one by its fingerprint: `ssh-agent:SHA256:…`")),
        _ => Err(Refusal::new(
            Kind::Ambiguous,
            format!("the SSH agent has several keys{named}: {}", listed(found)),
        )
        .hint("name one by its fingerprint: `ssh-agent:SHA256:…`")),
    }
}

fn listed<'a>(identities: impl IntoIterator<Item = &'a Identity>) -> String {
    let all: Vec<_> = identities.into_iter().map(shown).collect();
    all.join(", ")
}

fn shown(identity: &Identity) -> String {
    let kind = blob::kind(&identity.blob);
    format!("{} ({}, {kind})", fingerprint(identity), identity.comment)
}

fn fingerprint(identity: &Identity) -> String {
    let hash = digest(&SHA256, &identity.blob);
    format!("{FINGERPRINT}{}", STANDARD_NO_PAD.encode(hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_chosen_by_fingerprint_comment_or_as_the_only_one() {
        let identity = |blob: &[u8], comment: &str| Identity {
            blob: blob.to_vec(),
            comment: comment.to_owned(),
        };
        let two = [identity(b"a", "root key"), identity(b"b", "x")];
        let twins = [identity(b"a", "x"), identity(b"b", "x")];
        let print = fingerprint(&two[1]);
        assert!(print.len() == FINGERPRINT.len() + 43);
        for (wanted, identities, expected) in [
            ("", &two[..1], Ok(0)),
            ("", &two, Err(Kind::Ambiguous)),
            ("", &[], Err(Kind::NoKey)),
            ("root%20key", &two, Ok(0)),
            (&*print, &two, Ok(1)),
            ("SHA256:x", &two, Err(Kind::NoKey)),
            ("y", &two, Err(Kind::NoKey)),
            ("x", &twins, Err(Kind::Ambiguous)),
        ] {
            let found = chosen(wanted, identities);
            let place = found.map(|it| identities.iter().position(|other| other.blob == it.blob));
            let place = place.map_err(|refusal| refusal.kind);
            assert_eq!(place, expected.map(Some).map_err(Some), "{wanted}");
        }
    }
}
