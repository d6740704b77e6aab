//! What certificates are like where nobody asks for something else.

use time::Duration;

/// Of entries: a year.
pub const LEAF_LIFETIME: Duration = Duration::days(365);

/// Of intermediates: five years, so that two follow each other below one root.
pub const INTERMEDIATE_LIFETIME: Duration = Duration::days(1825);

/// Of roots: ten years, longer than any certificate below it, shorter than the life of an algorithm.
pub const ROOT_LIFETIME: Duration = Duration::days(3650);

/// How far before its signature a certificate begins, for peers whose clock is behind.
pub const BACKDATE: Duration = Duration::minutes(5);

/// Of CRLs, until the next one.
pub const CRL_LIFE: Duration = Duration::days(30);
