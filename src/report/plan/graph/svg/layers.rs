//! Which column each pool stands in: moves lead from left to right, save those that close a ring.

use super::shapes::Figure;

/// The columns of a figure's pools, and the flows that lead back.
pub(super) struct Layers {
    /// The column of each pool.
    pub(super) columns: Vec<usize>,
    /// For each flow whether it leads from right to left.
    pub(super) is_backward: Vec<bool>,
}

/// Finds a column for each pool, as far left as what leads to it allows.
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

/// The flows that close a ring when pools are walked depth first, from those that nothing leads to.
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
        // Each pool on the way, with how many of its flows have been followed.
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
