//! How each world was reached first.

use crate::kubelet::{read_number, write_number};

/// From which world, by which of its branches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) parent: u64,
    pub(super) branch: u32,
}

/// Links of worlds with numbers one after the other, as bytes: most parents come soon after those
/// before them.
#[derive(Debug)]
pub(super) struct Chain {
    bytes: Vec<u8>,
    many: u64,
    first: u64,
    last: u64,
}

impl Chain {
    pub(super) const fn new() -> Self {
        Self {
            bytes: Vec::new(),
            many: 0,
            first: 0,
            last: 0,
        }
    }

    pub(super) fn push(&mut self, Link { parent, branch }: Link) {
        if self.many == 0 {
            (self.first, self.last) = (parent, parent);
        }
        let far = parent.wrapping_sub(self.last) as i64;
        // The sign comes last, or a short way back would take as many bytes as the longest.
        write_number((far << 1 ^ far >> 63) as u64, &mut self.bytes);
        write_number(branch.into(), &mut self.bytes);
        self.last = parent;
        self.many += 1;
    }
}

/// The links of all worlds, by number.
#[derive(Debug)]
pub(super) struct Links {
    /// How many worlds the search begins with: these have none.
    roots: u64,
    many: u64,
    bytes: Vec<u8>,
    /// Of each chain: its first world, the first parent, and where it begins among the bytes.
    chains: Vec<(u64, u64, usize)>,
}

impl Links {
    pub(super) const fn new(roots: u64) -> Self {
        Self {
            roots,
            many: roots,
            bytes: Vec::new(),
            chains: Vec::new(),
        }
    }

    /// How many worlds there are, which is the number of the next one.
    pub(super) const fn many(&self) -> u64 {
        self.many
    }

    /// Adds those of the next worlds.
    pub(super) fn extend(&mut self, chain: &Chain) {
        if chain.many > 0 {
            self.chains.push((self.many, chain.first, self.bytes.len()));
            self.bytes.extend_from_slice(&chain.bytes);
            self.many += chain.many;
        }
    }

    /// The link of a world; the searched-for root has none.
    pub(super) fn get(&self, world: u64) -> Option<Link> {
        if world < self.roots {
            return None;
        }
        let chain = self.chains.partition_point(|&(first, ..)| first <= world);
        let &(first, mut parent, at) = self.chains.get(chain.checked_sub(1)?)?;
        let mut bytes = &self.bytes[at..];
        let mut branch = 0;
        for _ in first..=world {
            let far = read_number(&mut bytes);
            parent = parent.wrapping_add(far >> 1 ^ (far & 1).wrapping_neg());
            branch = read_number(&mut bytes) as u32;
        }
        Some(Link { parent, branch })
    }
}

#[cfg(test)]
mod tests {
    use super::{Chain, Link, Links};

    #[test]
    fn each_world_has_its_link() {
        let link = |world: u64| Link {
            // Also one that comes before the last.
            parent: (world * 7 / 10) ^ (world % 3),
            branch: (world % 300) as u32,
        };
        let (mut links, mut world) = (Links::new(5), 5);
        for many in [3, 0, 1, 400, 2] {
            let mut chain = Chain::new();
            for _ in 0..many {
                chain.push(link(world));
                world += 1;
            }
            links.extend(&chain);
        }
        assert_eq!(links.many(), world);
        assert!((0..5).all(|root| links.get(root).is_none()));
        assert!((5..world).all(|world| links.get(world) == Some(link(world))));
    }
}
