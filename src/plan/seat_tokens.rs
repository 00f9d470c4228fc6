//! Who has to wait for whose seat (laws 1 and 3): the edges between people.
//!
//! Every seat that is free, or becomes free, is a token. In the order that [`super::trails`] found, each operation
//! that needs a seat takes a token of its pool; if an operation left it there, that one has to come first. So every
//! arrival has a seat of its own, and whatever order an execution takes, arrivals never outrun departures.
//!
//! In a pool that is over, the first departures fill the deficit. All of them have to be done before anybody arrives;
//! one of the departures after them serves as the gate for all arrivals, so that edges stay linear.

use std::collections::VecDeque;

use petgraph::graph::{DiGraph, NodeIndex};

use super::draft::Draft;

/// The plan graph of a tenant: an edge leads from what comes first.
pub(super) type OperationGraph = DiGraph<Draft, ()>;

/// One pool as tokens come and go.
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

/// All pools as tokens come and go.
pub(super) struct TokenTable {
    pools: Vec<PoolTokens>,
}

impl TokenTable {
    /// Pools with that many free seats before the plan; `None` is unlimited.
    pub(super) fn new(free: impl Iterator<Item = Option<i64>>) -> Self {
        let desks = free.map(|free| PoolTokens {
            unlimited: free.is_none(),
            deficit: free.map_or(0, |free| (-free).max(0)),
            // Free seats are handed out by number; as many tokens as there can be takers come in `stock`.
            tokens: VecDeque::new(),
            fillers: Vec::new(),
            hub: None,
        });
        Self { pools: desks.collect() }
    }

    /// Puts free seats on the desk of a pool.
    pub(super) fn add_free_seats(&mut self, pool: u32, seats: usize) {
        self.pools[pool as usize].tokens.extend(std::iter::repeat_n(None, seats));
    }

    /// An operation leaves a seat.
    pub(super) fn add_departure(&mut self, pool: u32, by: NodeIndex) {
        let desk = &mut self.pools[pool as usize];
        if desk.deficit > 0 {
            desk.deficit -= 1;
            desk.fillers.push(by);
        } else if !desk.unlimited {
            desk.tokens.push_back(Some(by));
        }
    }

    /// An operation needs a seat; false when there is none, which no admitted change should meet.
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
