//! The keys of tokens, as a signer has them.

use std::sync::{Mutex, MutexGuard, PoisonError};

use certctl::{
    pki::{key::KeyType, octets::Spki},
    signer::{
        answer::{Kind, Refusal},
        request::Algorithm,
        serving::{Keyring, Opened},
        shapes,
    },
};
use cryptoki::{
    context::Pkcs11,
    error::{Error, RvError},
    mechanism::{
        Mechanism,
        eddsa::{EddsaParams, EddsaSignatureScheme},
    },
    session::UserType,
    types::AuthPin,
};
use ring::digest::{SHA256, SHA384, digest};

use crate::{
    login::{self, Begun, Token, failed, is_lost, refused_pin},
    objects::{self, Object},
    uri::Wanted,
};

/// SHA-256's name in front of a hash that RSA signs (RFC 8017 §9.2).
const SHA256_INFO: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 0x20,
];

/// All tokens of a module.
#[derive(Default)]
pub(crate) struct Tokens {
    module: Mutex<Option<Pkcs11>>,
    opened: Mutex<Option<Key>>,
}

/// The key that was opened last.
struct Key {
    wanted: Wanted,
    pin: Option<AuthPin>,
    info: Spki,
    /// Keeps the token logged into
    _session: cryptoki::session::Session,
}

/// A session that one thread at a time has, and the key in it.
pub(crate) struct Session {
    own: cryptoki::session::Session,
    object: Object,
    pin: Option<AuthPin>,
    token: String,
}

impl Keyring for Tokens {
    type Session<'a> = Session;

    /// An HSM in a network wants some thirty at once.
    const THREADS: usize = 32;

    fn open(&self, key: &str, pin: Option<&str>) -> Result<Opened, Refusal> {
        let wanted = Wanted::parse(key)?;
        let pin = pin.map(|pin| AuthPin::new(pin.into()));
        match self.only(&wanted, pin.as_ref())? {
            Chosen::NoPin(of) => Ok(Opened::PinOf(of)),
            Chosen::Object(session, object, _) => self.keep(wanted, pin, session, &object),
        }
    }

    fn generate(&self, key: &str, pin: Option<&str>, key_type: KeyType) -> Result<Opened, Refusal> {
        let wanted = Wanted::parse(key)?;
        let pin = pin.map(|pin| AuthPin::new(pin.into()));
        let module = self.module()?;
        let tokens = login::tokens(&module, &wanted)?;
        let [token] = &tokens[..] else {
            let message = format!("several tokens may be meant: {}", listed(&tokens));
            return Err(Refusal::new(Kind::Ambiguous, message)
                .hint("name one: `pkcs11:token=LABEL;object=…`"));
        };
        let session = match login::begin(&module, token, pin.as_ref(), true)? {
            Begun::Session(session) => session,
            Begun::NoPin => return Ok(Opened::PinOf(token.shown())),
        };
        let there = objects::find(&session, &wanted).map_err(|error| failed(&error))?;
        if wanted.object.is_some() && !there.is_empty() {
            return Err(objects::exists(&there));
        }
        let object = objects::generate(&session, &wanted, key_type)?;
        self.keep(wanted, pin, session, &object)
    }

    fn session(&self) -> Result<Session, Refusal> {
        let (wanted, pin, info) = {
            let opened = held(&self.opened);
            let key = opened
                .as_ref()
                .ok_or_else(|| Refusal::new(None, "no key is open"))?;
            (key.wanted.clone(), key.pin.clone(), key.info.clone())
        };
        let Chosen::Object(session, object, token) = self.only(&wanted, pin.as_ref())? else {
            return Err(Refusal::new(Kind::Pin, "the token wants a PIN now"));
        };
        // What came back under the same name may be another.
        if object.public(&session)?.1 != info {
            return Err(Refusal::new(
                Kind::NoKey,
                "another key has taken the place of the one that was opened",
            ));
        }
        Ok(Session {
            own: session,
            object,
            pin,
            token,
        })
    }

    fn sign(
        &self,
        session: &mut Session,
        algorithm: Algorithm,
        message: &[u8],
    ) -> Result<Vec<u8>, Refusal> {
        match session.sign(algorithm, message) {
            Err(Failed::Module(error)) if is_lost(&error) => {
                *session = self.session()?;
                session.sign(algorithm, message).map_err(Refusal::from)
            }
            signed => signed.map_err(Refusal::from),
        }
    }
}

/// Why nothing was signed.
enum Failed {
    Module(Error),
    Refused(Refusal),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Module(error)
    }
}

impl From<Failed> for Refusal {
    fn from(error: Failed) -> Self {
        match error {
            Failed::Module(error) => failed(&error),
            Failed::Refused(refusal) => refusal,
        }
    }
}

/// What a URI leads to.
enum Chosen {
    NoPin(String),
    /// The key, in a session with the token of this name
    Object(cryptoki::session::Session, Object, String),
}

impl Tokens {
    /// The module; it is loaded once.
    fn module(&self) -> Result<Pkcs11, Refusal> {
        let mut module = held(&self.module);
        match &*module {
            Some(module) => Ok(module.clone()),
            None => Ok(module.insert(login::module()?).clone()),
        }
    }

    /// The only key that can be meant, of all tokens that may be.
    fn only(&self, wanted: &Wanted, pin: Option<&AuthPin>) -> Result<Chosen, Refusal> {
        let module = self.module()?;
        let tokens = login::tokens(&module, wanted)?;
        if let [_, _, ..] = &tokens[..]
            && tokens
                .iter()
                .filter(|token| token.info.login_required())
                .count()
                > 1
        {
            // Its PIN is one token's, and would count as a wrong one with the others.
            let message = format!("several tokens may be meant: {}", listed(&tokens));
            return Err(Refusal::new(Kind::Ambiguous, message)
                .hint("name one: `pkcs11:token=LABEL;object=…`"));
        }
        let mut found = Vec::new();
        for token in &tokens {
            let session = match login::begin(&module, token, pin, false)? {
                Begun::Session(session) => session,
                Begun::NoPin => return Ok(Chosen::NoPin(token.shown())),
            };
            let objects = objects::find(&session, wanted).map_err(|error| failed(&error))?;
            found.push((session, token, objects));
        }
        let all: Vec<_> = found.iter().flat_map(|(.., objects)| objects).collect();
        match all.len() {
            1 => {}
            0 => return Err(absent(&found)),
            _ => {
                let shown: Vec<_> = all.iter().map(|object| object.shown()).collect();
                let message = format!("several keys may be meant: {}", shown.join(", "));
                return Err(Refusal::new(Kind::Ambiguous, message).hint("name one by its id too"));
            }
        }
        found.retain(|(.., objects)| !objects.is_empty());
        let chosen = found.pop().and_then(|(session, token, mut objects)| {
            Some(Chosen::Object(session, objects.pop()?, token.shown()))
        });
        chosen.ok_or_else(|| Refusal::new(Kind::NoKey, "the key is gone"))
    }

    /// Remembers a key, and tells its public half.
    fn keep(
        &self,
        wanted: Wanted,
        pin: Option<AuthPin>,
        session: cryptoki::session::Session,
        object: &Object,
    ) -> Result<Opened, Refusal> {
        let (_, info) = object.public(&session)?;
        *held(&self.opened) = Some(Key {
            wanted,
            pin,
            info: info.clone(),
            _session: session,
        });
        Ok(Opened::Key(info))
    }
}

impl Session {
    fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>, Failed> {
        let ecdsa = |octets: Vec<u8>| {
            let refused = || Refusal::new(None, "the module gave no ECDSA signature");
            shapes::ecdsa_of_halves(&octets).ok_or_else(|| Failed::Refused(refused()))
        };
        let hash = |algorithm| digest(algorithm, message).as_ref().to_vec();
        match algorithm {
            Algorithm::EcdsaSha256 => {
                let whole = &Mechanism::EcdsaSha256;
                self.either((&Mechanism::Ecdsa, &hash(&SHA256)), (whole, message))
                    .and_then(ecdsa)
            }
            Algorithm::EcdsaSha384 => {
                let whole = &Mechanism::EcdsaSha384;
                self.either((&Mechanism::Ecdsa, &hash(&SHA384)), (whole, message))
                    .and_then(ecdsa)
            }
            Algorithm::RsaPkcs1Sha256 => {
                let info = [&SHA256_INFO[..], &hash(&SHA256)].concat();
                self.either(
                    (&Mechanism::RsaPkcs, &info),
                    (&Mechanism::Sha256RsaPkcs, message),
                )
            }
            Algorithm::Ed25519 => {
                let mechanism = Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Pure));
                self.signature(&mechanism, message)
            }
        }
    }

    /// What is hashed here is short, and all but the strictest tokens sign it; the others hash themselves, and so do
    /// those that want the PIN each time, for which a signature is made in parts.
    fn either(
        &self,
        hashed: (&Mechanism<'_>, &[u8]),
        whole: (&Mechanism<'_>, &[u8]),
    ) -> Result<Vec<u8>, Failed> {
        let [first, second] = match self.object.asks_always {
            true => [whole, hashed],
            false => [hashed, whole],
        };
        match self.signature(first.0, first.1) {
            Err(Failed::Module(error)) if objects::knows_not(&error) => {
                self.signature(second.0, second.1)
            }
            signed => signed,
        }
    }

    fn signature(&self, mechanism: &Mechanism<'_>, octets: &[u8]) -> Result<Vec<u8>, Failed> {
        let (session, key) = (&self.own, self.object.handle);
        if !self.object.asks_always {
            return Ok(session.sign(mechanism, key, octets)?);
        }
        session.sign_init(mechanism, key)?;
        let login = session.login(UserType::ContextSpecific, self.pin.as_ref());
        login.map_err(|error| Failed::Refused(refused_pin(&error, &self.token)))?;
        // The library begins a signature and makes it in one call where it is not made in parts.
        session.sign_update(octets).map_err(|error| match error {
            Error::Pkcs11(RvError::OperationNotInitialized | RvError::FunctionNotSupported, _) => {
                Failed::Refused(not_in_parts())
            }
            error => Failed::Module(error),
        })?;
        Ok(session.sign_final()?)
    }
}

/// That a key wants its PIN after each beginning, and its module goes on with no part.
fn not_in_parts() -> Refusal {
    let message = "the key wants the PIN before each signature, and its module makes none in parts, without which the PIN cannot be given: a key without CKA_ALWAYS_AUTHENTICATE will do, or one of RSA";
    Refusal::new(None, message)
}

fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

fn listed(tokens: &[Token]) -> String {
    let all: Vec<_> = tokens.iter().map(Token::shown).collect();
    all.join(", ")
}

/// That no key is the one that the URI names; says which there are.
fn absent(searched: &[(cryptoki::session::Session, &Token, Vec<Object>)]) -> Refusal {
    let mut there = Vec::new();
    for (session, token, _) in searched {
        let all = objects::find(session, &Wanted::default()).unwrap_or_default();
        let all: Vec<_> = all.iter().map(Object::shown).collect();
        there.push(match all.is_empty() {
            true => format!("{} has none", token.shown()),
            false => format!("{} has {}", token.shown(), all.join(", ")),
        });
    }
    let message = format!("there is no such private key: {}", there.join("; "));
    Refusal::new(Kind::NoKey, message).hint("`--generate` makes one")
}
