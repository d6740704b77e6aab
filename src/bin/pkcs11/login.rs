//! Modules, tokens and sessions: the module is loaded once, the token is logged into before anything is looked for in
//! it, by its user and never by its security officer.

use std::{env, path::Path};

use certctl::signer::answer::{Kind, Refusal};
use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Function, Pkcs11},
    error::{Error, RvError},
    session::{Session, UserType},
    slot::{Slot, TokenInfo},
    types::AuthPin,
};

use crate::uri::Wanted;

/// The variable with the module's path.
const MODULE: &str = "CERTCTL_PKCS11_MODULE";
/// Has all modules that p11-kit knows; the loader knows where it is.
const PROXY: &str = "p11-kit-proxy.so";

/// A token that was found.
pub(crate) struct Token {
    pub(crate) slot: Slot,
    pub(crate) info: TokenInfo,
}

impl Token {
    pub(crate) fn shown(&self) -> String {
        format!("the token `{}`", self.info.label())
    }
}

/// How a session begins.
pub(crate) enum Begun {
    Session(Session),
    /// A PIN is needed
    NoPin,
}

/// Loads the module.
pub(crate) fn module() -> Result<Pkcs11, Refusal> {
    let path = env::var_os(MODULE).unwrap_or_else(|| PROXY.into());
    let shown = path.display().to_string();
    let failed = |error: &dyn ToString| {
        let message = format!(
            "the PKCS#11 module {shown} cannot be used: {}",
            error.to_string()
        );
        Refusal::new(None, message).hint(format!(
            "{MODULE} is to be the absolute path of the token's module, or p11-kit installed, which knows all of them"
        ))
    };
    if env::var_os(MODULE).is_some() && !Path::new(&path).is_absolute() {
        return Err(failed(&"its path is not absolute"));
    }
    let module = Pkcs11::new(&path).map_err(|error| failed(&error))?;
    // Several threads sign.
    let arguments = CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK);
    module
        .initialize(arguments)
        .map_err(|error| failed(&error))?;
    Ok(module)
}

/// The tokens that a URI may mean.
pub(crate) fn tokens(module: &Pkcs11, wanted: &Wanted) -> Result<Vec<Token>, Refusal> {
    let slots = module
        .get_slots_with_token()
        .map_err(|error| failed(&error))?;
    let mut all = Vec::new();
    for slot in slots {
        // A token may be taken out in between, and another module of several may be broken.
        if let Ok(info) = module.get_token_info(slot)
            && info.token_initialized()
        {
            all.push(Token { slot, info });
        }
    }
    let shown: Vec<_> = all.iter().map(Token::shown).collect();
    all.retain(|token| wanted.is_token(&token.info));
    match (all.is_empty(), shown.is_empty()) {
        (false, _) => Ok(all),
        (true, true) => Err(Refusal::new(None, "there is no token here").hint(format!(
            "{MODULE} names the module that has it; `p11-kit list-modules` shows those of p11-kit"
        ))),
        (true, false) => Err(Refusal::new(
            Kind::NoKey,
            format!(
                "no token is the one that the URI names; there is {}",
                shown.join(", ")
            ),
        )),
    }
}

/// Opens a session, and logs in where the token wants that.
pub(crate) fn begin(
    module: &Pkcs11,
    token: &Token,
    pin: Option<&AuthPin>,
    writes: bool,
) -> Result<Begun, Refusal> {
    let session = match writes {
        true => module.open_rw_session(token.slot),
        false => module.open_ro_session(token.slot),
    };
    let session = session.map_err(|error| failed(&error))?;
    if !token.info.login_required() {
        return Ok(Begun::Session(session));
    }
    // Its own keypad asks for the PIN.
    let has_keypad = token.info.protected_authentication_path();
    if pin.is_none() && !has_keypad {
        return Ok(Begun::NoPin);
    }
    match session.login(UserType::User, pin.filter(|_| !has_keypad)) {
        Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(Begun::Session(session)),
        Err(error) => Err(refused_pin(&error, &token.shown())),
    }
}

/// Why the token was not logged into.
pub(crate) fn refused_pin(error: &Error, of: &str) -> Refusal {
    let Error::Pkcs11(code, _) = error else {
        return failed(error);
    };
    let wrong = |message: String| Refusal::new(Kind::Pin, message);
    match code {
        RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange => {
            wrong(format!("the PIN of {of} is wrong"))
        }
        RvError::PinLocked => wrong(format!(
            "the PIN of {of} is locked, after too many wrong ones"
        ))
        .hint("its security officer unlocks it"),
        RvError::PinExpired => wrong(format!("the PIN of {of} has expired")),
        RvError::UserPinNotInitialized => wrong(format!("{of} has no PIN yet")),
        _ => failed(error),
    }
}

/// Whether the session, or what was found in it, is gone, so that another one may do.
pub(crate) fn is_lost(error: &Error) -> bool {
    matches!(
        error,
        Error::Pkcs11(
            RvError::SessionHandleInvalid
                | RvError::SessionClosed
                | RvError::DeviceRemoved
                | RvError::DeviceError
                | RvError::TokenNotPresent
                | RvError::UserNotLoggedIn
                | RvError::KeyHandleInvalid
                | RvError::ObjectHandleInvalid,
            _
        )
    )
}

/// Any other error, in the module's words.
pub(crate) fn failed(error: &Error) -> Refusal {
    match error {
        Error::Pkcs11(code, function) => {
            let (code, function) = (code_name(*code), function_name(*function));
            Refusal::new(None, format!("the module refused {function}: {code}"))
        }
        error => Refusal::new(None, format!("the module failed: {error}")),
    }
}

fn code_name(code: RvError) -> String {
    format!("{code:?}")
}

fn function_name(function: Function) -> String {
    format!("C_{function:?}")
}
