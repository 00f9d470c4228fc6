//! Drawing of boxes and lines.

use std::fmt::Write as _;

use maud::{Markup, html};

use super::super::bars;
use super::layout::{FigureLayout, Point};
use super::shapes::{BoxNode, Figure, LINE, PADDING};
use crate::report::escape::Text;

/// Draws one figure: lines first, so that they end behind the boxes.
pub(super) fn draw_figure(figure: &Figure<'_>, layout: &FigureLayout) -> Markup {
    let flows = figure.flows.iter().zip(&layout.lines).zip(&layout.is_backward);
    html! {
        @for ((flow, [near, far]), is_backward) in flows {
            // The width grows from 1.5 to 4 pixels with the number of people.
            @let width = (15 + 8 * i32::try_from(flow.weight.max(1).ilog10()).unwrap_or(0)).min(40);
            g class={ "g-line g-line-" (flow.style) (ring_class(flow.in_ring)) } stroke-width={ (width / 10) "." (width % 10) } {
                path d=(curve(near)) {}
                path d=(curve(far)) {}
                // The arrow points at the pool that people enter.
                @let (tip, side) = if *is_backward { (near.first(), 1) } else { (far.last(), -1) };
                @if let Some((x, y)) = tip {
                    path.g-tip d={ "M" (x) " " (y) "L" (x + 9 * side) " " (y - 5) "V" (y + 5) "Z" } {}
                }
            }
            "\n"
        }
        @for (node, corner) in figure.nodes.iter().zip(&layout.corners) { (draw_box(node, *corner)) "\n" }
    }
}

fn ring_class(in_ring: bool) -> &'static str {
    if in_ring { " g-on-ring" } else { "" }
}

/// Returns the path through pairs of points, horizontal at each end.
fn curve(points: &[Point]) -> String {
    let mut path = String::new();
    for (index, pair) in points.chunks_exact(2).enumerate() {
        let [(x, y), (to_x, to_y)] = [pair[0], pair[1]];
        let middle = i32::midpoint(x, to_x);
        let start = if index == 0 { 'M' } else { 'L' };
        // Writing to a string cannot fail.
        let _ = write!(path, "{start}{x} {y}C{middle} {y} {middle} {to_y} {to_x} {to_y}");
    }
    path
}

fn draw_box(node: &BoxNode<'_>, (x, y): Point) -> Markup {
    let bar_height = if node.bar.is_some() { 14 } else { 0 };
    html! {
        g class={ (node.style) (ring_class(node.in_ring)) } {
            title { (Text(node.title.replace('\n', "; "))) }
            rect x=(x) y=(y) width=(node.width) height=(node.height) rx="7" {}
            @for (line, number) in node.lines.iter().zip(0..) {
                @let top = y + 8 + number * LINE + if number > 0 { bar_height } else { 0 };
                text class=(line.style) x=(x + PADDING) y=(top + 13) { (Text(&line.text)) }
                @if let (0, Some(pool)) = (number, node.bar) {
                    (bars::bar(pool, [x + PADDING, top + LINE + 3, node.width - 2 * PADDING, 7]))
                }
            }
        }
    }
}
