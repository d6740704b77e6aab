//! Numbers of transactions and certificates that machines give without asking each other.
//!
//! A number holds a logical time, which is later than all that its machine had seen, and the machine's own number:
//! it is given once, and who builds on another's transaction has the greater one. Below [`SHARED`] are those of a
//! ledger that was one machine's, as they are kept where it comes to be shared.

/// Transactions of shared ledgers have greater numbers; JSON holds all of them exactly (2^53).
const SHARED: i64 = 1 << 52;
/// Bits of a machine's number
const WRITER_BITS: u32 = 20;
/// Bits of a certificate's place within one logical time
const PLACE_BITS: u32 = 12;

/// How many machines can join a ledger, in all of its life.
pub(in crate::store) const MAX_WRITERS: i64 = (1 << WRITER_BITS) - 1;

/// A machine's number, from random octets; it is not 0.
#[cfg(feature = "ledger-postgres")]
pub(in crate::store) fn any(octets: [u8; 8]) -> i64 {
    i64::from_be_bytes(octets).rem_euclid(MAX_WRITERS) + 1
}

/// The logical time of a transaction.
fn time(transaction: i64) -> i64 {
    match transaction >= SHARED {
        true => (transaction - SHARED) >> WRITER_BITS,
        false => 0,
    }
}

/// The machine whose transaction it is; 0 for what was there before the ledger was shared.
pub(in crate::store) fn writer(transaction: i64) -> i64 {
    match transaction >= SHARED {
        true => transaction & MAX_WRITERS,
        false => 0,
    }
}

/// The number of a machine's transaction that comes after these transactions and this certificate.
pub(in crate::store) fn next(
    writer: i64,
    seen: impl IntoIterator<Item = i64>,
    certificate: i64,
) -> i64 {
    let recorded = certificate >> (WRITER_BITS + PLACE_BITS);
    let last = seen.into_iter().map(time).fold(recorded, i64::max);
    SHARED | ((last + 1) << WRITER_BITS) | writer
}

/// A number beyond all times that a transaction's certificates may have taken.
pub(in crate::store) fn later(transaction: i64) -> i64 {
    /// A million certificates
    const TIMES: i64 = 256;
    match transaction >= SHARED {
        true => transaction + (TIMES << WRITER_BITS),
        false => transaction,
    }
}

/// Whether a transaction can have been given this number, with room for those that come after it.
pub(in crate::store) fn is_sound(transaction: i64) -> bool {
    transaction > 0 && time(transaction) < 1 << 30
}

/// The number of a transaction's certificate with this index: greater than those of all that it builds on.
pub(in crate::store) fn certificate(transaction: i64, index: i64) -> i64 {
    let time = time(transaction) + (index >> PLACE_BITS);
    let place = index & ((1 << PLACE_BITS) - 1);
    (((time << WRITER_BITS) | writer(transaction)) << PLACE_BITS) | place
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_given_once_and_grow() {
        let first = next(1, [], 0);
        let others = next(2, [], 0);
        assert_ne!(first, others);
        assert_eq!((writer(first), writer(others), writer(7)), (1, 2, 0));
        let after = next(2, [others, first], 0);
        assert!(after > first && after > others);
        // Ten thousand certificates take more than one logical time.
        let last = certificate(after, 10_000);
        assert!(
            last > certificate(after, 9_999) && certificate(after, 0) > certificate(first, 4_000)
        );
        let next = next(1, [after], last);
        assert!(certificate(next, 0) > last);
        assert!(next < 1 << 53);
    }

    #[test]
    fn what_one_machine_had_recorded_stays_below() {
        let first = next(1, [100_000], 2_000_000);
        assert!(first > 100_000 && certificate(first, 0) > 2_000_000);
    }
}
