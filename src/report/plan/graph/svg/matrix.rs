//! Pools with too many moves for lines, as a table of sources and targets.

use maud::{Markup, html};

use super::super::labels::truncate;
use super::super::{ChangeClass, ClassKind, TenantGraph};
use crate::report::escape::Text;

/// The maximum number of pools per side.
const SIDE_MAX: usize = 40;
/// The number of columns after which a name is truncated.
const NAME_COLUMNS: usize = 22;
const CELL: [i32; 2] = [54, 24];

/// Pools and the moves between them.
pub(super) struct FlowMatrix {
    /// Truncated and full licenses.
    names: Vec<(String, String)>,
    /// By row: the number of people, and the most critical kind.
    cells: Vec<Vec<Option<(usize, ClassKind)>>>,
}

impl FlowMatrix {
    /// Returns the matrix of those pools, and how many pools it leaves out.
    pub(super) fn new(tenant: &TenantGraph<'_>, pools: &[usize], flows: &[&ChangeClass<'_>]) -> (Self, usize) {
        let drawn = &pools[..pools.len().min(SIDE_MAX)];
        let name = |pool: &usize| {
            let license = tenant.pools[*pool].license;
            (truncate(license, NAME_COLUMNS), license.to_owned())
        };
        let mut cells = vec![vec![None; drawn.len()]; drawn.len()];
        for class in flows {
            let indexes = class.endpoints().map(|(from, to)| (drawn.binary_search(&from), drawn.binary_search(&to)));
            let Some((Ok(from), Ok(to))) = indexes else { continue };
            let (number, kind) = cells[from][to].unwrap_or((0, class.kind));
            cells[from][to] = Some((number + class.members.len(), kind.min(class.kind)));
        }
        (Self { names: drawn.iter().map(name).collect(), cells }, pools.len() - drawn.len())
    }

    fn name_width(&self) -> i32 {
        let longest = self.names.iter().map(|(shown, _)| shown.chars().count()).max().unwrap_or(0);
        i32::try_from(longest).unwrap_or(0) * 8 + 16
    }

    /// Returns the height of the slanted names above the table.
    fn header_height(&self) -> i32 {
        self.name_width() * 7 / 10 + 12
    }

    /// Returns width and height in pixels.
    pub(super) fn size(&self) -> (i32, i32) {
        let side = i32::try_from(self.names.len()).unwrap_or(0);
        (self.name_width() + side * CELL[0] + 80, self.header_height() + side * CELL[1])
    }

    /// Draws the matrix with its upper left corner at `x`, `y`.
    pub(super) fn draw(&self, x: i32, y: i32) -> Markup {
        let (left, top) = (x + self.name_width(), y + self.header_height());
        let most = self.cells.iter().flatten().flatten().map(|(number, _)| *number).max().unwrap_or(1).max(1);
        let rows = self.names.iter().zip(&self.cells).zip(0..);
        html! {
            g.g-matrix {
                text.g-note x=(x) y=(top - 8) { "from ↓ to →" }
                @for (((shown, full), cells), row) in rows {
                    @let row_top = top + row * CELL[1];
                    "\n"
                    text x=(x) y=(row_top + 16) { title { (Text(full)) } (Text(shown)) }
                    text transform={ "translate(" (left + row * CELL[0] + CELL[0] / 2) " " (top - 8) ") rotate(-45)" } {
                        title { (Text(full)) } (Text(shown))
                    }
                    @for (cell, column) in cells.iter().zip(0..) { (draw_cell(*cell, most, left + column * CELL[0], row_top)) }
                }
            }
        }
    }
}

fn draw_cell(cell: Option<(usize, ClassKind)>, most: usize, x: i32, y: i32) -> Markup {
    let [width, height] = CELL.map(|side| side - 2);
    html! {
        rect.g-cell x=(x) y=(y) width=(width) height=(height) {}
        @if let Some((number, kind)) = cell {
            // Even the smallest number must stay visible.
            rect class={ "g-fill-" (kind.style_name()) } x=(x) y=(y) width=(width) height=(height)
                fill-opacity={ "." (10 + 30 * number / most) } {}
            text text-anchor="middle" x=(x + CELL[0] / 2) y=(y + 16) { (number) }
        }
    }
}
