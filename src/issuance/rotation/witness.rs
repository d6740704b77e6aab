//! Certificates that are shown to servers to learn whom they trust: one that the successor has signed, and one that
//! nobody has.

use time::{Duration, OffsetDateTime};

use super::RotateError;
use crate::{
    issuance::{
        IssueError, SigningAuthority, constraining, defaults,
        request::{Batch, LeafKey, LeafRequest, Model, Prepared, prepare_all},
    },
    pki::{
        certificate::Certificate,
        general_name::GeneralName,
        key::{KeyType, PrivateKey},
        plan::Planned,
        profile::Profile,
        validity::Lifetime,
    },
    store::{
        Pki,
        ledger::{Origin, Record, Status},
    },
};

/// Under which name they are in the ledger.
const NAME: &str = "rotation-probe";

/// As no constraint of DNS names or addresses speaks of URIs, every CA can sign it.
const URI: &str = "urn:certctl:rotation-probe";

/// Long enough for clocks that differ.
const LIFE: Duration = Duration::hours(1);

/// A certificate with its chain, and the key that is kept nowhere.
pub struct Witness {
    /// The leaf, then its intermediates
    pub chain: Vec<Certificate>,
    /// Its key
    pub key: PrivateKey,
}

/// A client's certificate of this CA, valid for an hour; the ledger knows it as one that is not in use.
///
/// # Errors
///
/// Where it cannot be recorded, or not be signed.
pub fn witness(
    pki: &mut Pki,
    signer: &SigningAuthority,
    now: OffsetDateTime,
) -> Result<Witness, RotateError> {
    let (prepared, record) = prepare(Some(signer), now)?;
    let record = Record {
        status: Status::Replaced,
        origin: Origin::Shown,
        ..record
    };
    let mut transaction = pki.begin()?;
    let (plan, key) = (prepared.plan, prepared.key);
    let recorded = plan.recorded(|| transaction.record(std::slice::from_ref(&record)))?;
    transaction.finish(false)?;
    let leaf = recorded.sign(&*signer.key).map_err(IssueError::from)?;
    let chain = [std::slice::from_ref(&leaf), &signer.authority.behind()].concat();
    with_key(chain, key)
}

/// A client's certificate that signs itself: whoever takes it takes any.
///
/// # Errors
///
/// Where no key can be made.
pub fn stranger(now: OffsetDateTime) -> Result<Witness, RotateError> {
    let (prepared, _) = prepare(None, now)?;
    let (plan, key) = (prepared.plan, prepared.key);
    let own = key.as_ref().map(PrivateKey::to_signing_key).transpose();
    let own = own.map_err(IssueError::from)?;
    // No CA is asked, so that no ledger has to know.
    let recorded = plan.recorded(|| Ok::<_, RotateError>(()))?;
    let signed = own.map(|own| recorded.sign(&own)).transpose();
    let leaf = signed.map_err(IssueError::from)?;
    with_key(leaf.into_iter().collect(), key)
}

fn prepare(
    issuer: Option<&SigningAuthority>,
    now: OffsetDateTime,
) -> Result<(Prepared<Planned>, Record), IssueError> {
    let no_issuer = || IssueError::NoIssuer(NAME.to_owned());
    let batch = Batch {
        issuer,
        extensions: None,
        now,
        progress: &|_| {},
    };
    let request = LeafRequest {
        name: NAME.parse().map_err(|_| no_issuer())?,
        profile: Profile::Client,
        key: LeafKey::New(KeyType::default()),
        model: Model::Profile {
            subject: None,
            names: vec![GeneralName::Uri(URI.to_owned())],
        },
        lifetime: Lifetime::Default(LIFE),
        backdate: defaults::BACKDATE,
    };
    let above = issuer.map(|issuer| constraining(&issuer.authority));
    let made = prepare_all(vec![request], &batch, &above.unwrap_or_default())?;
    made.into_iter().next().ok_or_else(no_issuer)
}

fn with_key(chain: Vec<Certificate>, key: Option<PrivateKey>) -> Result<Witness, RotateError> {
    let missing = || IssueError::KeyMissing(NAME.to_owned());
    let key = key.ok_or_else(missing)?;
    Ok(Witness { chain, key })
}
