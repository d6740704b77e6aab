//! A key that never enters this process: a program of the user's own has it, or reaches it, and signs.
//!
//! Nothing that comes back is believed: lines are short and strictly read, each answer has its time, and a signature
//! counts only where it holds with the public key. A program that fails once is not asked again.

mod line;
mod program;

use std::{
    borrow::Cow,
    env,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::surroundings::Surroundings;
use crate::{
    pki::{
        key::{KeyError, KeyType, Signer},
        key_uri::KeyUri,
        octets::Spki,
        public_key::{PublicKey, PublicKeyError},
        secret::Passphrase,
        signature,
    },
    signer::{
        PROGRAM, VERSION,
        answer::{Kind, Refusal, Said},
        request::{Algorithm, Asked, Named},
    },
};
use program::Program;

/// How long an answer is waited for: somebody may have to touch the token first.
const PATIENCE: Duration = Duration::from_secs(60);
/// The variable with another number of seconds.
pub(crate) const PATIENCE_VARIABLE: &str = "CERTCTL_SIGNER_TIMEOUT";

/// Why a key elsewhere cannot be had.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum SignerError {
    /// No such program.
    #[error("`{0}` is not there: no directory on PATH has such a program")]
    Absent(String),
    /// It did not begin.
    #[error("`{program}` cannot be run: {reason}")]
    Start { program: String, reason: String },
    /// It ended, was silent, or spoke nonsense.
    #[error("`{program}` {reason}")]
    Failed { program: String, reason: String },
    /// It said why not.
    #[error("`{program}`: {}", .refusal.message)]
    Refused { program: String, refusal: Refusal },
    /// Its key is of no use.
    #[error("`{program}` gives a key that certctl cannot sign with: {reason}")]
    Key { program: String, reason: String },
    /// The number of seconds is none.
    #[error("{PATIENCE_VARIABLE} is no number of seconds, 1 to 86400")]
    Patience,
}

impl SignerError {
    /// Which kind of refusal it is.
    pub(crate) fn kind(&self) -> Option<Kind> {
        match self {
            Self::Refused { refusal, .. } => refusal.kind,
            _ => None,
        }
    }

    /// What mends it.
    pub(crate) fn hint(&self) -> Option<&str> {
        match self {
            Self::Absent(_) => Some(
                "certctl-signer-pkcs11 and certctl-signer-ssh-agent come with certctl; certctl-signer(7) says how to \
                 write another",
            ),
            Self::Refused { refusal, .. } => refusal.hint.as_deref(),
            Self::Key { .. } => Some("p256, p384, ed25519, rsa2048, rsa3072 and rsa4096 will do"),
            Self::Failed { .. } => Some("nothing was changed; run it again once the program works"),
            Self::Start { .. } | Self::Patience => None,
        }
    }
}

/// A program that has been asked for a key.
#[derive(Debug)]
pub(crate) struct Asking<'a> {
    program: Program,
    uri: &'a KeyUri,
}

/// What came of it.
#[derive(Debug)]
pub(crate) enum Found<'a> {
    Key(Remote),
    /// A PIN is needed, of this
    PinOf(Asking<'a>, String),
}

impl<'a> Asking<'a> {
    /// Starts the program that the URI's scheme names.
    pub(crate) fn begin(uri: &'a KeyUri, surroundings: &Surroundings) -> Result<Self, SignerError> {
        let name = format!("{PROGRAM}{}", uri.scheme());
        let path = env::var_os("PATH").unwrap_or_default();
        let Some(path) = find(&name, env::split_paths(&path)) else {
            return Err(SignerError::Absent(name));
        };
        let program = Program::start(name, surroundings.command(path), patience()?)?;
        Ok(Self { program, uri })
    }

    /// Asks for the key; `generate` has one of this type made.
    pub(crate) fn open(
        self,
        generate: Option<KeyType>,
        pin: Option<&Passphrase>,
    ) -> Result<Found<'a>, SignerError> {
        if let Some(pin) = pin {
            self.program.hide(pin.expose_text());
        }
        let named = Named {
            version: VERSION,
            key: Cow::Owned(self.uri.to_string()),
            pin: pin.map(|pin| Cow::Borrowed(pin.expose_text())),
        };
        let asked = match generate {
            None => Asked::Open(named),
            Some(key_type) => Asked::Generate {
                named,
                key_type: key_type.name().into(),
            },
        };
        match self.program.ask(asked)? {
            Said::PublicKey(info) => Remote::new(self.program, &info).map(Found::Key),
            Said::PinOf(what) if pin.is_none() => Ok(Found::PinOf(self, what)),
            Said::PinOf(_) => Err(self.program.fail("asks for the PIN again")),
            Said::Refused(refusal) => Err(self.program.refused(refusal)),
            Said::Signature(_) => Err(self
                .program
                .fail("answers with a signature before it has a message")),
        }
    }
}

/// A key whose program signs.
#[derive(Debug)]
pub(crate) struct Remote {
    program: Program,
    key_type: KeyType,
    public_key: PublicKey,
}

impl Remote {
    fn new(program: Program, info: &[u8]) -> Result<Self, SignerError> {
        let of_key = |error: PublicKeyError| SignerError::Key {
            program: program.name().to_owned(),
            reason: error.to_string(),
        };
        let public_key = PublicKey::from_info(info).map_err(of_key)?;
        let key_type = public_key.name().parse().map_err(|_| SignerError::Key {
            program: program.name().to_owned(),
            reason: format!("a key of type {}", public_key.name()),
        })?;
        Ok(Self {
            program,
            key_type,
            public_key,
        })
    }

    /// `SubjectPublicKeyInfo`
    pub(crate) fn info(&self) -> &Spki {
        self.public_key.info()
    }

    fn signature(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        let asked = Asked::Sign {
            algorithm: Algorithm::of(self.key_type),
            message: STANDARD.encode(message).into(),
        };
        match self.program.ask(asked)? {
            Said::Signature(signature) => {
                match signature::holds(self.public_key.info(), self.key_type, &signature, message) {
                    true => Ok(signature),
                    false => Err(self.program.fail(
                        "gave a signature that does not hold with the CA's public key; nothing was kept",
                    )),
                }
            }
            Said::Refused(refusal) => Err(self.program.refused(refusal)),
            Said::PublicKey(_) | Said::PinOf(_) => {
                Err(self.program.fail("does not answer with a signature"))
            }
        }
    }
}

impl Signer for Remote {
    fn key_type(&self) -> KeyType {
        self.key_type
    }

    fn public_key(&self) -> &[u8] {
        self.public_key.octets()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let signed = self.signature(message);
        signed.map_err(|error| KeyError::Elsewhere {
            message: error.to_string(),
            hint: error.hint().map(str::to_owned),
        })
    }

    fn is_waited_for(&self) -> bool {
        true
    }
}

fn patience() -> Result<Duration, SignerError> {
    let Some(text) = env::var_os(PATIENCE_VARIABLE) else {
        return Ok(PATIENCE);
    };
    let seconds = text.to_str().and_then(|text| text.parse::<u32>().ok());
    let seconds = seconds.filter(|seconds| (1..=86_400).contains(seconds));
    seconds
        .map(|seconds| Duration::from_secs(seconds.into()))
        .ok_or(SignerError::Patience)
}

/// The program of this name in the first directory that has it; only those count whose place does not depend on where
/// one stands.
fn find(name: &str, mut directories: impl Iterator<Item = PathBuf>) -> Option<PathBuf> {
    let is_program = |path: &Path| {
        let metadata = path.metadata();
        metadata.is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
    };
    directories.find_map(|directory| {
        let path = directory.join(name);
        (directory.is_absolute() && is_program(&path)).then_some(path)
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn programs_are_found_in_absolute_directories() {
        let home = tempfile::tempdir().expect("made");
        let [one, two] = ["one", "two"].map(|name| home.path().join(name));
        for directory in [&one, &two] {
            fs::create_dir(directory).expect("made");
            fs::write(directory.join("p"), "").expect("written");
        }
        let path = || [PathBuf::new(), PathBuf::from("."), one.clone(), two.clone()].into_iter();
        assert_eq!(find("p", path()), None);
        fs::set_permissions(two.join("p"), fs::Permissions::from_mode(0o755)).expect("set");
        assert_eq!(find("p", path()), Some(two.join("p")));
        assert_eq!(find("q", path()), None);
        assert_eq!(find("p", [PathBuf::from("src")].into_iter()), None);
    }
}
