//! Tables without lines: small ones in one piece; long ones measured first, then printed piece by piece.

use comfy_table::{ColumnConstraint, ContentArrangement, Row, Table, Width, presets::NOTHING};

use crate::pki::name::visible;

/// Blanks between two columns.
const GAP: u16 = 2;

/// A column that is cut keeps at least this width.
const NARROWEST: u16 = 12;

/// Rows of cells, each column as wide as its widest cell; an empty label continues the row above.
pub(crate) fn aligned(rows: impl IntoIterator<Item = impl Into<Row>>) -> String {
    wrapped(rows, None)
}

/// The same, with long cells in several lines where lines have a `width`; the first column stays whole.
pub(crate) fn wrapped(
    rows: impl IntoIterator<Item = impl Into<Row>>,
    width: Option<u16>,
) -> String {
    let mut table = Table::new();
    table.set_content_arrangement(match width {
        Some(_) => ContentArrangement::Dynamic,
        None => ContentArrangement::Disabled,
    });
    if let Some(width) = width {
        table.set_width(width);
    }
    table.add_rows(rows.into_iter().map(|row| shown(&row.into())));
    if let Some(names) = table.column_mut(0) {
        names.set_constraint(ColumnConstraint::ContentWidth);
    }
    printed(table).map(|line| line + "\n").collect()
}

/// A row of whose cells none begins a line, whatever somebody wrote into a certificate or the ledger.
fn shown(row: &Row) -> Row {
    row.cell_iter()
        .map(|cell| visible(&cell.content()).into_owned())
        .collect::<Vec<_>>()
        .into()
}

/// The lines of a table, without anything around its columns but the gaps between them.
fn printed(mut table: Table) -> impl Iterator<Item = String> {
    table.load_style(NOTHING);
    for column in table.column_iter_mut() {
        column.set_padding((0, GAP));
    }
    let lines: Vec<_> = table.lines().collect();
    lines.into_iter().map(|line| line.trim_end().to_owned())
}

/// The widths of a table whose rows are not kept.
#[derive(Debug)]
pub(crate) struct Columns {
    header: Vec<&'static str>,
    widths: Vec<u16>,
}

impl Columns {
    pub(crate) fn new(header: &[&'static str]) -> Self {
        let mut columns = Self {
            header: header.to_vec(),
            widths: vec![0; header.len()],
        };
        columns.measure(header);
        columns
    }

    /// Makes the columns wide enough for a row.
    pub(crate) fn measure(&mut self, row: &[impl AsRef<str>]) {
        for (width, cell) in self.widths.iter_mut().zip(row) {
            let characters = visible(cell.as_ref()).chars().count();
            let needed = u16::try_from(characters).unwrap_or(u16::MAX);
            *width = needed.max(*width);
        }
    }

    /// Cuts the last column so that a line fits into `width`.
    pub(crate) fn fit(&mut self, width: u16) {
        if let Some((last, others)) = self.widths.split_last_mut() {
            let add = |taken: u16, width: &u16| taken.saturating_add(*width).saturating_add(GAP);
            let taken = others.iter().fold(0, add);
            *last = width.saturating_sub(taken).max(NARROWEST).min(*last);
        }
    }

    pub(crate) fn header(&self) -> String {
        self.lines([&self.header]).concat()
    }

    /// One line for each row.
    pub(crate) fn lines<T: AsRef<str>>(
        &self,
        rows: impl IntoIterator<Item = impl IntoIterator<Item = T>>,
    ) -> Vec<String> {
        let mut table = Table::new();
        for row in rows {
            let row = row
                .into_iter()
                .map(|cell| visible(cell.as_ref()).into_owned());
            let mut row = Row::from(row);
            row.max_height(1);
            table.add_row(row);
        }
        for (column, width) in table.column_iter_mut().zip(&self.widths) {
            let width = width.saturating_add(GAP);
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
        }
        printed(table).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        for (rows, expected) in [
            (&[][..], ""),
            (
                &[["  names", "a"], ["  ", "bc"]],
                "  names  a\n         bc\n",
            ),
            (
                &[["größe", "東京"], ["x", ""], ["東京", "y"]],
                "größe  東京\nx\n東京   y\n",
            ),
        ] {
            assert_eq!(aligned(rows.to_vec()), expected);
        }
    }

    #[test]
    fn only_the_last_column_is_cut() {
        let rows = [["node1", "DNS:node1, DNS:node1.db.internal"], ["a", ""]];
        let mut columns = Columns::new(&["NAME", "NAMES"]);
        for row in &rows {
            columns.measure(row);
        }
        let whole = ["node1  DNS:node1, DNS:node1.db.internal", "a"];
        assert_eq!(columns.header(), "NAME   NAMES");
        assert_eq!(columns.lines(rows), whole);
        for (width, expected) in [
            (100, whole[0]),
            (39, whole[0]),
            (38, "node1  DNS:node1,…"),
            (3, "node1  DNS:node1,…"),
        ] {
            columns.fit(width);
            assert_eq!(columns.lines(rows)[0], expected, "{width}");
        }
    }

    #[test]
    fn no_width_is_too_much() {
        let mut columns = Columns::new(&["NAME", "NAMES"]);
        columns.measure(&["a".repeat(70_000), String::from("DNS:node1.db.internal")]);
        columns.fit(80);
        let widths = [u16::MAX, NARROWEST];
        assert_eq!(columns.widths, widths);
        assert!(columns.header().starts_with("NAME "));
    }
}
