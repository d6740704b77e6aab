//! Validity periods (RFC 5280 §4.1.2.5).

use time::{Duration, OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

use super::der;

/// From when until when, both included, in whole seconds of UTC.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Validity {
    /// First second
    pub not_before: OffsetDateTime,
    /// Last second
    pub not_after: OffsetDateTime,
}

/// How long a certificate is to be valid, and whether somebody asked for just that.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Lifetime {
    /// Nobody asked: shortened where the issuer ends earlier
    Default(Duration),
    /// Asked for, counted from now: refused where the issuer ends earlier
    For(Duration),
    /// Asked for, to the second: refused where the issuer ends earlier
    Until(OffsetDateTime),
}

/// Why a validity period cannot be planned.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ValidityError {
    /// It would end before it is of use.
    #[error("the certificate would end at {}, which has passed", rfc3339(*.not_after))]
    Ended {
        /// End of the requested period
        not_after: OffsetDateTime,
    },
    /// A renewed CA would end before what it has signed.
    #[error(
        "the certificate would end at {}, before the one that it renews ({})",
        rfc3339(*.not_after),
        rfc3339(*.predecessor)
    )]
    EndsEarlier {
        /// End of the requested period
        not_after: OffsetDateTime,
        /// End of its predecessor's period
        predecessor: OffsetDateTime,
    },
    /// The issuer has ended already.
    #[error("the issuer ended at {}", rfc3339(*.not_after))]
    IssuerEnded {
        /// End of the issuer's period
        not_after: OffsetDateTime,
    },
    /// The certificate would still be valid when its issuer no longer is.
    #[error(
        "the certificate would end at {}, after its issuer ({})",
        rfc3339(*.not_after),
        rfc3339(*.issuer_not_after)
    )]
    OutlivesIssuer {
        /// End of the requested period
        not_after: OffsetDateTime,
        /// End of the issuer's period
        issuer_not_after: OffsetDateTime,
        /// The longest that fits, counted from now
        longest: Duration,
    },
    /// It would be longer than any key is good for.
    #[error("the certificate would end at {}, more than {MAX_YEARS} years from now", rfc3339(*.not_after))]
    TooLong {
        /// End of the requested period
        not_after: OffsetDateTime,
    },
    /// The year has more than four digits.
    #[error("the certificate would end after the year 9999, which no certificate can say")]
    TooLate,
}

const MAX_YEARS: i64 = 100;

/// The longest life that can be asked for, of 365-day years: no key or algorithm is good for longer, and what is longer was
/// mistyped.
pub const MAX_LIFE: Duration = Duration::days(MAX_YEARS * 365);

/// Last moment that a Time can express (RFC 5280 §4.1.2.5).
const LAST: OffsetDateTime = time::macros::datetime!(9999-12-31 23:59:59 UTC);

impl Validity {
    /// Plans the period of a certificate that is signed `now`.
    ///
    /// It begins `backdate` earlier, for peers whose clock is behind, and never ends after the issuer
    /// (path validation at that time would fail, RFC 5280 §6.1.3 (a)(2)). The lifetime counts from now.
    ///
    /// # Errors
    ///
    /// Where the period would be empty or end after year 9999, or where the lifetime was asked for
    /// and the issuer ends earlier.
    pub fn plan(
        lifetime: Lifetime,
        backdate: Duration,
        issuer: Option<Self>,
        now: OffsetDateTime,
    ) -> Result<Self, ValidityError> {
        let now = whole_second(now);
        let wanted = match lifetime {
            Lifetime::Default(duration) | Lifetime::For(duration) => {
                now.checked_add(duration).ok_or(ValidityError::TooLate)?
            }
            Lifetime::Until(time) => whole_second(time),
        };
        if wanted > LAST {
            return Err(ValidityError::TooLate);
        }
        let not_after = match issuer {
            Some(issuer) => fit(wanted, lifetime, issuer.not_after, now)?,
            None => wanted,
        };
        // What nobody asked for is what a predecessor had.
        let is_asked = !matches!(lifetime, Lifetime::Default(_));
        if is_asked && wanted - now > MAX_LIFE {
            return Err(ValidityError::TooLong { not_after: wanted });
        }
        if not_after <= now {
            return Err(ValidityError::Ended { not_after });
        }
        let not_before = now.checked_sub(backdate).unwrap_or(now);
        Ok(Self {
            not_before,
            not_after,
        })
    }

    /// Writes the Validity SEQUENCE.
    #[must_use]
    pub fn to_der(self) -> Vec<u8> {
        der::sequence(&[der::time(self.not_before), der::time(self.not_after)])
    }
}

fn fit(
    wanted: OffsetDateTime,
    lifetime: Lifetime,
    issuer_not_after: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<OffsetDateTime, ValidityError> {
    if issuer_not_after <= now {
        return Err(ValidityError::IssuerEnded {
            not_after: issuer_not_after,
        });
    }
    match lifetime {
        Lifetime::Default(_) => Ok(wanted.min(issuer_not_after)),
        _ if wanted <= issuer_not_after => Ok(wanted),
        _ => Err(ValidityError::OutlivesIssuer {
            not_after: wanted,
            issuer_not_after,
            longest: issuer_not_after - now,
        }),
    }
}

/// A time as it is written everywhere: RFC 3339, UTC, whole seconds.
#[must_use]
pub fn rfc3339(time: OffsetDateTime) -> String {
    let utc = whole_second(time);
    // Only years beyond 9999 have no such form, and none gets here.
    utc.format(&Rfc3339).unwrap_or_else(|_| utc.to_string())
}

/// The finest step that both forms of Time can encode, in UTC.
fn whole_second(time: OffsetDateTime) -> OffsetDateTime {
    time.to_offset(UtcOffset::UTC).truncate_to_second()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2030-01-01 00:00:00.75 UTC);
    const START: OffsetDateTime = datetime!(2030-01-01 00:00:00 UTC);
    const ISSUER: Validity = Validity {
        not_before: datetime!(2029-01-01 00:00 UTC),
        not_after: datetime!(2030-02-01 00:00 UTC),
    };

    #[test]
    fn plan() {
        let month = Duration::days(31);
        let late = month + Duration::SECOND;
        let outlives = ValidityError::OutlivesIssuer {
            not_after: ISSUER.not_after + Duration::SECOND,
            issuer_not_after: ISSUER.not_after,
            longest: month,
        };
        for (name, lifetime, expected) in [
            (
                "one second",
                Lifetime::For(Duration::SECOND),
                Ok(START + Duration::SECOND),
            ),
            (
                "ends with issuer",
                Lifetime::For(month),
                Ok(ISSUER.not_after),
            ),
            ("asked for too much", Lifetime::For(late), Err(outlives)),
            (
                "until too late",
                Lifetime::Until(START + late),
                Err(outlives),
            ),
            (
                "default is shortened",
                Lifetime::Default(late),
                Ok(ISSUER.not_after),
            ),
            (
                "nothing",
                Lifetime::For(Duration::ZERO),
                Err(ValidityError::Ended { not_after: START }),
            ),
            (
                "other zone",
                Lifetime::Until(datetime!(2030-01-02 01:00 +1)),
                Ok(START + Duration::DAY),
            ),
        ] {
            let found = Validity::plan(lifetime, Duration::MINUTE, Some(ISSUER), NOW);
            assert_eq!(found.map(|validity| validity.not_after), expected, "{name}");
            if let Ok(validity) = found {
                assert_eq!(validity.not_before, START - Duration::MINUTE, "{name}");
            }
        }
    }

    #[test]
    fn limits() {
        let root = |lifetime| Validity::plan(lifetime, Duration::ZERO, None, NOW);
        assert_eq!(
            root(Lifetime::For(Duration::days(365 * 9000))),
            Err(ValidityError::TooLate)
        );
        let long = NOW.truncate_to_second() + MAX_LIFE;
        let too_long = ValidityError::TooLong {
            not_after: long + Duration::SECOND,
        };
        assert!(root(Lifetime::For(MAX_LIFE)).is_ok());
        assert!(root(Lifetime::Until(long)).is_ok());
        assert!(root(Lifetime::Default(MAX_LIFE * 2)).is_ok());
        assert_eq!(
            root(Lifetime::Until(long + Duration::SECOND)),
            Err(too_long)
        );
        assert_eq!(
            root(Lifetime::For(Duration::MAX)),
            Err(ValidityError::TooLate)
        );
        let ended = Validity {
            not_after: START,
            ..ISSUER
        };
        assert_eq!(
            Validity::plan(
                Lifetime::Default(Duration::DAY),
                Duration::ZERO,
                Some(ended),
                NOW
            ),
            Err(ValidityError::IssuerEnded { not_after: START })
        );
    }
}
