//! The graph as data and as terminal text.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;
use smol_str::SmolStr;

use super::{ChangeClass, ClassKind, PlanGraph, PoolRing, TenantGraph, labels};
use crate::model::{Digest, PlanPool};
use crate::report::escape::escape;
use crate::report::format::{wrap, wrap_people};
use crate::report::{TextStyle, Tone};

/// A plan as a graph of pools and the changes between them.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GraphDocument {
    /// The digest of the plan.
    pub plan: Digest,
    /// The tenants with changes or waiting people, by name.
    pub tenants: Vec<GraphTenant>,
}

/// The graph of one tenant; tenants are not connected.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GraphTenant {
    /// Its name in the manifest.
    pub tenant: SmolStr,
    /// The pools with changes or waiting people.
    pub pools: Vec<GraphPool>,
    /// Changes of one kind between the same two pools, the most critical first.
    pub classes: Vec<GraphClass>,
    /// Pools that exchange people in a ring.
    pub rings: Vec<GraphRing>,
}

/// A pool.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GraphPool {
    /// Its license.
    pub license: SmolStr,
    /// Its seats before and after; null if unknown.
    pub seats: Option<PlanPool>,
    /// The number of people waiting for a seat.
    pub waiting: usize,
    /// The number of losses held by a limit.
    pub held: usize,
}

/// Changes of one kind between the same two pools.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GraphClass {
    /// The kind; in `parked` moves the person is without a seat until the swap completes.
    pub kind: ClassKind,
    /// The removed license; null for a gain.
    pub from: Option<SmolStr>,
    /// The assigned license; null for a loss.
    pub to: Option<SmolStr>,
    /// The people; those who lose data first.
    pub people: Vec<SmolStr>,
    /// The number of people who lose data.
    pub destroys: usize,
    /// The index of its ring, from 0; null if it is in none.
    pub ring: Option<usize>,
}

/// Pools that exchange people in a ring.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GraphRing {
    /// Their licenses.
    pub licenses: Vec<SmolStr>,
    /// The people who go first; empty if a free seat is enough.
    pub parked: Vec<SmolStr>,
}

impl PlanGraph<'_> {
    /// Returns the graph as data, never folded.
    pub fn document(&self) -> GraphDocument {
        GraphDocument { plan: self.plan.digest.clone(), tenants: self.tenants.iter().map(tenant_document).collect() }
    }
}

fn tenant_document(tenant: &TenantGraph<'_>) -> GraphTenant {
    let license = |pool: usize| SmolStr::new(tenant.pools[pool].license);
    let pools = tenant.pools.iter().map(|pool| GraphPool {
        license: pool.license.into(),
        seats: pool.seats.cloned(),
        waiting: pool.waiting,
        held: pool.held,
    });
    let class = |class: &ChangeClass<'_>| GraphClass {
        kind: class.kind,
        from: class.from.map(license),
        to: class.to.map(license),
        people: class.people().map(SmolStr::new).collect(),
        destroys: class.destroys,
        ring: class.ring,
    };
    let ring = |ring: &PoolRing<'_>| GraphRing {
        licenses: ring.pools.iter().copied().map(license).collect(),
        parked: ring.parked.iter().map(SmolStr::new).collect(),
    };
    GraphTenant {
        tenant: tenant.name.into(),
        pools: pools.collect(),
        classes: tenant.classes.iter().map(class).collect(),
        rings: tenant.rings.iter().map(ring).collect(),
    }
}

/// Renders the pools and changes of each tenant, with the people unless folded.
pub fn text(graph: &PlanGraph<'_>, style: TextStyle) -> String {
    if graph.is_empty() {
        return "Nothing to do\n".to_owned();
    }
    let mut text = String::new();
    for tenant in &graph.tenants {
        if !text.is_empty() {
            text.push('\n');
        }
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", style.paint(Tone::Heading, &escape(tenant.name)));
        for pool in &tenant.pools {
            let lines = labels::pool_lines(pool);
            text.push_str(&wrap(&escape(&lines.join("  ")), 2, style.width));
        }
        for class in &tenant.classes {
            let name = |pool: usize| escape(tenant.pools[pool].license);
            let way = match (class.from, class.to) {
                (Some(from), Some(to)) => format!("{} → {}", name(from), name(to)),
                (Some(from), None) => format!("{} →", name(from)),
                (None, Some(to)) => format!("→ {}", name(to)),
                (None, None) => String::new(),
            };
            let tone = match class.kind {
                ClassKind::Loss | ClassKind::Parked => Tone::Danger,
                ClassKind::Gain => Tone::Gain,
                ClassKind::Move | ClassKind::Cancel | ClassKind::Release => Tone::Notice,
            };
            let destroys = labels::data_loss_label(class).map(|text| format!(", {text}")).unwrap_or_default();
            let what = style.paint(tone, &format!("{}{destroys}", labels::class_label(class)));
            let _ = writeln!(text, "  {way}  {what}");
            let mut names = if graph.is_folded { labels::named_people(class) } else { class.people().collect() };
            let more = if graph.is_folded { labels::unnamed_count(class) } else { 0 };
            let rest = format!("and {more} more");
            if more > 0 {
                names.push(&rest);
            }
            if !names.is_empty() {
                text.push_str(&wrap_people(&names, 4, style.width));
            }
        }
        for ring in 0..tenant.rings.len() {
            text.push_str(&wrap(&escape(&labels::ring_label(tenant, ring)), 2, style.width));
        }
    }
    text
}
