//! Has cargo look for files that were added to templates/, which is built into the program.

#![allow(clippy::print_stdout)]

fn main() {
    println!("cargo::rerun-if-changed=templates");
}
