//! `certctl`: from no TLS to mutual TLS, and staying there.

fn main() {}
