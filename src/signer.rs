//! How certctl and a program that has a key speak: lines of JSON, certctl asks and the program answers. certctl-signer(7)
//! is written for those who write such programs; here is what certctl itself and the programs that come with it share.

pub mod answer;
pub mod request;
pub mod serving;
pub mod shapes;

/// What the names of such programs begin with; the scheme of a key's URI follows.
pub const PROGRAM: &str = "certctl-signer-";

/// The version of this language.
pub const VERSION: u32 = 1;
