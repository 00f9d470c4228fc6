//! A pool as a bar: used seats before and after, reserve, and missing seats.

use maud::{Markup, html};

use crate::model::PlanPool;

/// Width and height of an inline bar.
const INLINE_SIZE: [i32; 2] = [220, 12];

/// Returns the bar as an inline picture, hidden from screen readers because the numbers are next to it.
pub(crate) fn inline_bar(pool: &PlanPool) -> Markup {
    let [width, height] = INLINE_SIZE;
    html! {
        svg.bar width=(width) height=(height) viewBox={ "0 0 " (width) " " (height) } preserveAspectRatio="none" aria-hidden="true" {
            (bar(pool, [0, 1, width, height - 2]))
        }
    }
}

/// Draws the bar at `[x, y, width, height]`.
///
/// The full length is the total, or more if more seats are used or missing. From left to right: seats that stay used, seats that are freed
/// or added, free seats, the reserve, and beyond the total the missing seats.
pub(crate) fn bar(pool: &PlanPool, [x, y, width, height]: [i32; 4]) -> Markup {
    let used = pool.used_before.max(pool.used_after);
    // An unlimited pool gets a bar that is never full.
    let total = pool.total.unwrap_or(used.saturating_add(used / 2).saturating_add(1));
    let scale = used.max(total).max(total.saturating_add(pool.missing)).max(1);
    let at = |seats: u64| -> i32 {
        let position = u128::from(seats) * u128::try_from(width).unwrap_or(0) / u128::from(scale);
        i32::try_from(position).unwrap_or(width).min(width)
    };
    let over = pool.total.filter(|total| pool.used_after > *total);
    let parts = [
        (if pool.total.is_some() { "b-track" } else { "b-open" }, 0, total.max(1)),
        ("b-reserve", total.saturating_sub(pool.reserve), total),
        ("b-used", 0, pool.used_before.min(pool.used_after)),
        ("b-added", pool.used_before, pool.used_after),
        ("b-freed", pool.used_after, pool.used_before),
        ("b-missing", total, total.saturating_add(pool.missing)),
        ("b-over", over.unwrap_or(0), over.map_or(0, |_| pool.used_after)),
    ];
    html! {
        @for (class, from, to) in parts.into_iter().filter(|(_, from, to)| from < to) {
            // One seat of a thousand must stay visible.
            @let right = at(to).max((at(from) + 2).min(width));
            @let left = at(from).min(right - 2);
            rect class=(class) x=(x + left) y=(y) width=(right - left) height=(height) {}
        }
    }
}
