//! Values that always take the same number of bits: several go at once.

use super::Packer;
use super::unpacker::Unpacker;

/// What takes so many bits, wherever it stands.
pub(crate) trait Fixed: Sized {
    const BITS: u32;
    fn code(&self) -> u64;
    fn decode(code: u64) -> Self;
}

impl Fixed for bool {
    const BITS: u32 = 1;

    #[inline]
    fn code(&self) -> u64 {
        u64::from(*self)
    }

    #[inline]
    fn decode(code: u64) -> Self {
        code & 1 == 1
    }
}

impl<T: Fixed> Fixed for Option<T> {
    const BITS: u32 = 1 + T::BITS;

    #[inline]
    fn code(&self) -> u64 {
        self.as_ref().map_or(0, |value| 1 | value.code() << 1)
    }

    #[inline]
    fn decode(code: u64) -> Self {
        (code & 1 == 1).then(|| T::decode(code >> 1))
    }
}

macro_rules! tuples {
    ($($($name:ident $value:ident)+;)+) => {$(
        impl<$($name: Fixed),+> Fixed for ($($name,)+) {
            const BITS: u32 = 0 $(+ $name::BITS)+;

            #[inline]
            fn code(&self) -> u64 {
                let ($($value,)+) = self;
                let (mut code, mut at) = (0, 0);
                $(
                    code |= $value.code() << at;
                    at += $name::BITS;
                )+
                let _ = at;
                code
            }

            #[inline]
            fn decode(code: u64) -> Self {
                let mut code = code;
                $(
                    let $value = $name::decode(code & ((1 << $name::BITS) - 1));
                    code >>= $name::BITS;
                )+
                let _ = code;
                ($($value,)+)
            }
        }
    )+};
}

tuples! {
    A a B b;
    A a B b C c;
    A a B b C c D d;
    A a B b C c D d E e;
    A a B b C c D d E e F f;
    A a B b C c D d E e F f G g;
    A a B b C c D d E e F f G g H h;
}

impl Packer {
    /// Several values at once.
    #[inline]
    pub(crate) fn fixed<T: Fixed>(&mut self, values: T) {
        self.bits(values.code(), T::BITS);
    }
}

impl Unpacker<'_> {
    /// Several values at once.
    #[inline]
    pub(crate) fn fixed<T: Fixed>(&mut self) -> T {
        T::decode(self.bits(T::BITS))
    }
}
