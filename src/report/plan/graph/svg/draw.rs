//! Boxes and lines as SVG.

use std::fmt::Write as _;

use super::super::bars;
use super::layout::{FigureLayout, Point};
use super::shapes::{BoxNode, Figure, LINE, PADDING};
use crate::report::escape::push_markup;

/// Writes one figure; lines first, so that they end behind the boxes.
pub(super) fn draw_figure(out: &mut String, figure: &Figure<'_>, placed: &FigureLayout) {
    for ((flow, [near, far]), back) in figure.flows.iter().zip(&placed.lines).zip(&placed.is_backward) {
        let ring = if flow.in_ring { " g-on-ring" } else { "" };
        // From one person to a thousand: a line and a half to four pixels.
        let width = 15 + 8 * i32::try_from(flow.weight.max(1).ilog10()).unwrap_or(0);
        let _ = write!(
            out,
            "<g class=\"g-line g-line-{}{ring}\" stroke-width=\"{}.{}\">",
            flow.style,
            width.min(40) / 10,
            width.min(40) % 10
        );
        for line in [near, far] {
            out.push_str("<path d=\"");
            path(out, line);
            out.push_str("\"/>");
        }
        // The pool that is entered: on the right, or on the left where the flow leads back.
        let (tip, side) = if *back { (near.first(), 1) } else { (far.last(), -1) };
        if let Some((x, y)) = tip {
            let base = x + 9 * side;
            let _ = write!(out, "<path class=\"g-tip\" d=\"M{x} {y}L{base} {}V{}Z\"/>", y - 5, y + 5);
        }
        out.push_str("</g>\n");
    }
    for (node, corner) in figure.nodes.iter().zip(&placed.corners) {
        draw_box(out, node, *corner);
    }
}

/// A line through its points, level where it leaves and enters; it stops short of a tip no more than the tip covers.
fn path(out: &mut String, points: &[Point]) {
    for (number, pair) in points.chunks_exact(2).enumerate() {
        let [(x, y), (to_x, to_y)] = [pair[0], pair[1]];
        let middle = i32::midpoint(x, to_x);
        let start = if number == 0 { 'M' } else { 'L' };
        let _ = write!(out, "{start}{x} {y}C{middle} {y} {middle} {to_y} {to_x} {to_y}");
    }
}

fn draw_box(out: &mut String, node: &BoxNode<'_>, (x, y): Point) {
    let ring = if node.in_ring { " g-on-ring" } else { "" };
    let _ = write!(out, "<g class=\"{}{ring}\"><title>", node.style);
    push_markup(out, &node.title.replace('\n', "; "));
    let _ =
        write!(out, "</title><rect x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\" rx=\"7\"/>", node.width, node.height);
    let mut below = y + 8;
    for (number, line) in node.lines.iter().enumerate() {
        let _ = write!(out, "<text class=\"{}\" x=\"{}\" y=\"{}\">", line.style, x + PADDING, below + 13);
        push_markup(out, &line.text);
        out.push_str("</text>");
        below += LINE;
        if let (0, Some(pool)) = (number, node.bar) {
            bars::draw_bar(out, pool, [x + PADDING, below + 3, node.width - 2 * PADDING, 7]);
            below += 14;
        }
    }
    out.push_str("</g>\n");
}
