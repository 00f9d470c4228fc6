//! A pool as a bar: what is taken before and after, what is kept in reserve, and what is lacking.

use std::fmt::Write as _;

use crate::model::PlanPool;

/// Width and height of a bar that stands alone.
const INLINE_SIZE: [i32; 2] = [220, 12];

/// The bar of a pool as an inline picture; the numbers stand beside it, so that it says nothing to those who do not see it.
pub fn inline_bar(pool: &PlanPool) -> String {
    let [width, height] = INLINE_SIZE;
    let mut text = format!(
        "<svg class=\"bar\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
    );
    draw_bar(&mut text, pool, [0, 1, width, height - 2]);
    text.push_str("</svg>");
    text
}

/// Draws the bar at `[x, y, width, height]`.
///
/// Its length is the total, or more where more is taken or lacking. From the left: what stays taken, then what is freed or
/// what is added, then what is free, then the reserve; behind the total what is lacking.
pub(crate) fn draw_bar(out: &mut String, pool: &PlanPool, [x, y, width, height]: [i32; 4]) {
    let taken = pool.used_before.max(pool.used_after);
    // Where there is no end, the bar has one all the same, and is never full.
    let total = pool.total.unwrap_or(taken.saturating_add(taken / 2).saturating_add(1));
    let scale = taken.max(total).max(total.saturating_add(pool.missing)).max(1);
    let at = |seats: u64| -> i32 {
        let wide = u128::from(seats) * u128::try_from(width).unwrap_or(0) / u128::from(scale);
        i32::try_from(wide).unwrap_or(width).min(width)
    };
    let mut part = |style: &str, from: u64, to: u64| {
        let (left, mut right) = (at(from.min(to)), at(to));
        if to <= from {
            return;
        }
        // One seat of a thousand is there to be seen all the same.
        right = right.max((left + 2).min(width));
        let left = left.min(right - 2);
        let _ = write!(
            out,
            "<rect class=\"{style}\" x=\"{}\" y=\"{y}\" width=\"{}\" height=\"{height}\"/>",
            x + left,
            right - left
        );
    };
    part(if pool.total.is_some() { "b-track" } else { "b-open" }, 0, total.max(1));
    part("b-reserve", total.saturating_sub(pool.reserve), total);
    let stays = pool.used_before.min(pool.used_after);
    part("b-used", 0, stays);
    part("b-added", pool.used_before, pool.used_after);
    part("b-freed", pool.used_after, pool.used_before);
    part("b-missing", total, total.saturating_add(pool.missing));
    if let Some(total) = pool.total.filter(|total| pool.used_after > *total) {
        part("b-over", total, pool.used_after);
    }
}
