//! People moving between pools with a limited number of seats, as a flow over pools.

use std::collections::VecDeque;

/// Most combinations of overfull pools that are tried: two to this power.
const CHOICES_MAX: usize = 6;

/// Wishes that are alike but for their rank: out of the same pools into the same pool.
#[derive(Debug)]
pub(super) struct Class {
    /// The limited pools that a member leaves.
    pub(super) leaves: Vec<u32>,
    /// The limited pool that a member enters.
    pub(super) to: u32,
    /// Who, by rank.
    pub(super) members: Vec<u32>,
    /// How many of the first members take part now.
    pub(super) taken: usize,
    /// How many of the first members are admitted for good.
    pub(super) sure: usize,
    /// Whether the next member cannot be admitted.
    pub(super) closed: bool,
}

/// Pools, classes, and who takes part now.
#[derive(Debug)]
pub(super) struct Flow {
    /// Free seats of each pool; `None` is unlimited. Negative only where nobody arrives.
    free: Vec<Option<i64>>,
    /// How many arrive in each pool.
    arrivals: Vec<u64>,
    /// The classes.
    pub(super) classes: Vec<Class>,
    /// The classes that leave each pool.
    leaving: Vec<Vec<usize>>,
    /// The classes that enter each pool.
    entering: Vec<Vec<usize>>,
}

/// One class with one member more, or one less.
#[derive(Clone, Copy, Debug)]
enum Turn {
    More(usize),
    Less(usize),
}

impl Flow {
    /// Pools with that many free seats, and nobody moving.
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

    /// Notes which classes touch which pools; to be called once, when all classes are there.
    pub(super) fn index(&mut self) {
        for (index, class) in self.classes.iter().enumerate() {
            for pool in &class.leaves {
                self.leaving[*pool as usize].push(index);
            }
            self.entering[class.to as usize].push(index);
        }
    }

    /// Somebody leaves a pool for good.
    pub(super) fn leave(&mut self, pool: u32) {
        self.add(pool, 1);
    }

    /// Somebody enters a pool for good.
    pub(super) fn arrive(&mut self, pool: u32) {
        self.add(pool, -1);
        self.arrivals[pool as usize] += 1;
    }

    /// Whether one more could enter as things are, when they leave those pools.
    pub(super) fn has_room(&self, to: u32, leaves: &[u32]) -> bool {
        let own = i64::from(leaves.contains(&to));
        self.free[to as usize].is_none_or(|free| free + own >= 1)
    }

    /// Takes somebody who is not admitted out of their class.
    pub(super) fn withdraw(&mut self, member: u32) {
        for class in &mut self.classes {
            if let Some(place) = class.members[class.sure..].iter().position(|other| *other == member) {
                class.members.remove(class.sure + place);
                return;
            }
        }
    }

    fn add(&mut self, pool: u32, seats: i64) {
        if let Some(free) = &mut self.free[pool as usize] {
            *free += seats;
        }
    }

    fn turn(&mut self, turn: Turn) {
        let (index, sign) = match turn {
            Turn::More(index) => (index, 1),
            Turn::Less(index) => (index, -1),
        };
        for place in 0..self.classes[index].leaves.len() {
            self.add(self.classes[index].leaves[place], sign);
        }
        let class = &mut self.classes[index];
        let to = class.to;
        match turn {
            Turn::More(_) => {
                class.taken += 1;
                self.arrivals[to as usize] += 1;
            }
            Turn::Less(_) => {
                class.taken -= 1;
                self.arrivals[to as usize] -= 1;
            }
        }
        self.add(to, -sign);
    }

    /// Admits the next member of a class if some set that fits holds it and everybody admitted before.
    pub(super) fn admit(&mut self, index: usize) -> bool {
        self.classes[index].sure += 1;
        if self.classes[index].taken >= self.classes[index].sure {
            return true;
        }
        let before: Vec<usize> = self.classes.iter().map(|class| class.taken).collect();
        self.turn(Turn::More(index));
        let none = vec![false; self.free.len()];
        if self.drain(self.classes[index].to, &none) || self.reopen(&before) {
            return true;
        }
        self.return_to(&before);
        self.classes[index].sure -= 1;
        false
    }

    /// Passes surplus out of a pool until it has none.
    fn drain(&mut self, pool: u32, open: &[bool]) -> bool {
        while self.free[pool as usize].is_some_and(|free| free < 0) {
            if !self.pass_on(pool, open) {
                return false;
            }
        }
        true
    }

    /// Makes every class take part as often as it did before.
    fn return_to(&mut self, taken: &[usize]) {
        for (index, taken) in taken.iter().enumerate() {
            while self.classes[index].taken > *taken {
                self.turn(Turn::Less(index));
            }
            while self.classes[index].taken < *taken {
                self.turn(Turn::More(index));
            }
        }
    }

    /// Starts again from those who are admitted for good, and tries which of the pools that are over should lose
    /// their deficit so that others can pass through them.
    fn reopen(&mut self, before: &[usize]) -> bool {
        let sure: Vec<usize> = self.classes.iter().map(|class| class.sure).collect();
        self.return_to(&sure);
        let over: Vec<usize> = (0..self.free.len())
            .filter(|pool| self.free[*pool].is_some_and(|free| free < 0) && !self.entering[*pool].is_empty())
            .collect();
        if over.is_empty() {
            self.return_to(before);
            return false;
        }
        let choices = over.len().min(CHOICES_MAX);
        for choice in 0..1usize << choices {
            let mut open = vec![false; self.free.len()];
            for (bit, pool) in over.iter().enumerate().take(choices) {
                open[*pool] = choice >> bit & 1 == 1;
            }
            if self.mend(&open) {
                return true;
            }
            self.return_to(&sure);
        }
        false
    }

    /// Passes on all surplus of pools that receive somebody or are to be opened.
    fn mend(&mut self, open: &[bool]) -> bool {
        loop {
            let needy = (0u32..).take(self.free.len()).find(|pool| {
                let receives = self.arrivals[*pool as usize] > 0 || open[*pool as usize];
                receives && self.free[*pool as usize].is_some_and(|free| free < 0)
            });
            match needy {
                None => return true,
                Some(pool) if self.pass_on(pool, open) => {}
                Some(_) => return false,
            }
        }
    }

    /// Whether a pool may be entered by somebody who is only let in to make room.
    fn may_enter(&self, pool: u32, open: &[bool]) -> bool {
        let index = pool as usize;
        self.arrivals[index] > 0 || open[index] || self.free[index].is_none_or(|free| free >= 0)
    }

    /// Passes one surplus person out of a pool, along the shortest way to where nobody is too many.
    fn pass_on(&mut self, from: u32, open: &[bool]) -> bool {
        let mut came_by: Vec<Option<(u32, Turn)>> = vec![None; self.free.len()];
        let mut seen = vec![false; self.free.len()];
        seen[from as usize] = true;
        let mut queue = VecDeque::from([from]);
        while let Some(pool) = queue.pop_front() {
            for index in self.leaving[pool as usize].iter().copied() {
                let class = &self.classes[index];
                let to = class.to;
                if class.taken == class.members.len() || class.closed || seen[to as usize] || !self.may_enter(to, open)
                {
                    continue;
                }
                seen[to as usize] = true;
                came_by[to as usize] = Some((pool, Turn::More(index)));
                if self.free[to as usize].is_none_or(|free| free >= 1) {
                    self.walk(to, &came_by, None);
                    return true;
                }
                queue.push_back(to);
            }
            for index in self.entering[pool as usize].iter().copied() {
                let class = &self.classes[index];
                // Taking back one who leaves several pools would be more than a way.
                if class.taken <= class.sure || class.leaves.len() > 1 {
                    continue;
                }
                let Some(back) = class.leaves.first().copied() else {
                    self.walk(pool, &came_by, Some(Turn::Less(index)));
                    return true;
                };
                if seen[back as usize] {
                    continue;
                }
                seen[back as usize] = true;
                came_by[back as usize] = Some((pool, Turn::Less(index)));
                let idle = self.arrivals[back as usize] == 0 && !open[back as usize];
                if idle || self.free[back as usize].is_none_or(|free| free >= 1) {
                    self.walk(back, &came_by, None);
                    return true;
                }
                queue.push_back(back);
            }
        }
        false
    }

    /// Turns the classes on the way that ends at `end`.
    fn walk(&mut self, end: u32, came_by: &[Option<(u32, Turn)>], last: Option<Turn>) {
        let mut turns: Vec<Turn> = last.into_iter().collect();
        let mut pool = end;
        while let Some((before, turn)) = came_by[pool as usize] {
            turns.push(turn);
            pool = before;
        }
        for turn in turns {
            self.turn(turn);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow(free: &[i64], classes: &[(&[u32], u32, &[u32])]) -> Flow {
        let mut flow = Flow::new(free.iter().copied().map(Some).collect());
        for (leaves, to, members) in classes {
            let (leaves, members) = (leaves.to_vec(), members.to_vec());
            flow.classes.push(Class { leaves, to: *to, members, taken: 0, sure: 0, closed: false });
        }
        flow.index();
        flow
    }

    #[test]
    fn who_was_let_in_to_make_room_is_taken_back_for_a_higher_rank() {
        // The first wish enters A and pushes somebody from A to B; the second wants that seat of B, and C is free.
        let mut flow = flow(&[0, 1, 1], &[(&[], 0, &[0]), (&[], 1, &[1]), (&[0], 1, &[2]), (&[0], 2, &[3])]);
        assert!(flow.admit(0));
        assert!(flow.admit(1));
        assert!(!flow.admit(2));
    }

    #[test]
    fn a_pool_that_is_over_is_opened_when_enough_people_leave_it() {
        // Room in A needs somebody to enter J, which is over by one and has to lose two people first.
        let mut flow = flow(&[0, -1, 2], &[(&[], 0, &[0]), (&[0], 1, &[1]), (&[1], 2, &[2, 3])]);
        assert!(flow.admit(0));
    }

    #[test]
    fn a_pool_that_is_over_stays_closed_when_too_few_leave_it() {
        let mut flow = flow(&[0, -1, 2], &[(&[], 0, &[0]), (&[0], 1, &[1]), (&[1], 2, &[2])]);
        assert!(!flow.admit(0));
        assert!(flow.admit(2));
    }
}
