//! `certctl-signer-ssh-agent`: signs with a key that an SSH agent has, and speaks the language of certctl-signer(7)
//! over standard input and output.

mod agent;
mod blob;
mod keyring;

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
    match serve(
        &keyring::SshAgent::default(),
        io::stdin().lock(),
        io::stdout(),
    ) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // There is nobody else to tell.
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}
