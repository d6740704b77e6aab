//! ECDSA on P-521 (FIPS 186-5 §6.4), which ring does not have.

use ::p521::ecdsa::{DerSignature, VerifyingKey, signature::hazmat::PrehashVerifier as _};
use ring::digest::{self, digest};

/// Whether the key, an uncompressed or compressed point (SEC 1 §2.3.3), signed `message`.
pub(super) fn holds(
    key: &[u8],
    hash: &'static digest::Algorithm,
    message: &[u8],
    signature: &[u8],
) -> bool {
    let key = VerifyingKey::from_sec1_bytes(key);
    let signature = DerSignature::from_bytes(signature);
    let (Ok(key), Ok(signature)) = (key, signature) else {
        return false;
    };
    let digest = digest(hash, message);
    key.verify_prehash(digest.as_ref(), &signature).is_ok()
}

#[cfg(test)]
mod tests {
    use ring::digest::{SHA256, SHA384, SHA512};

    use super::*;
    use crate::pki::der;

    fn octets(hexadecimal: &str) -> Vec<u8> {
        let digits: String = hexadecimal.split_whitespace().collect();
        (0..digits.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal digits"))
            .collect()
    }

    /// RFC 6979 appendix A.2.7; SHA-256 is shorter than half the field, which some libraries refuse.
    #[test]
    fn known_signatures_hold_and_no_others() {
        let key = octets(
            "04 01894550D0785932E00EAA23B694F213F8C3121F86DC97A04E5A7167DB4E5BCD371123D46E45DB6B5D5370A7F20FB633155D38FFA16D2BD761DCAC474B9A2F5023A4
             00493101C962CD4D2FDDF782285E64584139C2F91B47F87FF82354D6630F746A28A0DB25741B5B34A828008B22ACC23F924FAAFBD4D33F81EA66956DFEAA2BFDFCF5",
        );
        for (hash, r, s) in [
            (
                &SHA256,
                "01511BB4D675114FE266FC4372B87682BAECC01D3CC62CF2303C92B3526012659D16876E25C7C1E57648F23B73564D67F61C6F14D527D54972810421E7D87589E1A7",
                "004A171143A83163D6DF460AAF61522695F207A58B95C0644D87E52AA1A347916E4F7A72930B1BC06DBE22CE3F58264AFD23704CBB63B29B931F7DE6C9D949A7ECFC",
            ),
            (
                &SHA384,
                "01EA842A0E17D2DE4F92C15315C63DDF72685C18195C2BB95E572B9C5136CA4B4B576AD712A52BE9730627D16054BA40CC0B8D3FF035B12AE75168397F5D50C67451",
                "01F21A3CEE066E1961025FB048BD5FE2B7924D0CD797BABE0A83B66F1E35EEAF5FDE143FA85DC394A7DEE766523393784484BDF3E00114A1C857CDE1AA203DB65D61",
            ),
            (
                &SHA512,
                "00C328FAFCBD79DD77850370C46325D987CB525569FB63C5D3BC53950E6D4C5F174E25A1EE9017B5D450606ADD152B534931D7D4E8455CC91F9B15BF05EC36E377FA",
                "00617CCE7CF5064806C467F678D3B4080D6F1CC50AF26CA209417308281B68AF282623EAA63E5B5C0723D8B8C37FF0777B1A20F8CCB1DCCC43997F1EE0E44DA4A67A",
            ),
        ] {
            let signature = der::sequence(&[der::integer(&octets(r)), der::integer(&octets(s))]);
            let zero = der::sequence(&[der::integer(&[0]), der::integer(&octets(s))]);
            for (name, key, message, signature, expected) in [
                ("its own", &key[..], "sample", &signature[..], true),
                ("another message", &key, "simple", &signature, false),
                (
                    "another key's shape",
                    &key[1..],
                    "sample",
                    &signature,
                    false,
                ),
                ("r is 0", &key, "sample", &zero, false),
                (
                    "cut off",
                    &key,
                    "sample",
                    &signature[..signature.len() - 1],
                    false,
                ),
                ("nothing", &key, "sample", &[], false),
            ] {
                let found = holds(key, hash, message.as_bytes(), signature);
                assert_eq!(found, expected, "{hash:?}, {name}");
            }
        }
    }
}
