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
#[derive(Debug, Default)]
pub(super) struct Chain {
    bytes: Vec<u8>,
    many: u64,
    /// The last parent.
    last: u64,
}

impl Chain {
    pub(super) fn push(&mut self, Link { parent, branch }: Link) {
        let far = parent.wrapping_sub(self.last) as i64;
        // The sign comes last, or a short way back would take as many bytes as the longest.
        let far = (far << 1 ^ far >> 63) as u64;
        // Nearly all are one byte.
        write_number(far << 3 | u64::from(branch.min(FAR)), &mut self.bytes);
        if branch >= FAR {
            write_number(branch.into(), &mut self.bytes);
        }
        self.last = parent;
        self.many += 1;
    }

    /// All of them, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = Link> {
        let (mut bytes, mut parent) = (&*self.bytes, 0);
        (0..self.many).map(move |_| next(&mut bytes, &mut parent))
    }
}

/// From this branch on it has a number of its own.
const FAR: u32 = 7;

/// Reads the link behind one to that parent.
fn next(bytes: &mut &[u8], parent: &mut u64) -> Link {
    let number = read_number(bytes);
    let far = number >> 3;
    *parent = parent.wrapping_add(far >> 1 ^ (far & 1).wrapping_neg());
    let branch = match number as u32 & FAR {
        FAR => read_number(bytes) as u32,
        branch => branch,
    };
    Link {
        parent: *parent,
        branch,
    }
}

/// So many links are gone through at the most until one is found.
const CHAIN: u64 = 1 << 10;

/// The links of all worlds, by number.
#[derive(Debug)]
pub(super) struct Links {
    /// How many worlds the search begins with: these have none.
    roots: u64,
    /// One chain behind the other.
    all: Chain,
    /// Where each begins among the bytes, with the parent before it.
    chains: Vec<(u64, usize)>,
}

impl Links {
    pub(super) fn new(roots: u64) -> Self {
        Self {
            roots,
            all: Chain::default(),
            chains: Vec::new(),
        }
    }

    /// How many worlds there are, which is the number of the next one.
    pub(super) const fn many(&self) -> u64 {
        self.roots + self.all.many
    }

    /// Adds that of the next world.
    #[inline]
    pub(super) fn push(&mut self, link: Link) {
        if self.all.many.is_multiple_of(CHAIN) {
            self.chains.push((self.all.last, self.all.bytes.len()));
        }
        self.all.push(link);
    }

    /// The link of a world; those that the search begins with have none.
    pub(super) fn get(&self, world: u64) -> Option<Link> {
        let place = world.checked_sub(self.roots)?;
        let &(mut parent, at) = self.chains.get((place / CHAIN) as usize)?;
        let mut bytes = &self.all.bytes[at..];
        let all = (0..=place % CHAIN).map(|_| next(&mut bytes, &mut parent));
        all.last()
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
        let (mut links, mut chain) = (Links::new(5), Chain::default());
        for world in 5..5000 {
            assert_eq!(links.many(), world);
            links.push(link(world));
            chain.push(link(world));
        }
        assert!(chain.iter().eq((5..5000).map(link)));
        assert!((0..5).all(|root| links.get(root).is_none()));
        assert!((5..5000).all(|world| links.get(world) == Some(link(world))));
    }
}
