//! Boxes of pools and moves with text and size, and the flows between them.

use unicode_width::UnicodeWidthStr;

use super::super::labels;
use super::super::{ChangeClass, ClassKind, TenantGraph};
use super::matrix::FlowMatrix;
use crate::model::PlanPool;
use crate::report::escape::escape;

/// The maximum number of flows drawn as lines.
const FLOWS_MAX: usize = 16;
/// The maximum number of drawn pools per tenant.
const POOLS_MAX: usize = 120;
/// The maximum number of people listed in a box.
const LISTED_MAX: usize = 200;
/// The column after which a line is truncated; the title of the box has the full text.
const LINE_COLUMNS_MAX: usize = 40;
/// The maximum length of a box's title.
const TITLE_MAX: usize = 2000;

pub(super) const LINE: i32 = 17;
pub(super) const PADDING: i32 = 12;
const MIN_WIDTH: i32 = 168;

/// One line of a box.
pub(super) struct BoxLine {
    /// The text, not escaped for SVG.
    pub(super) text: String,
    /// The style class.
    pub(super) style: &'static str,
}

/// A box.
pub(super) struct BoxNode<'p> {
    /// The style class.
    pub(super) style: &'static str,
    pub(super) in_ring: bool,
    pub(super) lines: Vec<BoxLine>,
    /// The seats, as a bar below the first line.
    pub(super) bar: Option<&'p PlanPool>,
    /// The tooltip.
    pub(super) title: String,
    pub(super) width: i32,
    pub(super) height: i32,
}

/// A move between two pools.
pub(super) struct FlowEdge {
    /// The index of the node that people leave.
    pub(super) from: usize,
    /// The index of the node that people enter.
    pub(super) to: usize,
    /// The index of the box that names the people.
    pub(super) card: usize,
    /// The style class.
    pub(super) style: &'static str,
    /// The number of people.
    pub(super) weight: usize,
    pub(super) in_ring: bool,
}

/// Pools connected by moves.
pub(super) struct Figure<'p> {
    /// The pools, then the boxes of the flows.
    pub(super) nodes: Vec<BoxNode<'p>>,
    /// The number of pools among the nodes.
    pub(super) pools: usize,
    pub(super) flows: Vec<FlowEdge>,
}

/// The drawing of a tenant.
pub(super) struct Drawing<'p> {
    pub(super) figures: Vec<Figure<'p>>,
    /// Pools with too many flows for lines.
    pub(super) matrices: Vec<FlowMatrix>,
    /// The number of pools and classes that are not drawn.
    pub(super) left_out: usize,
}

/// Returns the drawing of a tenant.
pub(super) fn drawing<'p>(tenant: &TenantGraph<'p>, is_folded: bool) -> Drawing<'p> {
    let flows: Vec<&ChangeClass<'p>> = tenant.classes.iter().filter(|class| class.endpoints().is_some()).collect();
    let mut inside: Vec<Vec<&ChangeClass<'p>>> = vec![Vec::new(); tenant.pools.len()];
    for class in tenant.classes.iter().filter(|class| class.endpoints().is_none()) {
        if let Some(pool) = class.from.or(class.to) {
            inside[pool].push(class);
        }
    }
    let mut drawing = Drawing { figures: Vec::new(), matrices: Vec::new(), left_out: 0 };
    let mut pools_drawn = 0;
    for Component { pools, flows } in components(tenant.pools.len(), &flows) {
        pools_drawn += pools.len();
        if pools_drawn > POOLS_MAX {
            drawing.left_out += pools.len() + flows.len();
            continue;
        }
        let pool_boxes = pools.iter().map(|pool| pool_box(tenant, *pool, &inside[*pool], is_folded));
        if flows.len() > FLOWS_MAX {
            drawing.figures.extend(pool_boxes.map(|node| Figure { nodes: vec![node], pools: 1, flows: Vec::new() }));
            let (matrix, left_out) = FlowMatrix::new(tenant, &pools, &flows);
            drawing.matrices.push(matrix);
            drawing.left_out += left_out;
            continue;
        }
        let mut nodes: Vec<BoxNode<'_>> = pool_boxes.collect();
        let place = |pool: usize| pools.binary_search(&pool).ok();
        let mut drawn = Vec::new();
        for class in flows {
            let Some((Some(from), Some(to))) = class.endpoints().map(|(from, to)| (place(from), place(to))) else {
                continue;
            };
            drawn.push(FlowEdge {
                from,
                to,
                card: nodes.len(),
                style: class.kind.style_name(),
                weight: class.members.len(),
                in_ring: class.ring.is_some(),
            });
            nodes.push(card(class, is_folded));
        }
        drawing.figures.push(Figure { nodes, pools: pools.len(), flows: drawn });
    }
    // Figures with flows come first.
    drawing.figures.sort_by_key(|figure| figure.flows.is_empty());
    drawing
}

/// Connected pools and the flows between them.
struct Component<'c, 'p> {
    /// Sorted.
    pools: Vec<usize>,
    flows: Vec<&'c ChangeClass<'p>>,
}

/// Returns the connected components, in the order of their first pools.
fn components<'c, 'p>(pools: usize, flows: &[&'c ChangeClass<'p>]) -> Vec<Component<'c, 'p>> {
    let mut sets = petgraph::unionfind::UnionFind::<usize>::new(pools);
    for (from, to) in flows.iter().filter_map(|class| class.endpoints()) {
        sets.union(from, to);
    }
    let mut members: Vec<Component<'_, '_>> =
        (0..pools).map(|_| Component { pools: Vec::new(), flows: Vec::new() }).collect();
    for pool in 0..pools {
        members[sets.find(pool)].pools.push(pool);
    }
    for class in flows {
        if let Some((from, _)) = class.endpoints() {
            members[sets.find(from)].flows.push(class);
        }
    }
    members.retain(|set| !set.pools.is_empty());
    members.sort_by_key(|set| set.pools.first().copied());
    members
}

fn pool_box<'p>(tenant: &TenantGraph<'p>, place: usize, inside: &[&ChangeClass<'p>], is_folded: bool) -> BoxNode<'p> {
    let pool = &tenant.pools[place];
    let mut lines = vec![BoxLine { text: pool.license.to_owned(), style: "g-name" }];
    lines.extend(pool.seats.map(|seats| BoxLine { text: labels::seats_label(seats), style: "g-seats" }));
    lines.extend(labels::pool_notes(pool).into_iter().map(|text| {
        let style = if text.ends_with("reserved") { "g-note" } else { "g-wait" };
        BoxLine { text, style }
    }));
    for class in inside {
        people(&mut lines, class, is_folded);
    }
    BoxNode::new("g-pool", pool.ring.is_some(), lines, pool.seats)
}

fn card<'p>(class: &ChangeClass<'p>, is_folded: bool) -> BoxNode<'p> {
    let mut lines = Vec::new();
    people(&mut lines, class, is_folded);
    BoxNode::new("g-card", class.ring.is_some(), lines, None)
}

/// Adds the people of a class: all of them, or the critical ones if folded.
fn people(lines: &mut Vec<BoxLine>, class: &ChangeClass<'_>, is_folded: bool) {
    let style = match class.kind {
        ClassKind::Loss => "g-loss",
        ClassKind::Parked => "g-parked",
        ClassKind::Move => "g-move",
        ClassKind::Gain => "g-gain",
        ClassKind::Cancel | ClassKind::Release => "g-other",
    };
    lines.push(BoxLine { text: labels::class_label(class), style });
    if let Some(text) = labels::data_loss_label(class) {
        lines.push(BoxLine { text, style: "g-loss" });
    }
    let names: Vec<&str> =
        if is_folded { labels::named_people(class) } else { class.people().take(LISTED_MAX).collect() };
    let more = if is_folded { labels::unnamed_count(class) } else { class.members.len() - names.len() };
    lines.extend(names.iter().map(|name| BoxLine { text: (*name).to_owned(), style: "g-who" }));
    if more > 0 {
        lines.push(BoxLine { text: format!("and {more} more"), style: "g-note" });
    }
}

impl<'p> BoxNode<'p> {
    fn new(style: &'static str, in_ring: bool, mut lines: Vec<BoxLine>, bar: Option<&'p PlanPool>) -> Self {
        let mut title = String::new();
        let mut widest = 0;
        for line in &mut lines {
            let text = escape(&line.text).into_owned();
            if title.len() + text.len() < TITLE_MAX {
                title.push_str(if title.is_empty() { "" } else { "\n" });
                title.push_str(&text);
            }
            line.text = labels::truncate(&text, LINE_COLUMNS_MAX);
            widest = widest.max(pixel_width(line));
        }
        let count = i32::try_from(lines.len()).unwrap_or(i32::MAX / 100);
        let bar_height = if bar.is_some() { 14 } else { 0 };
        Self {
            style,
            in_ring,
            bar,
            title,
            width: (widest + 2 * PADDING).max(MIN_WIDTH),
            height: count * LINE + bar_height + 2 * 8,
            lines,
        }
    }
}

/// Estimates the width of a line.
fn pixel_width(line: &BoxLine) -> i32 {
    let columns = i32::try_from(line.text.width()).unwrap_or(0);
    match line.style {
        "g-who" => columns * 67 / 10,
        "g-name" => columns * 82 / 10,
        _ => columns * 69 / 10,
    }
}
