//! The timeline: how long each thing still lives, CA by CA. What there is much of is one bar a month.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use time::OffsetDateTime;

use super::{CRL, Item, Overview, State, date, left, month};

/// A CA with more entries shows their months.
const MOST_BARS: usize = 12;

/// Bars of one CA; what ends later is one more.
const MOST_MONTHS: usize = 18;

/// CAs that are shown; hundreds of them are listed in the tree.
const MOST_LANES: usize = 12;

/// Width of a bar that ends in twenty years or later, in the drawing's own units.
const WIDTH: f64 = 1000.0;

/// What is over is a mark at the edge.
const SHORTEST: f64 = 6.0;

/// All CAs, each with what it has signed.
#[derive(Serialize)]
pub(super) struct Lanes {
    lanes: Vec<Lane>,
    /// How many CAs are not shown
    more: usize,
}

#[derive(Serialize)]
struct Lane {
    name: String,
    bars: Vec<Bar>,
}

#[derive(Serialize)]
struct Bar {
    label: String,
    kind: &'static str,
    /// Of the drawing
    width: f64,
    state: State,
    ends: String,
    left: String,
}

pub(super) fn lanes(overview: &Overview) -> Lanes {
    let mut below: HashMap<Option<&str>, Vec<&Item>> = HashMap::new();
    for entry in &overview.entries {
        below
            .entry(entry.issuer.as_deref())
            .or_default()
            .push(entry);
    }
    let of_authorities = overview.authorities.iter().map(|authority| {
        let mut bars = vec![bar(authority, "CA", overview.now)];
        let crls = overview.crls.iter();
        let crls = crls.filter(|it| it.issuer.as_ref() == Some(&authority.name));
        bars.extend(crls.map(|crl| Bar {
            label: format!("{CRL} {}", crl.name),
            ..bar(crl, CRL, overview.now)
        }));
        let entries = below
            .remove(&Some(authority.name.as_str()))
            .unwrap_or_default();
        bars.extend(of_entries(entries, overview.now));
        Lane {
            name: authority.name.clone(),
            bars,
        }
    });
    let mut lanes: Vec<_> = of_authorities.collect();
    let others: Vec<_> = below.into_values().flatten().collect();
    if !others.is_empty() {
        let bars = of_entries(others, overview.now);
        lanes.push(Lane {
            name: String::from("signed by themselves, or by CAs elsewhere"),
            bars,
        });
    }
    let more = lanes.len().saturating_sub(MOST_LANES);
    lanes.truncate(MOST_LANES);
    Lanes { lanes, more }
}

fn of_entries(mut entries: Vec<&Item>, now: OffsetDateTime) -> Vec<Bar> {
    entries.sort_by_key(|it| it.ends);
    if entries.len() <= MOST_BARS {
        return entries
            .into_iter()
            .map(|it| bar(it, it.kind, now))
            .collect();
    }
    let mut months: BTreeMap<String, Vec<&Item>> = BTreeMap::new();
    for entry in entries {
        months.entry(month(entry.ends)).or_default().push(entry);
    }
    let count = months.len();
    let mut bars: Vec<_> = months
        .into_values()
        .map(|entries| of_month(&entries, now))
        .collect();
    if count > MOST_MONTHS {
        let later = bars.split_off(MOST_MONTHS - 1).len();
        let label = format!("{later} more months");
        let bar = Bar {
            label,
            kind: "later",
            width: WIDTH,
            state: State::Good,
            ends: String::from("later"),
            left: String::new(),
        };
        bars.push(bar);
    }
    bars
}

/// What ends in one month, as the first of it does.
fn of_month(entries: &[&Item], now: OffsetDateTime) -> Bar {
    let first = entries[0];
    let plural = if entries.len() == 1 {
        "entry"
    } else {
        "entries"
    };
    let worst = entries.iter().map(|it| it.state).min();
    Bar {
        label: format!("{} {plural}", entries.len()),
        state: worst.unwrap_or(State::Good),
        ends: month(first.ends),
        ..bar(first, "from", now)
    }
}

fn bar(item: &Item, kind: &'static str, now: OffsetDateTime) -> Bar {
    Bar {
        label: item.name.clone(),
        kind,
        width: width(item.ends, now),
        state: item.state,
        ends: date(item.ends),
        left: left(item.ends, now),
    }
}

/// Days count less the farther away they are: a week is seen, and so are twenty years.
fn width(ends: OffsetDateTime, now: OffsetDateTime) -> f64 {
    const UNIT: f64 = 30.0;
    const LONGEST: f64 = 7300.0;
    let days = (ends - now).as_seconds_f64() / 86_400.0;
    let scaled = |days: f64| (days / UNIT).ln_1p();
    let share = scaled(days.clamp(0.0, LONGEST)) / scaled(LONGEST);
    (share * WIDTH).round().max(SHORTEST)
}

#[cfg(test)]
mod tests {
    use time::{Duration, macros::datetime};

    use super::*;

    /// The ticks of the style sheet stand where the bars end.
    #[test]
    fn ticks_stand_where_bars_end() {
        let now = datetime!(2030-01-01 00:00 UTC);
        let style = super::super::TEMPLATE;
        for (days, tick) in [
            (7, "3.8%"),
            (30, "12.6%"),
            (90, "25.2%"),
            (365, "46.9%"),
            (1095, "65.9%"),
            (3650, "87.5%"),
        ] {
            let share = width(now + Duration::days(days), now) / 10.0;
            assert_eq!(format!("{share:.1}%"), tick);
            assert!(style.contains(tick), "{tick}");
        }
        assert!(width(now - Duration::days(1), now) > 0.0);
        assert!((width(now + Duration::days(99_999), now) - WIDTH).abs() < 1.0);
    }
}
