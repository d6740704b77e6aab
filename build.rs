//! Has cargo look for files that were added to templates/ and man/schema/, which are built into the program,
//! and has the stack unwinder linked into the program where it would be loaded from libgcc_s.

#![allow(clippy::print_stdout)]

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=templates");
    println!("cargo::rerun-if-changed=man/schema");
    // Loaded, libgcc_s asks the processor for its features, which takes long on a virtual machine: a
    // seventh of the time in which `certctl --version` is done.
    let target = |part: &str| env::var(format!("CARGO_CFG_TARGET_{part}")).unwrap_or_default();
    if target("OS") == "linux" && target("ENV") == "gnu" {
        println!("cargo::rustc-link-lib=gcc_eh");
    }
}
