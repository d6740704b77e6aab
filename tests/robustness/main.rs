//! Nothing lost, nothing leaked: the program is killed, starved, raced and lied to, and what it leaves is judged.

mod crash;
mod faults;
mod inspect;
mod scene;
mod strace;
#[path = "../support/mod.rs"]
mod support;
