//! Keys in a token: found by label and identifier, and made.

use certctl::{
    pki::{key::KeyType, octets::Spki},
    signer::answer::{Kind, Refusal},
};
use cryptoki::{
    error::{Error, RvError},
    mechanism::Mechanism,
    object::{Attribute, AttributeType, ObjectClass, ObjectHandle},
    session::Session,
};

use crate::{login::failed, public_key, uri::Wanted};

/// A private key.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) handle: ObjectHandle,
    label: Vec<u8>,
    id: Vec<u8>,
    /// Whether the PIN is wanted before each signature
    pub(crate) asks_always: bool,
}

impl Object {
    fn read(session: &Session, handle: ObjectHandle) -> Result<Self, Error> {
        let mut object = Self {
            handle,
            label: Vec::new(),
            id: Vec::new(),
            asks_always: false,
        };
        let wanted = [
            AttributeType::Label,
            AttributeType::Id,
            AttributeType::AlwaysAuthenticate,
        ];
        for attribute in session.get_attributes(handle, &wanted)? {
            match attribute {
                Attribute::Label(label) => object.label = label,
                Attribute::Id(id) => object.id = id,
                Attribute::AlwaysAuthenticate(asks) => object.asks_always = asks,
                _ => {}
            }
        }
        Ok(object)
    }

    /// As a URI would name it.
    pub(crate) fn shown(&self) -> String {
        let escaped = |octets: &[u8]| -> String {
            let escape = |octet: &u8| match octet {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
                    char::from(*octet).to_string()
                }
                octet => format!("%{octet:02X}"),
            };
            octets.iter().map(escape).collect()
        };
        let all: String = self
            .id
            .iter()
            .map(|octet| format!("%{octet:02X}"))
            .collect();
        format!("object={};id={all}", escaped(&self.label))
    }

    /// Its public half, where it is of a type that certctl signs with.
    pub(crate) fn public(&self, session: &Session) -> Result<(KeyType, Spki), Refusal> {
        let found = public_key::find(session, self.handle, &self.id, &self.label);
        found.map_err(|error| failed(&error))?.ok_or_else(|| {
            let message = format!("of the key {} there is no public half that certificates can be signed with", self.shown());
            Refusal::new(Kind::Unable, message)
                .hint("P-256, P-384, Ed25519 and RSA with 2048, 3072 or 4096 bits can be used; a token without public keys needs a certificate beside the key")
        })
    }
}

/// All private keys in a token that may be meant.
pub(crate) fn find(session: &Session, wanted: &Wanted) -> Result<Vec<Object>, Error> {
    let mut template = vec![Attribute::Class(ObjectClass::PRIVATE_KEY)];
    template.extend(wanted.object.clone().map(Attribute::Label));
    template.extend(wanted.id.clone().map(Attribute::Id));
    let handles = session.find_objects(&template)?;
    let read = |handle| Object::read(session, handle);
    handles.into_iter().map(read).collect()
}

/// Makes a key that never leaves the token.
pub(crate) fn generate(
    session: &Session,
    wanted: &Wanted,
    key_type: KeyType,
) -> Result<Object, Refusal> {
    let label = wanted.object.clone().ok_or_else(|| {
        Refusal::new(Kind::Unable, "a key that is made needs a label")
            .hint("name it: `pkcs11:token=…;object=LABEL`")
    })?;
    let id = match &wanted.id {
        Some(id) => id.clone(),
        None => session
            .generate_random_vec(8)
            .map_err(|error| failed(&error))?,
    };
    let handles = pair(session, key_type, &label, &id).map_err(|error| {
        let refusal = failed(&error);
        let message = format!("the token makes no {key_type} key: {}", refusal.message);
        Refusal::new(Kind::Unable, message).hint("`--key-type` asks for another")
    })?;
    match is_kept(session, handles[1]) {
        Ok(true) => Object::read(session, handles[1]).map_err(|error| failed(&error)),
        kept => {
            for handle in handles {
                // It is of no use to anybody.
                let _ = session.destroy_object(handle);
            }
            let why = kept.err().map(|error| failed(&error).message);
            let why = why.unwrap_or_else(|| String::from("it would let the key out"));
            Err(Refusal::new(
                Kind::Unable,
                format!("the token did not keep the new key to itself: {why}"),
            ))
        }
    }
}

/// Public and private key.
fn pair(
    session: &Session,
    key_type: KeyType,
    label: &[u8],
    id: &[u8],
) -> Result<[ObjectHandle; 2], Error> {
    let names = [Attribute::Label(label.to_vec()), Attribute::Id(id.to_vec())];
    let private = [
        Attribute::Token(true),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Sign(true),
    ];
    let public = [
        Attribute::Token(true),
        Attribute::Private(false),
        Attribute::Verify(true),
    ];
    let generate = |mechanism: &Mechanism<'_>, parameters: &[Attribute]| {
        let public = [&public, parameters, &names].concat();
        let private = [&private[..], &names].concat();
        let made = session.generate_key_pair(mechanism, &public, &private);
        made.map(|(public, private)| [public, private])
    };
    let Some(curve) = public_key::curve(key_type) else {
        let bits = key_type.rsa_bits().unwrap_or_default() as u64;
        let parameters = [
            Attribute::ModulusBits(bits.into()),
            Attribute::PublicExponent(vec![1, 0, 1]),
        ];
        return generate(&Mechanism::RsaPkcsKeyPairGen, &parameters);
    };
    let mechanism = match key_type {
        KeyType::Ed25519 => Mechanism::EccEdwardsKeyPairGen,
        _ => Mechanism::EccKeyPairGen,
    };
    let first = generate(&mechanism, &[Attribute::EcParams(curve.to_vec())]);
    match (first, public_key::other_curve(key_type)) {
        (Err(_), Some(other)) => generate(&mechanism, &[Attribute::EcParams(other.to_vec())]),
        (first, _) => first,
    }
}

/// Whether a new private key can be read by nobody; a token may have passed over what it was told.
fn is_kept(session: &Session, key: ObjectHandle) -> Result<bool, Error> {
    let wanted = [AttributeType::Sensitive, AttributeType::Extractable];
    let found = session.get_attributes(key, &wanted)?;
    let mut found = found.iter();
    Ok(found.len() == wanted.len()
        && found.all(|it| {
            matches!(
                it,
                Attribute::Sensitive(true) | Attribute::Extractable(false)
            )
        }))
}

/// That a key has this name already.
pub(crate) fn exists(objects: &[Object]) -> Refusal {
    let shown: Vec<_> = objects.iter().map(Object::shown).collect();
    Refusal::new(
        Kind::Exists,
        format!("there is a key of that name already: {}", shown.join(", ")),
    )
}

/// Whether a token's mechanism list holds what is asked for, by what it says when it is used.
pub(crate) fn knows_not(error: &Error) -> bool {
    matches!(
        error,
        Error::Pkcs11(RvError::MechanismInvalid | RvError::FunctionNotSupported, _)
    )
}
