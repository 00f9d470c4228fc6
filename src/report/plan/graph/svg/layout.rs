//! The layout of boxes: columns from left to right, ordered to avoid crossing lines, near their neighbors.

use super::layers::assign_layers;
use super::shapes::Figure;

/// The gap between columns.
const COLUMN_GAP: i32 = 46;
/// The gap between boxes of a column.
const ROW_GAP: i32 = 16;
/// The height of a line that passes a column.
const PASSING_HEIGHT: i32 = 12;
/// The number of ordering and alignment rounds.
const ROUNDS: usize = 6;

/// A point of a line.
pub(super) type Point = (i32, i32);

/// A figure with coordinates.
pub(super) struct FigureLayout {
    pub(super) width: i32,
    pub(super) height: i32,
    /// The upper left corner of each node.
    pub(super) corners: Vec<Point>,
    /// The two lines of each flow, from left to right: pool to card, and card to pool. A line is pairs of points where
    /// it leaves and enters a column.
    pub(super) lines: Vec<[Vec<Point>; 2]>,
    /// For each flow whether it leads from right to left.
    pub(super) is_backward: Vec<bool>,
}

/// A box, or a line that passes a column.
struct GridItem {
    node: Option<usize>,
    height: i32,
    top: i32,
}

impl GridItem {
    fn middle(&self) -> i32 {
        self.top + self.height / 2
    }
}

/// The items of a figure in their columns.
struct Grid {
    items: Vec<GridItem>,
    /// Each column from top to bottom.
    columns: Vec<Vec<usize>>,
    /// The neighbors of each item in the left and the right column.
    links: Vec<[Vec<usize>; 2]>,
}

/// Lays out a figure.
pub(super) fn lay_out(figure: &Figure<'_>) -> FigureLayout {
    let layers = assign_layers(figure);
    let mut grid = Grid { items: Vec::new(), columns: Vec::new(), links: Vec::new() };
    for (pool, layer) in layers.columns.iter().enumerate() {
        grid.add(Some(pool), figure.nodes[pool].height, 2 * layer);
    }
    let mut chains = Vec::new();
    for (flow, back) in figure.flows.iter().zip(&layers.is_backward) {
        let (left, right) = if *back { (flow.to, flow.from) } else { (flow.from, flow.to) };
        let (first, last) = (2 * layers.columns[left], 2 * layers.columns[right]);
        let card = grid.add(Some(flow.card), figure.nodes[flow.card].height, first + 1);
        let mut chain = vec![left, card];
        chain.extend((first + 2..last).map(|column| grid.add(None, PASSING_HEIGHT, column)));
        chain.push(right);
        for pair in chain.windows(2) {
            grid.links[pair[0]][1].push(pair[1]);
            grid.links[pair[1]][0].push(pair[0]);
        }
        chains.push(chain);
    }
    grid.sort_columns();
    grid.align();
    build_layout(figure, &grid, &chains, layers.is_backward)
}

impl Grid {
    fn add(&mut self, node: Option<usize>, height: i32, column: usize) -> usize {
        let item = self.items.len();
        self.items.push(GridItem { node, height, top: 0 });
        self.links.push([Vec::new(), Vec::new()]);
        if self.columns.len() <= column {
            self.columns.resize_with(column + 1, Vec::new);
        }
        self.columns[column].push(item);
        item
    }

    /// Orders each column by its neighbors in the adjacent column.
    fn sort_columns(&mut self) {
        for round in 0..ROUNDS {
            let side = round % 2;
            let mut order: Vec<usize> = (0..self.columns.len()).collect();
            if side == 1 {
                order.reverse();
            }
            for column in order {
                let beside = if side == 0 { column.checked_sub(1) } else { Some(column + 1) };
                let Some(beside) = beside.and_then(|beside| self.columns.get(beside)) else { continue };
                let mut ranks = vec![0; self.items.len()];
                for (rank, item) in beside.iter().enumerate() {
                    ranks[*item] = i64::try_from(rank).unwrap_or(0);
                }
                let own = &self.columns[column];
                let mut keyed: Vec<(i64, usize)> = own
                    .iter()
                    .enumerate()
                    .map(|(place, item)| {
                        let links = &self.links[*item][side];
                        let place = i64::try_from(place).unwrap_or(0);
                        let key = match i64::try_from(links.len()) {
                            Ok(number) if number > 0 => {
                                links.iter().map(|link| ranks[*link] * 1000).sum::<i64>() / number
                            }
                            _ => place * 1000,
                        };
                        (key, *item)
                    })
                    .collect();
                keyed.sort_by_key(|(key, _)| *key);
                self.columns[column] = keyed.into_iter().map(|(_, item)| item).collect();
            }
        }
    }

    /// Moves items vertically towards their neighbors without changing their order.
    fn align(&mut self) {
        for round in 0..=ROUNDS {
            for place in 0..self.columns.len() {
                let column = if round % 2 == 0 { place } else { self.columns.len() - 1 - place };
                let wished: Vec<i32> = self.columns[column].iter().map(|item| self.desired_top(*item, round)).collect();
                self.stack_column(column, &wished);
            }
        }
        let highest = self.items.iter().map(|item| item.top).min().unwrap_or(0);
        for item in &mut self.items {
            item.top -= highest;
        }
    }

    /// Returns the best position of an item.
    fn desired_top(&self, item: usize, round: usize) -> i32 {
        let links = match round {
            0 => &self.links[item][0],
            _ => &self.links[item][round % 2],
        };
        let own = &self.items[item];
        match i32::try_from(links.len()) {
            Ok(number) if number > 0 => {
                links.iter().map(|link| self.items[*link].middle()).sum::<i32>() / number - own.height / 2
            }
            _ => own.top,
        }
    }

    /// Positions a column between the closest stacking from above and from below; both keep the order, and so does the
    /// mean.
    fn stack_column(&mut self, column: usize, wished: &[i32]) {
        let heights: Vec<i32> = self.columns[column].iter().map(|item| self.items[*item].height).collect();
        let mut from_above = wished.to_vec();
        for place in 1..from_above.len() {
            from_above[place] = from_above[place].max(from_above[place - 1] + heights[place - 1] + ROW_GAP);
        }
        let mut from_below = wished.to_vec();
        for place in (0..from_below.len().saturating_sub(1)).rev() {
            from_below[place] = from_below[place].min(from_below[place + 1] - heights[place] - ROW_GAP);
        }
        for (place, item) in self.columns[column].iter().enumerate() {
            self.items[*item].top = i32::midpoint(from_above[place], from_below[place]);
        }
    }
}

/// Converts positions to pixels.
fn build_layout(figure: &Figure<'_>, grid: &Grid, chains: &[Vec<usize>], leads_back: Vec<bool>) -> FigureLayout {
    let width = |item: usize| grid.items[item].node.map_or(0, |node| figure.nodes[node].width);
    let mut lefts = vec![0; grid.items.len()];
    let mut column_of = vec![(0, 0); grid.items.len()];
    let mut x = 0;
    for column in &grid.columns {
        let widest = column.iter().map(|item| width(*item)).max().unwrap_or(0);
        for item in column {
            lefts[*item] = x + (widest - width(*item)) / 2;
            column_of[*item] = (x, x + widest);
        }
        x += widest + COLUMN_GAP;
    }
    let mut corners = vec![(0, 0); figure.nodes.len()];
    for (item, place) in grid.items.iter().enumerate() {
        if let Some(node) = place.node {
            corners[node] = (lefts[item], place.top);
        }
    }
    let port = |item: usize, side: usize, other: usize| -> Point {
        let own = &grid.items[item];
        if own.node.is_none() {
            let (left, right) = column_of[item];
            return (if side == 0 { left } else { right }, own.middle());
        }
        let mut links = grid.links[item][side].clone();
        links.sort_by_key(|link| (grid.items[*link].middle(), *link));
        let number = i32::try_from(links.len()).unwrap_or(1);
        let place = links.iter().position(|link| *link == other).and_then(|place| i32::try_from(place).ok());
        let step = ((own.height - 24) / number.max(1)).clamp(1, 16);
        let y = own.middle() + (2 * place.unwrap_or(0) - (number - 1)) * step / 2;
        (if side == 0 { lefts[item] } else { lefts[item] + width(item) }, y)
    };
    let lines = chains.iter().map(|chain| {
        let points = |part: &[usize]| -> Vec<Point> {
            part.windows(2).flat_map(|pair| [port(pair[0], 1, pair[1]), port(pair[1], 0, pair[0])]).collect()
        };
        [points(&chain[..2]), points(&chain[1..])]
    });
    let lines = lines.collect();
    let height = grid.items.iter().map(|item| item.top + item.height).max().unwrap_or(0);
    FigureLayout { width: (x - COLUMN_GAP).max(0), height, corners, lines, is_backward: leads_back }
}
