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
    first: u64,
    last: u64,
}

impl Chain {
    pub(super) fn push(&mut self, Link { parent, branch }: Link) {
        if self.many == 0 {
            (self.first, self.last) = (parent, parent);
        }
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
        let (mut bytes, mut parent) = (&*self.bytes, self.first);
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
        let all = (first..=world).map(|_| next(&mut bytes, &mut parent));
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
        let (mut links, mut world) = (Links::new(5), 5);
        for many in [3, 0, 1, 400, 2] {
            let mut chain = Chain::default();
            let (from, to) = (world, world + many);
            (from..to).for_each(|world| chain.push(link(world)));
            assert!(chain.iter().eq((from..to).map(link)));
            world = to;
            links.extend(&chain);
        }
        assert_eq!(links.many(), world);
        assert!((0..5).all(|root| links.get(root).is_none()));
        assert!((5..world).all(|world| links.get(world) == Some(link(world))));
    }
}
