//! Pools between which very much moves: lines would be a tangle, so that what moves stands in a table of from and to.

use std::fmt::Write as _;

use super::super::{ChangeClass, ClassKind, TenantGraph};
use super::shapes::truncate;
use crate::report::escape::push_markup;

/// Most pools on either side.
const SIDE_MAX: usize = 40;
/// Columns of a name after which it is cut.
const NAME_COLUMNS: usize = 22;
const CELL: [i32; 2] = [54, 24];
/// Pools and what moves between them.
pub(super) struct FlowMatrix {
    /// Their licenses, cut to fit, with the whole ones.
    names: Vec<(String, String)>,
    /// Row by row: how many, and the most worrying kind of them.
    cells: Vec<Vec<Option<(usize, ClassKind)>>>,
}

impl FlowMatrix {
    /// The matrix of those pools, and how many of them it leaves out.
    pub(super) fn new(tenant: &TenantGraph<'_>, pools: &[usize], flows: &[&ChangeClass<'_>]) -> (Self, usize) {
        let drawn = &pools[..pools.len().min(SIDE_MAX)];
        let name = |pool: &usize| {
            let license = tenant.pools[*pool].license;
            (truncate(license, NAME_COLUMNS), license.to_owned())
        };
        let mut cells = vec![vec![None; drawn.len()]; drawn.len()];
        for class in flows {
            let places = class.endpoints().map(|(from, to)| (drawn.binary_search(&from), drawn.binary_search(&to)));
            let Some((Ok(from), Ok(to))) = places else { continue };
            let (number, kind) = cells[from][to].unwrap_or((0, class.kind));
            cells[from][to] = Some((number + class.members.len(), kind.min(class.kind)));
        }
        (Self { names: drawn.iter().map(name).collect(), cells }, pools.len() - drawn.len())
    }

    fn name_width(&self) -> i32 {
        let longest = self.names.iter().map(|(shown, _)| shown.chars().count()).max().unwrap_or(0);
        i32::try_from(longest).unwrap_or(0) * 8 + 16
    }

    /// How far the names above the table reach up, slanted as they are.
    fn header_height(&self) -> i32 {
        self.name_width() * 7 / 10 + 12
    }

    /// Width and height in pixels.
    pub(super) fn size(&self) -> (i32, i32) {
        let side = i32::try_from(self.names.len()).unwrap_or(0);
        (self.name_width() + side * CELL[0] + 80, self.header_height() + side * CELL[1])
    }

    /// Draws it with its upper left corner there.
    pub(super) fn draw(&self, out: &mut String, x: i32, y: i32) {
        let left = x + self.name_width();
        let _ = writeln!(
            out,
            "<g class=\"g-matrix\"><text class=\"g-note\" x=\"{x}\" y=\"{}\">from ↓ to →</text>",
            y + self.header_height() - 8
        );
        let most = self.cells.iter().flatten().flatten().map(|(number, _)| *number).max().unwrap_or(1).max(1);
        for (row, (shown, whole)) in (0..).zip(&self.names) {
            let top = y + self.header_height() + row * CELL[1];
            let column = left + row * CELL[0] + CELL[0] / 2;
            let _ = write!(out, "<text x=\"{x}\" y=\"{}\"><title>", top + 16);
            push_markup(out, whole);
            out.push_str("</title>");
            push_markup(out, shown);
            let _ = write!(
                out,
                "</text><text transform=\"translate({column} {}) rotate(-45)\"><title>",
                y + self.header_height() - 8
            );
            push_markup(out, whole);
            out.push_str("</title>");
            push_markup(out, shown);
            out.push_str("</text>\n");
            for (place, cell) in (0..).zip(&self.cells[usize::try_from(row).unwrap_or(0)]) {
                let (cell_x, number_x) = (left + place * CELL[0], left + place * CELL[0] + CELL[0] / 2);
                let _ = write!(
                    out,
                    "<rect class=\"g-cell\" x=\"{cell_x}\" y=\"{top}\" width=\"{}\" height=\"{}\"/>",
                    CELL[0] - 2,
                    CELL[1] - 2
                );
                let Some((number, kind)) = cell else { continue };
                // The more, the fuller; one of very many is there to be seen all the same.
                let tenths = 10 + 30 * number / most;
                let _ = write!(
                    out,
                    "<rect class=\"g-fill-{}\" x=\"{cell_x}\" y=\"{top}\" width=\"{}\" height=\"{}\" fill-opacity=\".{tenths}\"/>\
                     <text text-anchor=\"middle\" x=\"{number_x}\" y=\"{}\">{number}</text>",
                    kind.style_name(),
                    CELL[0] - 2,
                    CELL[1] - 2,
                    top + 16
                );
            }
            out.push('\n');
        }
        out.push_str("</g>\n");
    }
}
