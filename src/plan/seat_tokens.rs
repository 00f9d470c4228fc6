//! Seat tokens: which operation waits for which seat (laws 1 and 3).
//!
//! Every seat that is free, or becomes free, is a token. In the order of [`super::move_order`], each operation that
//! needs a seat uses a token of its pool and waits for the operation that left the token. So every arrival has its
//! own seat, and arrivals never precede departures in any execution order.
//!
//! In a pool over its total, the first departures fill the deficit and must precede all arrivals. One later departure
//! waits for them and serves as the gate for all arrivals, so the number of edges stays linear.

use std::collections::VecDeque;

use petgraph::graph::{DiGraph, NodeIndex};

use super::draft::DraftOperation;

/// The plan graph of a tenant. An edge leads from the earlier operation.
pub(super) type OperationGraph = DiGraph<DraftOperation, ()>;

/// The tokens of one pool.
#[derive(Clone, Debug, Default)]
struct PoolTokens {
    unlimited: bool,
    deficit: i64,
    tokens: VecDeque<Option<NodeIndex>>,
    /// Departures that filled the deficit.
    fillers: Vec<NodeIndex>,
    /// The departure that all arrivals wait for.
    hub: Option<NodeIndex>,
}

/// The tokens of all pools.
pub(super) struct TokenTable {
    pools: Vec<PoolTokens>,
}

impl TokenTable {
    /// Returns pools with these numbers of free seats; `None` is unlimited.
    pub(super) fn new(free: impl Iterator<Item = Option<i64>>) -> Self {
        let desks = free.map(|free| PoolTokens {
            unlimited: free.is_none(),
            deficit: free.map_or(0, |free| (-free).max(0)),
            tokens: VecDeque::new(),
            fillers: Vec::new(),
            hub: None,
        });
        Self { pools: desks.collect() }
    }

    /// Adds free seats of a pool as tokens.
    pub(super) fn add_free_seats(&mut self, pool: u32, seats: usize) {
        self.pools[pool as usize].tokens.extend(std::iter::repeat_n(None, seats));
    }

    /// Adds a seat that an operation frees.
    pub(super) fn add_departure(&mut self, pool: u32, by: NodeIndex) {
        let desk = &mut self.pools[pool as usize];
        if desk.deficit > 0 {
            desk.deficit -= 1;
            desk.fillers.push(by);
        } else if !desk.unlimited {
            desk.tokens.push_back(Some(by));
        }
    }

    /// Gives a token to an operation. Returns false if there is none, which is a bug for an admitted change.
    pub(super) fn take_token(&mut self, graph: &mut OperationGraph, pool: u32, by: NodeIndex) -> bool {
        let desk = &mut self.pools[pool as usize];
        if desk.unlimited {
            return true;
        }
        let Some(token) = desk.tokens.pop_front() else { return false };
        if let Some(departure) = token {
            graph.update_edge(departure, by, ());
            if desk.hub.is_none() && !desk.fillers.is_empty() {
                for filler in desk.fillers.drain(..) {
                    graph.update_edge(filler, departure, ());
                }
                desk.hub = Some(departure);
            }
            if let Some(hub) = desk.hub.filter(|hub| *hub != departure) {
                graph.update_edge(hub, by, ());
            }
        }
        true
    }
}
