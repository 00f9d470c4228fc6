//! The graph as SVG: pools as boxes from left to right, moves as lines between them.
//!
//! Gains and losses are listed inside the box of their pool, so that lines show only moves and rings. All coordinates are whole pixels in the
//! order of the graph, so the same plan gives the same picture.

mod draw;
mod layers;
mod layout;
mod matrix;
mod shapes;

use maud::{Markup, PreEscaped, html};

use self::layout::lay_out;
use self::shapes::{Drawing, drawing};
use super::labels;
use super::{PlanGraph, TenantGraph};
use crate::report::escape::Text;
use crate::report::format::pluralize;

/// The style for light and dark themes; a standalone picture contains it, and a page includes it in its own style.
pub const STYLE: &str = include_str!("style.css");

/// The width after which unconnected figures continue below.
const ROW_WIDTH: i32 = 1080;
/// The widths that a page may shrink to fit.
const FIT: std::ops::Range<i32> = 736..1400;
/// The maximum number of classes per tenant in the text description.
const DESCRIBED_MAX: usize = 40;
/// The gap between figures.
const GAP: i32 = 24;
/// The height of a tenant's name, and of a line below it.
const HEAD: i32 = 30;
const RING_LINE: i32 = 20;
const MARGIN: i32 = 12;

/// Returns a standalone picture.
pub fn standalone(graph: &PlanGraph<'_>) -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}\n", picture(graph, Some(STYLE)).into_string())
}

/// Returns a picture for a page whose style includes [`STYLE`].
pub(crate) fn inline(graph: &PlanGraph<'_>) -> Markup {
    picture(graph, None)
}

fn picture(graph: &PlanGraph<'_>, style: Option<&str>) -> Markup {
    let (mut width, mut height) = (320, MARGIN);
    let mut tenants = Vec::new();
    for tenant in &graph.tenants {
        let drawn = draw_tenant(graph, tenant, height);
        width = width.max(drawn.right + MARGIN);
        height = drawn.bottom;
        tenants.push(drawn.picture);
    }
    if graph.is_empty() {
        tenants.push(html! { text.g-tenant x=(MARGIN) y=(height + 20) { "Nothing to do" } "\n" });
        height += HEAD + MARGIN;
    }
    // A slightly wide picture shrinks to the page; a wider one would become unreadable, so it scrolls.
    let fit = if FIT.contains(&width) { " g-fit" } else { "" };
    html! {
        svg xmlns="http://www.w3.org/2000/svg" class={ "graph" (fit) } width=(width) height=(height)
            viewBox={ "0 0 " (width) " " (height) } role="img" aria-labelledby="graph-title graph-text" {
            "\n"
            title #graph-title { "Graph of " (Text(labels::title(graph))) }
            "\n"
            desc #graph-text { (Text(description(graph))) }
            "\n"
            @if let Some(style) = style {
                style { "\n" (PreEscaped(style)) }
                "\n"
                rect.g-ground width=(width) height=(height) {}
                "\n"
            }
            @for tenant in tenants { (tenant) }
        }
    }
}

/// The drawing of one tenant, and how far it extends.
struct TenantPicture {
    picture: Markup,
    right: i32,
    bottom: i32,
}

/// Draws one tenant below `y`.
fn draw_tenant(graph: &PlanGraph<'_>, tenant: &TenantGraph<'_>, y: i32) -> TenantPicture {
    let name_y = y + 18;
    let rings = (0..tenant.rings.len()).zip(1..);
    let mut top = name_y + HEAD - 18 + RING_LINE * i32::try_from(tenant.rings.len()).unwrap_or(0);
    let Drawing { figures, matrices, left_out } = drawing(tenant, graph.is_folded);
    let (mut x, mut row_height, mut right) = (MARGIN, 0, 0);
    let mut parts = Vec::new();
    for figure in &figures {
        let layout = lay_out(figure);
        if x > MARGIN && x + layout.width > ROW_WIDTH {
            top += row_height + GAP;
            (x, row_height) = (MARGIN, 0);
        }
        parts.push(html! {
            g transform={ "translate(" (x) " " (top) ")" } { "\n" (draw::draw_figure(figure, &layout)) }
        });
        right = right.max(x + layout.width);
        row_height = row_height.max(layout.height);
        x += layout.width + GAP;
    }
    top += row_height;
    for matrix in &matrices {
        let (width, height) = matrix.size();
        top += GAP;
        parts.push(matrix.draw(MARGIN, top));
        right = right.max(MARGIN + width);
        top += height;
    }
    if left_out > 0 {
        top += RING_LINE;
        let more = pluralize(left_out, "more pool or change is", "more pools and changes are");
        parts.push(html! { text.g-note x=(MARGIN) y=(top) { (more) " not drawn" } });
    }
    let picture = html! {
        text.g-tenant x=(MARGIN) y=(name_y) { (Text(tenant.name)) }
        "\n"
        @for (ring, line) in rings {
            text.g-ring x=(MARGIN) y=(name_y + line * RING_LINE) { "⟳ " (Text(labels::ring_label(tenant, ring))) }
            "\n"
        }
        @for part in parts { (part) "\n" }
    };
    TenantPicture { picture, right, bottom: top + GAP }
}

/// Returns a text description for screen readers.
fn description(graph: &PlanGraph<'_>) -> String {
    let mut sentences = Vec::new();
    for tenant in &graph.tenants {
        let name = |pool: usize| tenant.pools[pool].license;
        for class in tenant.classes.iter().take(DESCRIBED_MAX) {
            let direction = match (class.from, class.to) {
                (Some(from), Some(to)) => format!(" from {} to {}", name(from), name(to)),
                (Some(one), None) | (None, Some(one)) => format!(" of {}", name(one)),
                (None, None) => String::new(),
            };
            sentences.push(format!("{}: {}{direction}.", tenant.name, labels::class_label(class)));
        }
        let rings = 0..tenant.rings.len();
        sentences.extend(rings.map(|ring| format!("{}: {}.", tenant.name, labels::ring_label(tenant, ring))));
    }
    sentences.join(" ")
}
