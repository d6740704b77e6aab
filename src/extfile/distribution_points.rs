//! Where CRLs are served (RFC 5280 §4.2.1.13 and §4.2.1.15).

use super::{
    directory_name,
    general_names::{Purpose, general_name, general_names_of},
    mistakes::{Mistakes, all},
    request::{Request, read_list},
    text::{Item, Word},
    usage::{bit, unknown},
};
use crate::pki::der::{self, tag};

const REASONS: [(u8, &str, &str); 9] = [
    (0, "unused", "Unused"),
    (1, "keyCompromise", "Key Compromise"),
    (2, "CACompromise", "CA Compromise"),
    (3, "affiliationChanged", "Affiliation Changed"),
    (4, "superseded", "Superseded"),
    (5, "cessationOfOperation", "Cessation Of Operation"),
    (6, "certificateHold", "Certificate Hold"),
    (7, "privilegeWithdrawn", "Privilege Withdrawn"),
    (8, "AACompromise", "AA Compromise"),
];

/// `crlDistributionPoints`, `freshestCRL`: names, each a point of its own, or names of sections.
pub(super) fn distribution_points<'a>(
    request: &Request<'a>,
    items: &[Item<'a>],
) -> Result<Vec<u8>, Mistakes> {
    let points = items.iter().map(|item| {
        if item.value.is_none() {
            return from_section(request, item.name);
        }
        let name = general_name(request, item, Purpose::Name)?;
        let full_name = der::tlv(tag::context_constructed(0), &name.to_der());
        let name = der::tlv(tag::context_constructed(0), &full_name);
        Ok(der::sequence(&[name]))
    });
    Ok(der::sequence(&all(points)?))
}

/// The parts of a `DistributionPoint`, in their order.
#[derive(Default)]
struct Point {
    name: Option<Vec<u8>>,
    reasons: Option<Vec<u8>>,
    issuer: Option<Vec<u8>>,
}

fn from_section<'a>(request: &Request<'a>, section: Word<'a>) -> Result<Vec<u8>, Mistakes> {
    let mut point = Point::default();
    let items = request.section(section)?;
    all(items.iter().map(|item| point.read(request, item)))?;
    if point.name.is_none() && point.issuer.is_none() {
        let message = format!("[{section}] has neither `fullname`, `relativename` nor `CRLissuer`");
        return Err(request.absence(section.mistake(message)));
    }
    let name = point
        .name
        .map(|name| der::tlv(tag::context_constructed(0), &name));
    let parts: Vec<_> = [name, point.reasons, point.issuer]
        .into_iter()
        .flatten()
        .collect();
    Ok(der::sequence(&parts))
}

impl Point {
    fn read<'a>(&mut self, request: &Request<'a>, item: &Item<'a>) -> Result<(), Mistakes> {
        let value = item.value()?;
        match item.name.as_str() {
            name @ ("fullname" | "relativename") => {
                if self.name.is_some() {
                    let message = "a distribution point has one name; this is the second";
                    return Err(item.name.mistake(message).into());
                }
                self.name = Some(match name {
                    "relativename" => relative_name(request, value)?,
                    _ => names(request, value, 0)?,
                });
            }
            "reasons" => {
                let bits = read_list(value, |items| {
                    all(items
                        .iter()
                        .map(|item| Ok(1 << bit(item.name, &REASONS)?.0)))
                })?;
                let bits = bits.into_iter().fold(0, |all, bit: u16| all | bit);
                let mut reasons = der::named_bits(bits);
                reasons[0] = tag::context(1);
                self.reasons = Some(reasons);
            }
            "CRLissuer" => self.issuer = Some(names(request, value, 2)?),
            _ => {
                let known = ["CRLissuer", "fullname", "reasons", "relativename"];
                return Err(unknown(item.name, &known).into());
            }
        }
        Ok(())
    }
}

fn names<'a>(request: &Request<'a>, word: Word<'a>, number: u8) -> Result<Vec<u8>, Mistakes> {
    let names = general_names_of(request, word)?;
    Ok(der::constructed(tag::context_constructed(number), &names))
}

/// `nameRelativeToCRLIssuer`: a single RDN.
fn relative_name<'a>(request: &Request<'a>, section: Word<'a>) -> Result<Vec<u8>, Mistakes> {
    match directory_name::relative_names(request, section)?.as_slice() {
        [rdn] => {
            let mut set = der::set_of(rdn);
            set[0] = tag::context_constructed(1);
            Ok(set)
        }
        _ => Err(section
            .mistake(format!("[{section}] holds more than one relative name"))
            .hint("begin the name of each further attribute with `+`")
            .into()),
    }
}
