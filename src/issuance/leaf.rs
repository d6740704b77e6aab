//! Issuing leaves, one or a hundred thousand, in one transaction.
//!
//! Two kinds of work keep two threads busy: planning (key, names, ledger) on the calling thread, and
//! signing and writing files on the others. Whoever plans helps to sign when the others are behind,
//! so that memory stays flat whatever the number of entries. RSA keys take so long that all threads make them.

use std::{
    panic::resume_unwind,
    sync::{
        Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread,
};

use super::{
    IssueError, constraining,
    request::{LeafRequest, Prepared, prepare_all},
};
use crate::{
    pki::{
        certificate::Certificate,
        entry_name::EntryName,
        key::PrivateKey,
        plan::{Planned, Recorded, signature_holds},
        secret::wiped,
    },
    store::{
        authority::Authority,
        layout::{Place, file},
        ledger::Record,
        stage::{Stage, StagedFile},
        transaction::Transaction,
    },
};

pub use super::request::Batch;

/// Of up to so many leaves every signature is verified, of more a sample: verifying takes four times as long as
/// signing.
const VERIFIED: usize = 64;
/// One in so many is the sample.
const SAMPLED: u8 = 64;
/// So many are recorded in the ledger at once: a commit to disk costs as much as ten leaves.
const RECORDED_AT_ONCE: usize = 1024;
/// Of those whose keys take long to make, so many: nobody waits long for the first files.
const SLOW_AT_ONCE: usize = 16;

/// How the work is divided between the calling thread and others.
struct Division {
    /// Threads besides the calling one, at most
    threads: usize,
    /// So many leaves are handed to another thread at once
    handed: usize,
}

impl Division {
    /// One for each core, as all wait for the disk now and then. File creation gains nothing from more than three.
    const OF_CORES: Self = Self {
        threads: 3,
        handed: 32,
    };
    /// For signatures that are waited for: an HSM in a network wants some thirty at once (Thales' advice for its Luna),
    /// and gets them to the last.
    const OF_WAITING: Self = Self {
        threads: 32,
        handed: 2,
    };

    fn of(batch: &Batch<'_>) -> Self {
        match batch.issuer.is_some_and(|it| it.key.is_waited_for()) {
            true => Self::OF_WAITING,
            false => {
                let cores = thread::available_parallelism().map_or(1, usize::from);
                let most = Self::OF_CORES;
                Self {
                    threads: most.threads.min(cores),
                    ..most
                }
            }
        }
    }

    /// Threads for so many leaves.
    fn threads(&self, leaves: usize) -> usize {
        match leaves > self.handed {
            true => self.threads.min(leaves.div_ceil(self.handed)),
            false => 0,
        }
    }

    /// Pieces that may wait for another thread before the planning one helps: work for as long as the next leaves are
    /// planned and recorded.
    fn waiting(&self) -> usize {
        RECORDED_AT_ONCE / self.handed
    }
}

/// Issues all leaves of `requests` in `transaction`; `note` gets each record.
///
/// # Errors
///
/// The first that occurs; the transaction is then to be dropped.
pub fn issue(
    transaction: &mut Transaction<'_>,
    requests: impl ExactSizeIterator<Item = Result<LeafRequest, IssueError>>,
    batch: &Batch<'_>,
    note: &mut dyn FnMut(&Record),
) -> Result<(), IssueError> {
    let stage = transaction.stage(requests.len())?;
    let writer = Writer::new(&stage, batch, requests.len() <= VERIFIED);
    let division = Division::of(batch);
    let others = division.threads(requests.len());
    let (work, received) = sync_channel(division.waiting());
    let received = Mutex::new(received);
    thread::scope(|scope| {
        let drain = || drain(&received, &writer);
        let threads: Vec<_> = (0..others).map(|_| scope.spawn(drain)).collect();
        let (flush, wishes) = sync_channel(1);
        let disk = (others > 0).then(|| scope.spawn(|| flush_at(wishes, &stage)));
        let to_others = (others > 0).then_some(Others {
            work,
            flush,
            handed: division.handed,
        });
        let planned = plan_and_hand_out(transaction, requests, &writer, to_others.as_ref(), note);
        // Tells the others that no more comes.
        drop(to_others);
        let planned = planned.and_then(|()| drain());
        let written = threads
            .into_iter()
            .chain(disk)
            .map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
        written.chain([planned]).collect()
    })
}

/// What the calling thread has of the others.
struct Others {
    work: SyncSender<Vec<Prepared>>,
    flush: SyncSender<()>,
    handed: usize,
}

impl Others {
    /// Hands out leaves; gives them back where the others have enough to do.
    fn hand(&self, leaves: Vec<Prepared>) -> Option<Vec<Prepared>> {
        match self.work.try_send(leaves) {
            Ok(()) => None,
            Err(TrySendError::Full(leaves) | TrySendError::Disconnected(leaves)) => Some(leaves),
        }
    }

    /// Wishes that the disk gets what was written so far.
    fn flush(&self) {
        // Full means that it is busy with that already.
        let _ = self.flush.try_send(());
    }
}

/// The calling thread: plans, records, and hands out; what nobody takes it writes itself.
fn plan_and_hand_out(
    transaction: &mut Transaction<'_>,
    mut requests: impl Iterator<Item = Result<LeafRequest, IssueError>>,
    writer: &Writer<'_>,
    others: Option<&Others>,
    note: &mut dyn FnMut(&Record),
) -> Result<(), IssueError> {
    loop {
        let next = take_together(&mut requests)?;
        if next.is_empty() {
            return Ok(());
        }
        let prepared = wiped(|| prepare_all(next, writer.batch, &writer.constraining))?;
        let (prepared, records): (Vec<_>, Vec<_>) = prepared.into_iter().unzip();
        let mut prepared = recorded(prepared, || transaction.record(&records))?;
        records.iter().for_each(&mut *note);
        let handed = others.map_or(prepared.len(), |others| others.handed);
        while !prepared.is_empty() {
            let part = prepared.split_off(prepared.len().saturating_sub(handed));
            let left = match others {
                Some(others) => others.hand(part),
                None => Some(part),
            };
            left.map_or(Ok(()), |left| writer.write(left))?;
        }
        if let Some(others) = others {
            others.flush();
        }
    }
}

/// Puts leaves on record together.
fn recorded<E>(
    leaves: Vec<Prepared<Planned>>,
    record: impl FnOnce() -> Result<(), E>,
) -> Result<Vec<Prepared>, E> {
    let (owners, plans): (Vec<_>, Vec<_>) = leaves
        .into_iter()
        .map(|leaf| ((leaf.name, leaf.key), leaf.plan))
        .unzip();
    let leaves = owners.into_iter().zip(Recorded::all(plans, record)?);
    let leaf = |((name, key), plan)| Prepared { name, key, plan };
    Ok(leaves.map(leaf).collect())
}

/// The next requests that are planned and recorded together.
fn take_together(
    requests: &mut impl Iterator<Item = Result<LeafRequest, IssueError>>,
) -> Result<Vec<LeafRequest>, IssueError> {
    let mut taken = Vec::new();
    let mut slow = 0;
    while taken.len() < RECORDED_AT_ONCE && slow < SLOW_AT_ONCE {
        let Some(request) = requests.next() else {
            break;
        };
        taken.push(request?);
        slow += usize::from(taken.last().is_some_and(LeafRequest::is_slow));
    }
    Ok(taken)
}

/// Another thread: writes what it is handed, until no more comes.
fn drain(received: &Mutex<Receiver<Vec<Prepared>>>, writer: &Writer<'_>) -> Result<(), IssueError> {
    loop {
        let next = received
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv();
        let Ok(prepared) = next else { return Ok(()) };
        writer.write(prepared)?;
    }
}

/// A thread for the disk: sends it what was written so far, each time somebody wishes so.
fn flush_at(wishes: Receiver<()>, stage: &Stage) -> Result<(), IssueError> {
    wishes
        .into_iter()
        .try_for_each(|()| stage.flush().map_err(IssueError::from))
}

/// What is the same in every leaf's directory.
pub(super) struct Shared {
    pub(super) chain: String,
    pub(super) roots: String,
    pub(super) roots_and_chain: String,
}

impl Shared {
    pub(super) fn of(issuer: &Authority) -> Self {
        let pem = |certificates: &[Certificate]| -> String {
            certificates.iter().map(Certificate::to_pem).collect()
        };
        let (chain, roots) = (pem(&issuer.behind()), pem(&issuer.roots));
        let roots_and_chain = format!("{roots}{}", pem(&issuer.intermediates));
        Self {
            chain,
            roots,
            roots_and_chain,
        }
    }
}

/// Signs leaves and writes their directories; shared by all threads.
struct Writer<'a> {
    stage: &'a Stage,
    batch: &'a Batch<'a>,
    /// Verify every signature, not a sample
    verify_all: bool,
    shared: Option<Shared>,
    /// CAs above every leaf that constrain names
    constraining: Vec<Certificate>,
}

impl<'a> Writer<'a> {
    fn new(stage: &'a Stage, batch: &'a Batch<'a>, verify_all: bool) -> Self {
        let authority = batch.issuer.map(|issuer| &issuer.authority);
        Self {
            stage,
            batch,
            verify_all,
            shared: authority.map(Shared::of),
            constraining: authority.map(constraining).unwrap_or_default(),
        }
    }

    fn write(&self, leaves: Vec<Prepared>) -> Result<(), IssueError> {
        let count = leaves.len() as u64;
        wiped(|| leaves.into_iter().try_for_each(|leaf| self.write_one(leaf)))?;
        (self.batch.progress)(count);
        Ok(())
    }

    fn write_one(&self, leaf: Prepared) -> Result<(), IssueError> {
        let key_pem = leaf.key.as_ref().map(PrivateKey::to_pem);
        let certificate = self.sign(&leaf.name, leaf.key.as_ref(), leaf.plan)?;
        let mut own = certificate.to_pem();
        let (roots, roots_and_chain) = match &self.shared {
            Some(shared) => {
                own.push_str(&shared.chain);
                (&shared.roots, &shared.roots_and_chain)
            }
            None => (&own, &own),
        };
        let mut files = vec![
            StagedFile::public(file::CERTIFICATE, &own),
            StagedFile::public(file::TRUST, roots),
            StagedFile::public(file::TRUST_CHAIN, roots_and_chain),
        ];
        files.extend(
            key_pem
                .iter()
                .map(|pem| StagedFile::private(file::KEY, pem)),
        );
        Ok(self.stage.add(&Place::entry(leaf.name), &files)?)
    }

    /// Signs, and checks the signature, or in a large batch a sample of them.
    fn sign(
        &self,
        name: &EntryName,
        key: Option<&PrivateKey>,
        plan: Recorded,
    ) -> Result<Certificate, IssueError> {
        // Wherever it stands in the batch: the last octet of a serial number is random.
        let sampled = plan
            .serial()
            .as_bytes()
            .last()
            .is_some_and(|octet| octet % SAMPLED == 0);
        let certificate = match (self.batch.issuer, key) {
            (Some(issuer), _) => plan.sign(&*issuer.key)?,
            (None, Some(key)) => plan.sign(&key.to_signing_key()?)?,
            (None, None) => return Err(IssueError::NoIssuer(name.to_string())),
        };
        if self.verify_all || sampled {
            let issuer = self
                .batch
                .issuer
                .map_or(&certificate, |issuer| &issuer.authority.certificate);
            if !signature_holds(&certificate, issuer) {
                return Err(IssueError::Signature(name.to_string()));
            }
        }
        Ok(certificate)
    }
}
