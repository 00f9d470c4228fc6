//! Moves between limited pools, as a flow over pools.

use std::collections::VecDeque;

/// Limits the tried combinations of overfull pools to two to this power.
const CHOICES_MAX: usize = 6;

/// Moves that differ only in rank: from the same pools to the same pool.
#[derive(Debug)]
pub(super) struct MoveClass {
    /// The limited pools that a member leaves.
    pub(super) from: Vec<u32>,
    /// The limited pool that a member enters.
    pub(super) to: u32,
    /// The members, by rank.
    pub(super) members: Vec<u32>,
    /// The number of first members that move at present.
    pub(super) active: usize,
    /// The number of first members that are admitted permanently.
    pub(super) admitted: usize,
    /// Whether the next member cannot be admitted.
    pub(super) is_closed: bool,
}

/// Pools, classes, and the members that move at present.
#[derive(Debug)]
pub(super) struct PoolFlow {
    /// Free seats of each pool; `None` is unlimited. Negative only in pools without arrivals.
    free: Vec<Option<i64>>,
    /// The number of arrivals in each pool.
    arrivals: Vec<u64>,
    /// The classes.
    pub(super) classes: Vec<MoveClass>,
    /// The classes that leave each pool.
    leaving: Vec<Vec<usize>>,
    /// The classes that enter each pool.
    entering: Vec<Vec<usize>>,
}

/// One member of a class more or less.
#[derive(Clone, Copy, Debug)]
enum FlowStep {
    Add(usize),
    Remove(usize),
}

impl PoolFlow {
    /// Returns a flow without moves.
    pub(super) fn new(free: Vec<Option<i64>>) -> Self {
        let count = free.len();
        Self {
            free,
            arrivals: vec![0; count],
            classes: Vec::new(),
            leaving: vec![Vec::new(); count],
            entering: vec![Vec::new(); count],
        }
    }

    /// Indexes classes by pool. Called once, after all classes are added.
    pub(super) fn index(&mut self) {
        for (index, class) in self.classes.iter().enumerate() {
            for pool in &class.from {
                self.leaving[*pool as usize].push(index);
            }
            self.entering[class.to as usize].push(index);
        }
    }

    /// Adds a permanent departure.
    pub(super) fn depart(&mut self, pool: u32) {
        self.add(pool, 1);
    }

    /// Adds a permanent arrival.
    pub(super) fn arrive(&mut self, pool: u32) {
        self.add(pool, -1);
        self.arrivals[pool as usize] += 1;
    }

    /// Whether one more person who leaves these pools can enter.
    pub(super) fn has_room(&self, to: u32, leaves: &[u32]) -> bool {
        let own = i64::from(leaves.contains(&to));
        self.free[to as usize].is_none_or(|free| free + own >= 1)
    }

    /// Removes a member that is not admitted from its class.
    pub(super) fn withdraw(&mut self, member: u32) {
        for class in &mut self.classes {
            if let Some(place) = class.members[class.admitted..].iter().position(|other| *other == member) {
                class.members.remove(class.admitted + place);
                return;
            }
        }
    }

    fn add(&mut self, pool: u32, seats: i64) {
        if let Some(free) = &mut self.free[pool as usize] {
            *free += seats;
        }
    }

    fn apply_step(&mut self, turn: FlowStep) {
        let (index, sign) = match turn {
            FlowStep::Add(index) => (index, 1),
            FlowStep::Remove(index) => (index, -1),
        };
        for place in 0..self.classes[index].from.len() {
            self.add(self.classes[index].from[place], sign);
        }
        let class = &mut self.classes[index];
        let to = class.to;
        match turn {
            FlowStep::Add(_) => {
                class.active += 1;
                self.arrivals[to as usize] += 1;
            }
            FlowStep::Remove(_) => {
                class.active -= 1;
                self.arrivals[to as usize] -= 1;
            }
        }
        self.add(to, -sign);
    }

    /// Admits the next member of a class if some set that fits contains it and everything admitted before.
    pub(super) fn admit(&mut self, index: usize) -> bool {
        self.classes[index].admitted += 1;
        if self.classes[index].active >= self.classes[index].admitted {
            return true;
        }
        let before: Vec<usize> = self.classes.iter().map(|class| class.active).collect();
        self.apply_step(FlowStep::Add(index));
        let none = vec![false; self.free.len()];
        if self.drain(self.classes[index].to, &none) || self.open_overfull_pools(&before) {
            return true;
        }
        self.restore(&before);
        self.classes[index].admitted -= 1;
        false
    }

    /// Pushes surplus out of a pool until it has none.
    fn drain(&mut self, pool: u32, open: &[bool]) -> bool {
        while self.free[pool as usize].is_some_and(|free| free < 0) {
            if !self.push_surplus(pool, open) {
                return false;
            }
        }
        true
    }

    /// Restores the number of moving members of every class.
    fn restore(&mut self, taken: &[usize]) {
        for (index, taken) in taken.iter().enumerate() {
            while self.classes[index].active > *taken {
                self.apply_step(FlowStep::Remove(index));
            }
            while self.classes[index].active < *taken {
                self.apply_step(FlowStep::Add(index));
            }
        }
    }

    /// Starts again from the admitted members, and tries which pools over their total should lose their deficit so
    /// that others can pass through.
    fn open_overfull_pools(&mut self, before: &[usize]) -> bool {
        let sure: Vec<usize> = self.classes.iter().map(|class| class.admitted).collect();
        self.restore(&sure);
        let over: Vec<usize> = (0..self.free.len())
            .filter(|pool| self.free[*pool].is_some_and(|free| free < 0) && !self.entering[*pool].is_empty())
            .collect();
        if over.is_empty() {
            self.restore(before);
            return false;
        }
        let choices = over.len().min(CHOICES_MAX);
        for choice in 0..1usize << choices {
            let mut open = vec![false; self.free.len()];
            for (bit, pool) in over.iter().enumerate().take(choices) {
                open[*pool] = choice >> bit & 1 == 1;
            }
            if self.drain_all(&open) {
                return true;
            }
            self.restore(&sure);
        }
        false
    }

    /// Pushes out all surplus of pools that receive members or are to be opened.
    fn drain_all(&mut self, open: &[bool]) -> bool {
        loop {
            let needy = (0u32..).take(self.free.len()).find(|pool| {
                let receives = self.arrivals[*pool as usize] > 0 || open[*pool as usize];
                receives && self.free[*pool as usize].is_some_and(|free| free < 0)
            });
            match needy {
                None => return true,
                Some(pool) if self.push_surplus(pool, open) => {}
                Some(_) => return false,
            }
        }
    }

    /// Whether a member may enter a pool only to make room.
    fn may_enter(&self, pool: u32, open: &[bool]) -> bool {
        let index = pool as usize;
        self.arrivals[index] > 0 || open[index] || self.free[index].is_none_or(|free| free >= 0)
    }

    /// Pushes one surplus member out of a pool, along the shortest path to a pool without surplus.
    fn push_surplus(&mut self, from: u32, open: &[bool]) -> bool {
        let mut came_by: Vec<Option<(u32, FlowStep)>> = vec![None; self.free.len()];
        let mut seen = vec![false; self.free.len()];
        seen[from as usize] = true;
        let mut queue = VecDeque::from([from]);
        while let Some(pool) = queue.pop_front() {
            for index in self.leaving[pool as usize].iter().copied() {
                let class = &self.classes[index];
                let to = class.to;
                if class.active == class.members.len()
                    || class.is_closed
                    || seen[to as usize]
                    || !self.may_enter(to, open)
                {
                    continue;
                }
                seen[to as usize] = true;
                came_by[to as usize] = Some((pool, FlowStep::Add(index)));
                if self.free[to as usize].is_none_or(|free| free >= 1) {
                    self.apply_path(to, &came_by, None);
                    return true;
                }
                queue.push_back(to);
            }
            for index in self.entering[pool as usize].iter().copied() {
                let class = &self.classes[index];
                // Withdrawing a member that leaves several pools would not be a path.
                if class.active <= class.admitted || class.from.len() > 1 {
                    continue;
                }
                let Some(back) = class.from.first().copied() else {
                    self.apply_path(pool, &came_by, Some(FlowStep::Remove(index)));
                    return true;
                };
                if seen[back as usize] {
                    continue;
                }
                seen[back as usize] = true;
                came_by[back as usize] = Some((pool, FlowStep::Remove(index)));
                let idle = self.arrivals[back as usize] == 0 && !open[back as usize];
                if idle || self.free[back as usize].is_none_or(|free| free >= 1) {
                    self.apply_path(back, &came_by, None);
                    return true;
                }
                queue.push_back(back);
            }
        }
        false
    }

    /// Applies the steps of the path that ends at `end`.
    fn apply_path(&mut self, end: u32, came_by: &[Option<(u32, FlowStep)>], last: Option<FlowStep>) {
        let mut turns: Vec<FlowStep> = last.into_iter().collect();
        let mut pool = end;
        while let Some((before, turn)) = came_by[pool as usize] {
            turns.push(turn);
            pool = before;
        }
        for turn in turns {
            self.apply_step(turn);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow(free: &[i64], classes: &[(&[u32], u32, &[u32])]) -> PoolFlow {
        let mut flow = PoolFlow::new(free.iter().copied().map(Some).collect());
        for (leaves, to, members) in classes {
            let (leaves, members) = (leaves.to_vec(), members.to_vec());
            flow.classes.push(MoveClass { from: leaves, to: *to, members, active: 0, admitted: 0, is_closed: false });
        }
        flow.index();
        flow
    }

    #[test]
    fn displaced_mover_gives_way_to_a_higher_rank() {
        // The first move enters A and pushes another from A to B; the second needs that seat of B, and C is free.
        let mut flow = flow(&[0, 1, 1], &[(&[], 0, &[0]), (&[], 1, &[1]), (&[0], 1, &[2]), (&[0], 2, &[3])]);
        assert!(flow.admit(0));
        assert!(flow.admit(1));
        assert!(!flow.admit(2));
    }

    #[test]
    fn overfull_pool_opens_when_enough_people_leave() {
        // Room in A requires an arrival in J, which is over by one and must lose two people first.
        let mut flow = flow(&[0, -1, 2], &[(&[], 0, &[0]), (&[0], 1, &[1]), (&[1], 2, &[2, 3])]);
        assert!(flow.admit(0));
    }

    #[test]
    fn overfull_pool_stays_closed_when_too_few_people_leave() {
        let mut flow = flow(&[0, -1, 2], &[(&[], 0, &[0]), (&[0], 1, &[1]), (&[1], 2, &[2])]);
        assert!(!flow.admit(0));
        assert!(flow.admit(2));
    }
}
