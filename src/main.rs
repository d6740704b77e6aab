//! `certctl`: from no TLS to mutual TLS, and staying there.

use std::process::ExitCode;

fn main() -> ExitCode {
    certctl::cli::main(std::env::args_os())
}
