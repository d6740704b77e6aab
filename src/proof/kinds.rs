//! What parties have in common, so that one handshake speaks for many.

use crate::pki::{certificate::Certificate, octets::Name};
use std::collections::HashMap;

use super::{
    Prover, Refusal, Role,
    handshake::{self, shake},
    host, refusal,
};
use crate::pki::key::PrivateKey;

/// What parties have in common whose handshakes are the same.
#[derive(Eq, Hash, PartialEq)]
struct Kind {
    issuers: Vec<Certificate>,
    issuer: Name,
    key: String,
    bundle: usize,
    serves: bool,
    dials: bool,
}

impl Prover<'_> {
    /// Shakes hands once for each combination of what two parties are.
    pub(super) fn handshakes(
        &self,
        key: &mut dyn FnMut(usize) -> Option<PrivateKey>,
    ) -> (Vec<Refusal>, usize) {
        let kinds = self.kinds();
        let (mut refusals, mut count) = (Vec::new(), 0);
        for (client_kind, clients) in kinds.iter().filter(|(kind, _)| kind.dials) {
            for (server_kind, servers) in kinds.iter().filter(|(kind, _)| kind.serves) {
                let pairs = clients
                    .iter()
                    .flat_map(|it| servers.iter().map(move |other| (*it, *other)));
                let mut met =
                    pairs
                        .filter(|(client, server)| client != server)
                        .filter(|(client, server)| {
                            let refused = |it, role, by| self.refused.contains(&(it, role, by));
                            !refused(*client, Role::Client, server_kind.bundle)
                                && !refused(*server, Role::Server, client_kind.bundle)
                        });
                let Some((client, server)) = met.next() else {
                    continue;
                };
                let (Some(client_key), Some(server_key)) = (key(client), key(server)) else {
                    continue;
                };
                count += 1;
                let of = |index: usize, key| handshake::End {
                    chain: self.sent(&self.parties[index]),
                    key,
                    trust: &self.bundles[self.trust_of[index]].0,
                };
                let ends = (of(client, &client_key), of(server, &server_key));
                let host =
                    host(&self.parties[server]).filter(|_| self.bundles[client_kind.bundle].1);
                if let Err(reason) = shake(&ends.0, &ends.1, host.as_ref(), self.at) {
                    refusals.extend(refusal(
                        server,
                        Role::Server,
                        vec![client],
                        String::from("handshake-failed"),
                        format!("rustls: {reason}"),
                    ));
                }
            }
        }
        (refusals, count)
    }

    /// What parties are, each with their numbers.
    fn kinds(&self) -> HashMap<Kind, Vec<usize>> {
        let mut kinds: HashMap<Kind, Vec<usize>> = HashMap::new();
        for (index, party) in self
            .parties
            .iter()
            .enumerate()
            .filter(|(_, it)| !it.chain.is_empty())
        {
            let issuers = self.sent(party)[1..].iter();
            let kind = Kind {
                issuers: issuers.cloned().collect(),
                issuer: party.chain[0].issuer(),
                key: format!("{:?}", party.chain[0].key_type()),
                bundle: self.trust_of[index],
                serves: party.serves,
                dials: party.dials,
            };
            kinds.entry(kind).or_default().push(index);
        }
        kinds
    }
}
