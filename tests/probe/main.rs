//! `certctl probe` before real servers: in right set-ups it finds nothing, in wrong ones just what is wrong.
//!
//! `scene.rs` has the certificates and starts what comes with this machine; `hostile.rs` has servers that mean harm
//! and stand-ins for what does not.

#[path = "../support/mod.rs"]
mod support;

mod fleet;
mod hostile;
mod languages;
mod openssl;
mod products;
mod scene;
