//! `certctl-signer-pkcs11`: signs with a key in a token, through its PKCS#11 module, and speaks the language of
//! certctl-signer(7) over standard input and output.
//!
//! Modules are libraries of the system's that are loaded at run time: this program is linked dynamically, and apart
//! from certctl.

mod keyring;
mod login;
mod objects;
mod public_key;
mod uri;

use std::{
    alloc::System,
    io::{self, Write as _},
    process::ExitCode,
};

use certctl::signer::serving::serve;
use zeroizing_alloc::ZeroAlloc;

/// Overwrites what is freed.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    let keyring = keyring::Tokens::default();
    match serve(&keyring, io::stdin().lock(), io::stdout()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // There is nobody else to tell.
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}
