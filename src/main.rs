//! `certctl`: from no TLS to mutual TLS, and staying there.

use std::{alloc::System, process::ExitCode};

use zeroizing_alloc::ZeroAlloc;

/// Overwrites what is freed: libraries that sign, make primes and fill templates copy secrets, and wipe nothing.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    certctl::cli::main(std::env::args_os())
}
