//! The CAs of a source: which of its certificates are CAs that belong to it, and who has signed whom.

use std::collections::{HashMap, HashSet};

use super::{Mistake, Terms};
use crate::{
    import::{
        gather::{Found, FoundCertificate},
        here::Here,
        names::{Taken, safe},
    },
    pki::{
        certificate::Certificate, entry_name::EntryName, issuer::Issuer, name::display,
        octets::Name, plan::signature_holds,
    },
};

/// More CAs than this nobody keeps in one place.
const MAX_AUTHORITIES: usize = 100;
/// So many keys are tried of CAs that have the same name.
const MAX_KEYS: usize = 8;

/// A CA that certificates of the source may be signed by.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) name: EntryName,
    pub(super) certificate: Certificate,
    /// Its place in [`Here::authorities`], where it is one of these
    pub(super) here: Option<usize>,
    /// Its place in [`Found::certificates`], where it is in the source
    pub(super) found: Option<usize>,
    /// The CA that has signed it, by its place in the list
    pub(super) parent: Option<usize>,
}

/// All of them: first those here, then those of the source, each after the one that has signed it.
#[derive(Debug, Default)]
pub(super) struct Authorities {
    pub(super) all: Vec<Candidate>,
    by_subject: HashMap<Name, Vec<usize>>,
    /// Places in [`Found::certificates`] of CAs' certificates, older ones too
    pub(super) certificates: HashMap<usize, Option<usize>>,
}

/// Whether a certificate says that it is a CA's.
pub(super) fn is_authority(certificate: &Certificate) -> bool {
    let parsed = certificate.parsed();
    matches!(parsed.basic_constraints(), Ok(Some(found)) if found.value.ca)
}

/// Certificates of one CA: the same name and key. The newest comes first.
struct Group {
    found: Vec<usize>,
}

/// Finds the CAs.
pub(super) fn choose(
    found: &Found,
    here: &Here,
    terms: &Terms<'_>,
    warnings: &mut Vec<String>,
) -> Result<Authorities, Vec<Mistake>> {
    let mut chosen = Authorities::default();
    let here_already = here.authorities.iter().enumerate();
    // In place, a certificate that is newer than the ledger comes from the source.
    let here_already = here_already.filter(|(_, it)| it.is_recorded || !terms.is_in_place);
    for (place, authority) in here_already {
        chosen.add(Candidate {
            name: authority.name.clone(),
            certificate: authority.certificate.clone(),
            here: Some(place),
            found: None,
            parent: None,
        });
    }
    let mut taken = Taken::default();
    taken.add(here.authorities.iter().map(|it| it.name.clone()));
    let mut waiting = groups(found);
    if waiting.len() > MAX_AUTHORITIES {
        return Err(vec![Mistake::ManyAuthorities(MAX_AUTHORITIES)]);
    }
    let mut mistakes = Vec::new();
    loop {
        let before = waiting.len();
        waiting.retain(|group| {
            let newest = &found.certificates[group.found[0]];
            match chosen.place(newest, group, found, terms, &mut taken) {
                Ok(is_placed) => !is_placed,
                Err(mistake) => {
                    mistakes.push(mistake);
                    false
                }
            }
        });
        if waiting.len() == before {
            break;
        }
    }
    // In place, others' CAs stand in the chains of entries, which are named themselves.
    for group in waiting {
        let is_chain = terms.is_in_place && !found.certificates[group.found[0]].is_own;
        let warnings = if is_chain {
            &mut Vec::new()
        } else {
            &mut *warnings
        };
        leave(found, &group, &mut chosen, warnings, &mut mistakes);
    }
    match mistakes.is_empty() {
        true => Ok(chosen),
        false => Err(mistakes),
    }
}

/// A CA that nobody here or there has signed: of the source's own that is a mistake.
fn leave(
    found: &Found,
    group: &Group,
    chosen: &mut Authorities,
    warnings: &mut Vec<String>,
    mistakes: &mut Vec<Mistake>,
) {
    let newest = &found.certificates[group.found[0]];
    chosen
        .certificates
        .extend(group.found.iter().map(|found| (*found, None)));
    if newest.is_own && !newest.certificate.is_self_signed() {
        mistakes.push(Mistake::NoParent {
            origin: newest.origin.clone(),
            issuer: display(&newest.certificate.issuer()),
        });
        return;
    }
    let subject = display(&newest.certificate.subject());
    warnings.push(format!(
        "{}: left out, for it is another CA's: {subject}",
        newest.origin
    ));
}

/// The CAs' certificates of a source by name and key, in the order in which they were found.
fn groups(found: &Found) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut known: HashMap<(Name, Vec<u8>), usize> = HashMap::new();
    for (place, it) in found.certificates.iter().enumerate() {
        let certificate = &it.certificate;
        if !is_authority(certificate) {
            continue;
        }
        let key = (certificate.subject(), certificate.public_key());
        match known.get(&key) {
            Some(group) => groups[*group].found.push(place),
            None => {
                known.insert(key, groups.len());
                groups.push(Group { found: vec![place] });
            }
        }
    }
    for group in &mut groups {
        // The one in the CA's own file comes first, wherever else one of the same second lies.
        let rank = |place: &usize| {
            let it = &found.certificates[*place];
            let is_root = it.certificate.is_self_signed();
            // What another CA has signed for the key of a root is no later certificate of it.
            (
                is_root,
                it.is_own,
                it.standing,
                it.certificate.validity().not_before,
            )
        };
        group
            .found
            .sort_by_key(|place| std::cmp::Reverse(rank(place)));
    }
    groups
}

impl Authorities {
    fn add(&mut self, candidate: Candidate) -> usize {
        let subject = candidate.certificate.subject();
        let place = self.all.len();
        self.by_subject.entry(subject).or_default().push(place);
        self.all.push(candidate);
        place
    }

    /// The CA that has signed a certificate.
    pub(super) fn signer(&self, certificate: &Certificate) -> Option<usize> {
        let named = self.by_subject.get(&certificate.issuer())?;
        let mut tried = named.iter().take(MAX_KEYS);
        let signer =
            tried.find(|place| signature_holds(certificate, &self.all[**place].certificate));
        signer.copied()
    }

    /// Whether a CA of this name has issued it, whatever its signature is worth.
    pub(super) fn names_issuer(&self, certificate: &Certificate) -> bool {
        self.by_subject.contains_key(&certificate.issuer())
    }

    /// Whether one of them may have its issuer's key, as far as it says, and not the name alone.
    pub(super) fn names_issuer_key(&self, certificate: &Certificate) -> bool {
        let named = self.by_subject.get(&certificate.issuer());
        let mut named = named.into_iter().flatten();
        named.any(|place| certificate.may_name_key_of(&self.all[*place].certificate))
    }

    /// Gives a CA of the source its place; false where its issuer has none yet.
    fn place(
        &mut self,
        newest: &FoundCertificate,
        group: &Group,
        found: &Found,
        terms: &Terms<'_>,
        taken: &mut Taken,
    ) -> Result<bool, Mistake> {
        let certificate = &newest.certificate;
        let same = self.all.iter().position(|it| {
            it.certificate.subject() == certificate.subject()
                && it.certificate.public_key() == certificate.public_key()
        });
        if let Some(same) = same {
            self.all[same].found = Some(group.found[0]);
            self.note(group, same);
            return Ok(true);
        }
        let is_own = group
            .found
            .iter()
            .any(|place| found.certificates[*place].is_own);
        let parent = match certificate.is_self_signed() {
            true if !is_own => return Ok(false),
            true => None,
            false => match self.signer(certificate) {
                None => return Ok(false),
                signer => signer,
            },
        };
        let unfit = |reason: String| Mistake::Unfit {
            origin: newest.origin.clone(),
            reason,
        };
        Issuer::from_certificate(certificate).map_err(|error| unfit(error.to_string()))?;
        if parent.is_none() && !signature_holds(certificate, certificate) {
            let reason = "its signature is broken, or made with what is weak, such as SHA-1";
            return Err(unfit(reason.to_owned()));
        }
        let place = self.add(Candidate {
            name: match own_name(newest).filter(|_| terms.is_in_place) {
                Some(name) => name,
                None => taken.take(usual_name(newest, parent.is_none())),
            },
            certificate: certificate.clone(),
            here: None,
            found: Some(group.found[0]),
            parent,
        });
        self.note(group, place);
        Ok(true)
    }

    fn note(&mut self, group: &Group, place: usize) {
        self.certificates
            .extend(group.found.iter().map(|found| (*found, Some(place))));
    }

    /// Gives the main CA of the source the name that somebody wants for it.
    pub(super) fn name_as_asked(
        &mut self,
        asked: Option<&EntryName>,
        main: Option<usize>,
    ) -> Result<(), Vec<Mistake>> {
        let (Some(asked), Some(main)) = (asked, main) else {
            return Ok(());
        };
        let holder = self.all.iter().position(|it| it.name == *asked);
        match holder {
            Some(holder) if holder == main => Ok(()),
            Some(holder) if self.all[holder].here.is_some() => {
                Err(vec![Mistake::Taken(asked.clone())])
            }
            _ if self.all[main].here.is_some() => {
                Err(vec![Mistake::Otherwise(self.all[main].name.clone())])
            }
            holder => {
                let other = std::mem::replace(&mut self.all[main].name, asked.clone());
                if let Some(holder) = holder {
                    self.all[holder].name = other;
                }
                Ok(())
            }
        }
    }

    /// The CA that lies in the source by this name.
    pub(super) fn called(&self, found: &Found, name: &str) -> Option<usize> {
        self.of_source().find(|place| {
            let own = self.all[*place].found.map(|own| &found.certificates[own]);
            own.is_some_and(|own| own.is_own && own.name.as_deref() == Some(name))
        })
    }

    /// Places of the CAs that are in the source.
    pub(super) fn of_source(&self) -> impl Iterator<Item = usize> {
        let all = self.all.iter().enumerate();
        all.filter(|(_, it)| it.found.is_some())
            .map(|(place, _)| place)
    }

    /// Those here of which the source has a later certificate.
    pub(super) fn later(&self, found: &Found, here: &Here) -> Vec<(EntryName, String)> {
        let began = |it: &Certificate| it.validity().not_before;
        let later = |it: &Candidate| {
            let own = &here.authorities[it.here?].certificate;
            let theirs = &found.certificates[it.found?];
            let is_later = began(&theirs.certificate) > began(own);
            // What another CA has signed for the key of a root is no later certificate of it.
            let is_alike = theirs.certificate.is_self_signed() == own.is_self_signed();
            (is_later && is_alike).then(|| (it.name.clone(), theirs.origin.clone()))
        };
        self.all.iter().filter_map(later).collect()
    }

    /// Those above which nobody is revoked.
    pub(super) fn standing(&self, revoked: &HashSet<usize>) -> HashSet<usize> {
        let mut standing = HashSet::new();
        // Each stands behind the one that has signed it.
        for (place, it) in self.all.iter().enumerate() {
            let is_above_good = it.parent.is_none_or(|parent| standing.contains(&parent));
            if is_above_good && !revoked.contains(&place) {
                standing.insert(place);
            }
        }
        standing
    }
}

/// The name that its own directory has.
pub(super) fn own_name(found: &FoundCertificate) -> Option<EntryName> {
    found.name.as_deref()?.parse().ok()
}

/// What a CA is called here unless somebody says otherwise: what its file is called, if that says anything.
fn usual_name(found: &FoundCertificate, is_root: bool) -> EntryName {
    const SAYS_NOTHING: [&str; 12] = [
        "ca",
        "cacert",
        "ca.cert",
        "ca-cert",
        "root",
        "root_ca",
        "rootca",
        "rootCA",
        "minica",
        "intermediate",
        "intermediate_ca",
        "server",
    ];
    let usual = if is_root { "root" } else { "intermediate" };
    let told = found
        .name
        .as_deref()
        .filter(|name| !SAYS_NOTHING.contains(name));
    let told = told.and_then(safe);
    told.or_else(|| safe(usual)).expect("a word is a name")
}
