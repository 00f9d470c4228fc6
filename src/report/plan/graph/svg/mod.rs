//! The graph as SVG: pools as boxes from left to right, and between them what moves; laid out here, with no other program.
//!
//! What only enters or leaves a pool stands inside its box, so that lines are left to moves and to the rings they make.
//! Everything is a whole number of pixels and in the order of the graph, so that the same plan is the same picture.

mod draw;
mod layers;
mod layout;
mod matrix;
mod shapes;

use std::fmt::Write as _;

use self::layout::{FigureLayout, lay_out};
use self::shapes::{Drawing, Figure, drawing};
use super::labels;
use super::{PlanGraph, TenantGraph};
use crate::report::escape::{markup, push_markup};
use crate::report::format::pluralize;

/// How the picture looks, on light and on dark; for a picture of its own inside it, for a page in the page's style.
pub const STYLE: &str = include_str!("style.css");

/// Wider than this, figures that do not hang together go below each other.
const ROW_WIDTH: i32 = 1080;
/// Widths that a page may shrink to its own.
const FIT: std::ops::Range<i32> = 736..1400;
/// Most kinds of change of a tenant that are put in words.
const DESCRIBED_MAX: usize = 40;
/// Between figures.
const GAP: i32 = 24;
/// Above a tenant's figures: its name, and a line for each ring.
const HEAD: i32 = 30;
const RING_LINE: i32 = 20;
/// Around everything.
const MARGIN: i32 = 12;

/// A picture that stands alone.
pub fn standalone(graph: &PlanGraph<'_>) -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}\n", picture(graph, Some(STYLE)))
}

/// A picture inside a page that has [`STYLE`] in its own style.
pub fn inline(graph: &PlanGraph<'_>) -> String {
    picture(graph, None)
}

fn picture(graph: &PlanGraph<'_>, style: Option<&str>) -> String {
    let mut body = String::new();
    let (mut width, mut y) = (320, MARGIN);
    for tenant in &graph.tenants {
        let (right, below) = draw_tenant(&mut body, graph, tenant, y);
        width = width.max(right + MARGIN);
        y = below;
    }
    if graph.is_empty() {
        let _ = writeln!(body, "<text class=\"g-tenant\" x=\"{MARGIN}\" y=\"{}\">Nothing to do</text>", y + 20);
        y += HEAD + MARGIN;
    }
    // A little too wide for a page is made to fit; what would become too small to read is scrolled.
    let fit = if FIT.contains(&width) { " g-fit" } else { "" };
    let title = labels::title(graph);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"graph{fit}\" width=\"{width}\" height=\"{y}\" viewBox=\"0 0 {width} {y}\" \
         role=\"img\" aria-labelledby=\"graph-title graph-text\">\n<title id=\"graph-title\">Graph of {}</title>\n\
         <desc id=\"graph-text\">{}</desc>\n",
        markup(&title),
        markup(&description(graph)),
    );
    if let Some(style) = style {
        let _ = writeln!(text, "<style>\n{style}</style>\n<rect class=\"g-ground\" width=\"{width}\" height=\"{y}\"/>");
    }
    text.push_str(&body);
    text.push_str("</svg>");
    text
}

/// Draws one tenant below `y`; says how far it reaches to the right, and where the next one begins.
fn draw_tenant(body: &mut String, graph: &PlanGraph<'_>, tenant: &TenantGraph<'_>, y: i32) -> (i32, i32) {
    let mut top = y + 18;
    let _ = write!(body, "<text class=\"g-tenant\" x=\"{MARGIN}\" y=\"{top}\">");
    push_markup(body, tenant.name);
    body.push_str("</text>\n");
    for ring in 0..tenant.rings.len() {
        top += RING_LINE;
        let _ = write!(body, "<text class=\"g-ring\" x=\"{MARGIN}\" y=\"{top}\">⟳ ");
        push_markup(body, &labels::ring_label(tenant, ring));
        body.push_str("</text>\n");
    }
    top += HEAD - 18;
    let Drawing { figures, matrices, left_out } = drawing(tenant, graph.is_folded);
    let (mut x, mut row, mut right) = (MARGIN, 0, 0);
    for figure in &figures {
        let placed = lay_out(figure);
        if x > MARGIN && x + placed.width > ROW_WIDTH {
            top += row + GAP;
            (x, row) = (MARGIN, 0);
        }
        draw_figure_at(body, figure, &placed, x, top);
        right = right.max(x + placed.width);
        row = row.max(placed.height);
        x += placed.width + GAP;
    }
    top += row;
    for matrix in &matrices {
        let (width, height) = matrix.size();
        top += GAP;
        matrix.draw(body, MARGIN, top);
        right = right.max(MARGIN + width);
        top += height;
    }
    if left_out > 0 {
        top += RING_LINE;
        let more = pluralize(left_out, "more pool or change is", "more pools and changes are");
        let _ = writeln!(body, "<text class=\"g-note\" x=\"{MARGIN}\" y=\"{top}\">{more} not drawn</text>");
    }
    (right, top + GAP)
}

fn draw_figure_at(body: &mut String, figure: &Figure<'_>, placed: &FigureLayout, x: i32, y: i32) {
    let _ = writeln!(body, "<g transform=\"translate({x} {y})\">");
    draw::draw_figure(body, figure, placed);
    body.push_str("</g>\n");
}

/// The picture in words, for those who do not see it.
fn description(graph: &PlanGraph<'_>) -> String {
    let mut sentences = Vec::new();
    for tenant in &graph.tenants {
        let name = |pool: usize| tenant.pools[pool].license;
        for class in tenant.classes.iter().take(DESCRIBED_MAX) {
            let way = match (class.from, class.to) {
                (Some(from), Some(to)) => format!(" from {} to {}", name(from), name(to)),
                (Some(one), None) | (None, Some(one)) => format!(" of {}", name(one)),
                (None, None) => String::new(),
            };
            sentences.push(format!("{}: {}{way}.", tenant.name, labels::class_label(class)));
        }
        sentences.extend(
            (0..tenant.rings.len()).map(|ring| format!("{}: {}.", tenant.name, labels::ring_label(tenant, ring))),
        );
    }
    sentences.join(" ")
}
