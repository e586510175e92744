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
    /// An empty one that has room for so many.
    pub(super) fn with_capacity(many: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(many + many / 8),
            ..Self::default()
        }
    }

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

    /// Gives all of them away, in no more room than they need, and keeps its own.
    pub(super) fn pack(&mut self) -> Self {
        let (bytes, many) = (self.bytes.as_slice().into(), self.many);
        let last = self.last;
        self.bytes.clear();
        (self.many, self.last) = (0, 0);
        Self { bytes, many, last }
    }

    /// Adds those of another, behind its own.
    pub(super) fn append(&mut self, next: &Self) {
        let mut bytes = &*next.bytes;
        if next.many > 0 {
            self.push(read(&mut bytes, &mut 0));
            self.bytes.extend_from_slice(bytes);
            self.many += next.many - 1;
            self.last = next.last;
        }
    }

    /// All of them, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = Link> {
        let (mut bytes, mut parent) = (&*self.bytes, 0);
        (0..self.many).map(move |_| read(&mut bytes, &mut parent))
    }
}

/// From this branch on it has a number of its own.
const FAR: u32 = 7;

/// Reads the link behind one to that parent.
fn read(bytes: &mut &[u8], parent: &mut u64) -> Link {
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

/// After so many links it is marked where the next ones begin: whoever looks for one begins there.
const MARKED: u64 = 1 << 10;

/// The links of all worlds, by number.
#[derive(Debug)]
pub(super) struct Links {
    /// How many worlds the search begins with: these have none.
    roots: u64,
    all: Chain,
    marks: Vec<Mark>,
}

/// A place in a chain.
#[derive(Debug)]
struct Mark {
    /// How many links come before it, and to which parent the last of them leads.
    many: u64,
    last: u64,
    /// Where it is among the bytes.
    at: usize,
}

impl Links {
    pub(super) fn new(roots: u64) -> Self {
        Self {
            roots,
            all: Chain::default(),
            marks: Vec::new(),
        }
    }

    /// How many worlds there are, which is the number of the next one.
    pub(super) const fn many(&self) -> u64 {
        self.roots + self.all.many
    }

    /// Adds those of the next worlds.
    pub(super) fn append(&mut self, chain: &Chain) {
        let Chain { many, last, .. } = self.all;
        let marked = self.marks.last().map(|mark| mark.many + MARKED);
        if marked.is_none_or(|marked| many >= marked) {
            let at = self.all.bytes.len();
            self.marks.push(Mark { many, last, at });
        }
        self.all.append(chain);
    }

    /// The link of a world; those that the search begins with have none.
    pub(super) fn get(&self, world: u64) -> Option<Link> {
        let place = world.checked_sub(self.roots)?;
        let behind = self.marks.partition_point(|mark| mark.many <= place);
        let Mark { many, last, at } = self.marks.get(behind.checked_sub(1)?)?;
        let (mut bytes, mut parent) = (&self.all.bytes[*at..], *last);
        let all = (*many..=place).map(|_| read(&mut bytes, &mut parent));
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
        let (mut links, mut all) = (Links::new(5), Chain::default());
        let mut worlds = (5..5000).peekable();
        for many in (0..).map(|nth| nth % 300) {
            let Some(&first) = worlds.peek() else {
                break;
            };
            assert_eq!(links.many(), first);
            let mut chain = Chain::default();
            worlds
                .by_ref()
                .take(many)
                .for_each(|world| chain.push(link(world)));
            links.append(&chain);
            all.append(&chain);
        }
        assert!(all.iter().eq((5..5000).map(link)));
        assert!((0..5).all(|root| links.get(root).is_none()));
        assert!((5..5000).all(|world| links.get(world) == Some(link(world))));
    }
}
