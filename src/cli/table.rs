//! Tables of any length, without lines: measured first, then printed piece by piece.

use comfy_table::{ColumnConstraint, Row, Table, Width, presets::NOTHING};

/// The widths of a table whose rows are not kept.
#[derive(Debug)]
pub(crate) struct Columns {
    header: Vec<&'static str>,
    widths: Vec<u16>,
}

/// Blanks between two columns.
const GAP: u16 = 2;

/// A column that is cut keeps at least this width.
const NARROWEST: u16 = 12;

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
            let needed = u16::try_from(cell.as_ref().chars().count()).unwrap_or(u16::MAX);
            *width = needed.max(*width);
        }
    }

    /// Cuts the last column so that a line fits into `width`.
    pub(crate) fn fit(&mut self, width: u16) {
        if let Some((last, others)) = self.widths.split_last_mut() {
            let taken = others.iter().map(|width| width + GAP).sum();
            *last = width.saturating_sub(taken).max(NARROWEST).min(*last);
        }
    }

    pub(crate) fn header(&self) -> String {
        self.lines([&self.header]).concat()
    }

    /// One line for each row.
    pub(crate) fn lines<T: ToString>(
        &self,
        rows: impl IntoIterator<Item = impl IntoIterator<Item = T>>,
    ) -> Vec<String> {
        let mut table = Table::new();
        table.load_style(NOTHING);
        for row in rows {
            let mut row = Row::from(row);
            row.max_height(1);
            table.add_row(row);
        }
        for (column, width) in table.column_iter_mut().zip(&self.widths) {
            column.set_padding((0, GAP));
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width + GAP)));
        }
        let trimmed = |line: String| line.trim_end().to_owned();
        table.lines().map(trimmed).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
