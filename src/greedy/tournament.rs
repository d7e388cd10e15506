//! The largest of many numbers that change one at a time: a complete binary tree of maxima.

/// Numbers by index; 0 stands for "out of the running".
#[derive(Clone, Debug)]
pub(crate) struct Tournament {
    /// The root is at 1, the children of `node` at `2 * node` and `2 * node + 1`.
    tree: Vec<u32>,
    leaves: usize,
}

impl Tournament {
    pub(crate) fn new(numbers: &[u32]) -> Tournament {
        let leaves = numbers.len().next_power_of_two();
        let mut tree = vec![0; 2 * leaves];
        tree[leaves..leaves + numbers.len()].copy_from_slice(numbers);
        for node in (1..leaves).rev() {
            tree[node] = tree[2 * node].max(tree[2 * node + 1]);
        }
        Tournament { tree, leaves }
    }

    pub(crate) fn set(&mut self, index: usize, number: u32) {
        let mut node = self.leaves + index;
        self.tree[node] = number;
        while node > 1 {
            node /= 2;
            self.tree[node] = self.tree[2 * node].max(self.tree[2 * node + 1]);
        }
    }

    /// The first index from `from` on whose number is at least `least`, which is not 0.
    pub(crate) fn next_at_least(&self, from: usize, least: u32) -> Option<usize> {
        if from >= self.leaves {
            return None;
        }
        let mut node = self.leaves + from;
        // Up and to the right, until a subtree has one.
        while self.tree[node] < least {
            while node % 2 == 1 {
                node /= 2;
            }
            if node == 0 {
                return None;
            }
            node += 1;
        }
        // Down to its first.
        while node < self.leaves {
            node *= 2;
            if self.tree[node] < least {
                node += 1;
            }
        }
        Some(node - self.leaves)
    }

    /// The first index of the largest number, and the number; `None` if all are 0.
    pub(crate) fn first_largest(&self) -> Option<(usize, u32)> {
        let largest = self.tree[1];
        let index = self.next_at_least(0, largest.max(1))?;
        Some((index, largest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_those_of_a_plain_search() {
        let mut numbers: Vec<u32> = (0..37).map(|index| index * 7 % 11).collect();
        let mut tree = Tournament::new(&numbers);
        for step in 0..200 {
            let index = step * 13 % numbers.len();
            numbers[index] = u32::try_from(step * 5 % 17).expect("small");
            tree.set(index, numbers[index]);
            for from in 0..=numbers.len() {
                for least in 1..18 {
                    let plain = (from..numbers.len()).find(|at| numbers[*at] >= least);
                    assert_eq!(tree.next_at_least(from, least), plain);
                }
            }
            let largest = numbers.iter().copied().max().expect("not empty");
            let first = numbers.iter().position(|number| *number == largest);
            let expected = first.filter(|_| largest > 0).map(|at| (at, largest));
            assert_eq!(tree.first_largest(), expected);
        }
    }

    #[test]
    fn one_number_and_none_are_trees_too() {
        assert_eq!(Tournament::new(&[]).first_largest(), None);
        assert_eq!(Tournament::new(&[3]).first_largest(), Some((0, 3)));
        assert_eq!(Tournament::new(&[3]).next_at_least(0, 4), None);
    }
}
