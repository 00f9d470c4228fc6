//! The graph as a document for programs, and as lines for a terminal: the classes of changes with their people.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;
use smol_str::SmolStr;

use super::{ChangeClass, ClassKind, PlanGraph, PoolRing, TenantGraph, labels};
use crate::model::{Digest, PlanPool};
use crate::report::escape::escape;
use crate::report::format::{wrap, wrap_people};
use crate::report::{TextStyle, Tone};

/// A plan as a graph of pools and of what moves between them.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GraphDocument {
    /// The digest of the plan.
    pub plan: Digest,
    /// In the order of their names; only those that something happens or waits in.
    pub tenants: Vec<GraphTenant>,
}

/// The part of one tenant; nothing leads from one to another.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GraphTenant {
    /// Its name in the manifest.
    pub tenant: SmolStr,
    /// The pools that something happens to, or that somebody waits for.
    pub pools: Vec<GraphPool>,
    /// Changes of one kind between the same two pools, the most worrying first.
    pub classes: Vec<GraphClass>,
    /// Pools that exchange people in a circle.
    pub rings: Vec<GraphRing>,
}

/// A pool.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GraphPool {
    /// Its license.
    pub license: SmolStr,
    /// Its seats before and after; null where the plan does not know them.
    pub seats: Option<PlanPool>,
    /// How many wait for a seat of it.
    pub waiting: usize,
    /// How many losses of it a limit keeps back.
    pub held: usize,
}

/// Changes of one kind between the same two pools.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GraphClass {
    /// What they do; `parked` are moves in which the old seat goes before the new one is certain.
    pub kind: ClassKind,
    /// The license that is given up; null for a plain gain.
    pub from: Option<SmolStr>,
    /// The license that is there in the end; null where none is.
    pub to: Option<SmolStr>,
    /// Whom they are about; those who lose data first.
    pub people: Vec<SmolStr>,
    /// How many of them lose data.
    pub destroys: usize,
    /// The place of the ring that it is a part of, from 0; null where it is of none.
    pub ring: Option<usize>,
}

/// Pools that exchange people in a circle.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GraphRing {
    /// Their licenses.
    pub licenses: Vec<SmolStr>,
    /// Who goes first, so that it can turn; nobody where a free seat lets it.
    pub parked: Vec<SmolStr>,
}

impl PlanGraph<'_> {
    /// The graph as data; never folded, for programs can count.
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

/// The graph as text: for each tenant its pools, then what moves, with its people where it is not folded.
pub fn text(graph: &PlanGraph<'_>, look: TextStyle) -> String {
    if graph.is_empty() {
        return "Nothing to do\n".to_owned();
    }
    let mut text = String::new();
    for tenant in &graph.tenants {
        if !text.is_empty() {
            text.push('\n');
        }
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", look.paint(Tone::Heading, &escape(tenant.name)));
        for pool in &tenant.pools {
            let lines = labels::pool_lines(pool);
            text.push_str(&wrap(&escape(&lines.join("  ")), 2, look.width));
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
            let what = look.paint(tone, &format!("{}{destroys}", labels::class_label(class)));
            let _ = writeln!(text, "  {way}  {what}");
            let mut names = if graph.is_folded { labels::named_people(class) } else { class.people().collect() };
            let more = if graph.is_folded { labels::unnamed_count(class) } else { 0 };
            let rest = format!("and {more} more");
            if more > 0 {
                names.push(&rest);
            }
            if !names.is_empty() {
                text.push_str(&wrap_people(&names, 4, look.width));
            }
        }
        for ring in 0..tenant.rings.len() {
            text.push_str(&wrap(&escape(&labels::ring_label(tenant, ring)), 2, look.width));
        }
    }
    text
}
