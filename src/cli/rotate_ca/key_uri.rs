//! Options that say where the keys of successors are.

use clap::Args;

use crate::{
    cli::authority::Unrepeated,
    pki::key::KeyType,
    rotation::keys::{KeyAt, KeyWish},
};

#[derive(Args, Debug)]
pub(super) struct KeyUriArgs {
    /// Where a new key is that is in a token or an agent (RFC 7512), of the CA named and those below it whose keys are
    /// in one, or of one CA; {name} stands for the new CA's name (can be repeated)
    #[arg(long, value_name = "[CA=]URI", value_parser = Unrepeated(str::parse::<KeyAt>))]
    key_uri: Vec<KeyAt>,
    /// Make the new keys there
    #[arg(long, requires = "key_uri")]
    generate: bool,
}

impl KeyUriArgs {
    /// What they ask for; keys in files are encrypted with `encrypt`.
    pub(super) fn wish(&self, key_type: Option<KeyType>, encrypt: bool) -> KeyWish<'_> {
        KeyWish {
            places: &self.key_uri,
            generate: self.generate,
            key_type,
            encrypt,
        }
    }
}
