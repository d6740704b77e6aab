//! Nothing lost, nothing leaked: the program is killed, starved, raced and lied to, and what it leaves is judged.

mod concurrency;
mod crash;
mod faults;
mod hostile;
mod inspect;
mod members;
mod scene;
mod strace;
#[path = "../support/mod.rs"]
mod support;
mod trust;
