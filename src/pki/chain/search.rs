//! Finds the paths (RFC 4158): from the leaf upward, depth first, anchors before other certificates.

use std::{
    cell::OnceCell,
    collections::{HashMap, HashSet},
    ops::ControlFlow,
};

use x509_parser::prelude::CertificateRevocationList;

use super::{
    Chain, Request,
    budget::Budget,
    facts::Facts,
    failure::{Failure, Fault, Rule},
    path::Path,
};
use crate::pki::{
    authority_key::{Unlike, unlike},
    certificate::Certificate,
    name::{self, Canonical},
    revocation_list::RevocationList,
    signature,
};

/// All that a search chooses from, parsed once.
pub(super) struct Pool<'a> {
    /// The leaf, what is untrusted, what is trusted
    certificates: Vec<Facts<'a>>,
    first_trusted: usize,
    crls: Vec<CertificateRevocationList<'a>>,
    /// By their subjects as people read them; made where it is needed
    namesakes: OnceCell<HashMap<Canonical, Vec<usize>>>,
}

impl<'a> Pool<'a> {
    /// Copies of the leaf and of trusted certificates are left out.
    pub(super) fn new(request: &Request<'a>) -> Self {
        let trusted: HashSet<_> = request.trust.iter().map(Certificate::der).collect();
        let untrusted = request
            .untrusted
            .iter()
            .filter(|found| *found != request.leaf && !trusted.contains(found.der()));
        let leaf_and_untrusted = std::iter::once(request.leaf).chain(untrusted);
        let mut certificates: Vec<_> = leaf_and_untrusted.map(Facts::new).collect();
        let first_trusted = certificates.len();
        certificates.extend(request.trust.iter().map(Facts::new));
        Self {
            certificates,
            first_trusted,
            crls: request.crls.iter().map(RevocationList::parsed).collect(),
            namesakes: OnceCell::new(),
        }
    }

    /// Those that have the name, be it in other octets.
    fn namesakes(&self, name: &Canonical) -> &[usize] {
        let all = self.namesakes.get_or_init(|| {
            let mut all: HashMap<_, Vec<_>> = HashMap::new();
            for (index, facts) in self.certificates.iter().enumerate().skip(LEAF + 1) {
                if let Some(name) = name::canonical(facts.view.parsed.subject().as_raw()) {
                    all.entry(name).or_default().push(index);
                }
            }
            all
        });
        all.get(name).map_or(&[], Vec::as_slice)
    }
}

/// The end of a search: a chain, or a reason to give up.
type Step = ControlFlow<Result<Chain, Failure>>;

/// One search, and the best failure that it has met.
pub(super) struct Search<'s, 'a> {
    request: &'s Request<'a>,
    pool: &'s Pool<'a>,
    budget: Budget,
    /// What was found out about a certificate and a possible issuer
    links: HashMap<(usize, usize), Result<(), Rule>>,
    best: Option<Failure>,
}

/// Index of the leaf in the pool.
const LEAF: usize = 0;

impl<'s, 'a> Search<'s, 'a> {
    pub(super) fn new(request: &'s Request<'a>, pool: &'s Pool<'a>) -> Self {
        Self {
            request,
            pool,
            budget: Budget::new(),
            links: HashMap::new(),
            best: None,
        }
    }

    pub(super) fn run(mut self) -> Result<Chain, Failure> {
        let mut end = ControlFlow::Continue(());
        if self.request.trust.contains(self.request.leaf) {
            end = self.judge(&[LEAF]);
        }
        if end.is_continue() {
            end = self.extend(&mut vec![LEAF]);
        }
        match end {
            ControlFlow::Break(result) => result,
            ControlFlow::Continue(()) => Err(self.best.take().unwrap_or_else(|| {
                let rule = self.dead_end(&[LEAF]);
                self.failure(&[LEAF], false, Some(rule))
            })),
        }
    }

    /// Tries every certificate that could have issued the last of the path.
    fn extend(&mut self, path: &mut Vec<usize>) -> Step {
        let candidates = self.candidates(path);
        if candidates.is_empty() {
            let rule = match self.namesake(path) {
                Ok(namesake) => namesake.unwrap_or_else(|| self.dead_end(path)),
                Err(rule) => return ControlFlow::Break(Err(self.failure(path, false, Some(rule)))),
            };
            self.fail(path, rule);
        }
        for issuer in candidates {
            if let Err(rule) = self.link(path[path.len() - 1], issuer) {
                if matches!(rule, Rule::Budget(_)) {
                    return ControlFlow::Break(Err(self.failure(path, false, Some(rule))));
                }
                self.fail(path, rule);
                continue;
            }
            path.push(issuer);
            if issuer >= self.pool.first_trusted {
                self.judge(path)?;
            } else {
                self.extend(path)?;
            }
            path.pop();
        }
        ControlFlow::Continue(())
    }

    /// Those with the right name that the path does not hold yet, trusted ones first.
    fn candidates(&self, path: &[usize]) -> Vec<usize> {
        let certificates = &self.pool.certificates;
        let issuer = certificates[path[path.len() - 1]]
            .view
            .parsed
            .issuer()
            .as_raw();
        let trusted = self.pool.first_trusted..certificates.len();
        trusted
            .chain(LEAF + 1..self.pool.first_trusted)
            .filter(|&index| certificates[index].view.parsed.subject().as_raw() == issuer)
            .filter(|&index| certificates[index].certificate != self.request.leaf)
            .filter(|index| !path.contains(index))
            .collect()
    }

    /// An issuer whose name has other octets, and whose key has signed the last of the path.
    fn namesake(&mut self, path: &[usize]) -> Result<Option<Rule>, Rule> {
        let certificates = &self.pool.certificates;
        let child = path[path.len() - 1];
        let wanted = certificates[child].view.parsed.issuer().as_raw();
        let Some(name) = name::canonical(wanted) else {
            return Ok(None);
        };
        let namesakes = self.pool.namesakes(&name).iter();
        for &issuer in namesakes.filter(|index| !path.contains(index)) {
            match self.link(child, issuer) {
                Err(rule @ Rule::Budget(_)) => return Err(rule),
                Err(_) => {}
                Ok(()) => {
                    let found = certificates[issuer].view.parsed.subject().as_raw();
                    return Ok(Some(Rule::IssuerEncoding {
                        issuer: name::display(wanted),
                        difference: name::difference(wanted, found),
                    }));
                }
            }
        }
        Ok(None)
    }

    fn dead_end(&self, path: &[usize]) -> Rule {
        let last = &self.pool.certificates[path[path.len() - 1]];
        if last.view.is_self_signed() {
            return Rule::SelfSigned;
        }
        Rule::IssuerUnknown {
            issuer: name::display(last.view.parsed.issuer().as_raw()),
        }
    }

    /// Whether `issuer` has the key that signed `child`; found out once.
    fn link(&mut self, child: usize, issuer: usize) -> Result<(), Rule> {
        self.budget.spend_step()?;
        if let Some(known) = self.links.get(&(child, issuer)) {
            return known.clone();
        }
        let (below, above) = (
            &self.pool.certificates[child],
            &self.pool.certificates[issuer],
        );
        let name = || name::display(above.view.parsed.subject().as_raw());
        let link = match unlike(&below.view.parsed, &above.view.parsed) {
            None => {
                self.budget.spend_signature()?;
                signature::check(
                    above.view.parsed.public_key(),
                    &below.view.parsed.signature_algorithm,
                    &below.view.parsed.signature_value,
                    below.view.parsed.tbs_certificate.as_ref(),
                )
                .map_err(|fault| Rule::Signature {
                    issuer: name(),
                    fault,
                })
            }
            Some(Unlike::Key) => Err(Rule::AuthorityKeyDiffers { issuer: name() }),
            Some(Unlike::Certificate(by)) => {
                let issuer = name();
                Err(Rule::AuthorityCertificateDiffers { issuer, by })
            }
        };
        // That a root's namesake has not signed it is no news: what it lacks is trust.
        let link = link.map_err(|rule| {
            if below.view.is_self_signed() {
                Rule::SelfSigned
            } else {
                rule
            }
        });
        self.links.insert((child, issuer), link.clone());
        link
    }

    /// Checks a path that ends in an anchor.
    fn judge(&mut self, path: &[usize]) -> Step {
        let failure = self.failure(path, true, None);
        if failure.faults.is_empty() {
            let certificates = failure.chain;
            return ControlFlow::Break(Ok(Chain { certificates }));
        }
        self.remember(failure);
        ControlFlow::Continue(())
    }

    /// Gives up a path because of what its last certificate's issuer would be.
    fn fail(&mut self, path: &[usize], rule: Rule) {
        let failure = self.failure(path, false, Some(rule));
        self.remember(failure);
    }

    fn remember(&mut self, failure: Failure) {
        self.best = Some(match self.best.take() {
            Some(best) => best.better(failure),
            None => failure,
        });
    }

    /// All that is wrong with a path, among it what is wrong with its last certificate's issuer.
    fn failure(&mut self, path: &[usize], anchored: bool, last: Option<Rule>) -> Failure {
        let certificates = path
            .iter()
            .map(|&index| &self.pool.certificates[index])
            .collect();
        let path = Path {
            certificates,
            anchored,
        };
        // Without an anchor nobody vouches for a CRL.
        let crls = if anchored { &self.pool.crls[..] } else { &[] };
        let mut faults: Vec<Fault> = path.check(self.request, crls, &mut self.budget);
        faults.extend(last.map(|rule| path.fault(path.certificates.len() - 1, rule)));
        faults.sort_by_key(|fault| fault.rule.rank());
        let chain = path
            .certificates
            .iter()
            .map(|facts| facts.certificate.clone())
            .collect();
        Failure {
            faults,
            chain,
            anchored,
        }
    }
}
