//! The column of each pool: moves lead from left to right, except those that close a ring.

use super::shapes::Figure;

/// The columns of a figure's pools, and its backward flows.
pub(super) struct Layers {
    /// The column of each pool.
    pub(super) columns: Vec<usize>,
    /// For each flow whether it leads from right to left.
    pub(super) is_backward: Vec<bool>,
}

/// Assigns each pool the leftmost possible column.
pub(super) fn assign_layers(figure: &Figure<'_>) -> Layers {
    let mut leaving = vec![Vec::new(); figure.pools];
    let mut entered = vec![0_usize; figure.pools];
    for (number, flow) in figure.flows.iter().enumerate() {
        leaving[flow.from].push(number);
        entered[flow.to] += 1;
    }
    let leads_back = find_backward_edges(figure, &leaving, &entered);
    let mut open = vec![0_usize; figure.pools];
    let mut next = vec![Vec::new(); figure.pools];
    for (flow, back) in figure.flows.iter().zip(&leads_back) {
        let (left, right) = if *back { (flow.to, flow.from) } else { (flow.from, flow.to) };
        next[left].push(right);
        open[right] += 1;
    }
    let mut columns = vec![0; figure.pools];
    let mut ready: Vec<usize> = (0..figure.pools).filter(|pool| open[*pool] == 0).collect();
    while let Some(pool) = ready.pop() {
        for right in &next[pool] {
            columns[*right] = columns[*right].max(columns[pool] + 1);
            open[*right] -= 1;
            if open[*right] == 0 {
                ready.push(*right);
            }
        }
    }
    Layers { columns, is_backward: leads_back }
}

/// Finds the flows that close a ring, by a depth-first search from pools without incoming flows.
fn find_backward_edges(figure: &Figure<'_>, leaving: &[Vec<usize>], entered: &[usize]) -> Vec<bool> {
    #[derive(Clone, Copy, PartialEq)]
    enum LayerVisitState {
        New,
        Open,
        Done,
    }
    let mut leads_back = vec![false; figure.flows.len()];
    let mut state = vec![LayerVisitState::New; figure.pools];
    let mut roots: Vec<usize> = (0..figure.pools).collect();
    roots.sort_by_key(|pool| entered[*pool] > 0);
    for root in roots {
        if state[root] != LayerVisitState::New {
            continue;
        }
        state[root] = LayerVisitState::Open;
        // The pools on the current path, each with the number of followed flows.
        let mut way = vec![(root, 0)];
        while let Some((pool, followed)) = way.last_mut() {
            let pool = *pool;
            let Some(number) = leaving[pool].get(*followed) else {
                state[pool] = LayerVisitState::Done;
                way.pop();
                continue;
            };
            *followed += 1;
            let to = figure.flows[*number].to;
            match state[to] {
                LayerVisitState::Open => leads_back[*number] = true,
                LayerVisitState::New => {
                    state[to] = LayerVisitState::Open;
                    way.push((to, 0));
                }
                LayerVisitState::Done => {}
            }
        }
    }
    leads_back
}
