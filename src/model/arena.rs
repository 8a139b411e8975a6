//! Typed ids and the tables that they index: no map keyed by hope.

use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

/// An id of one kind of thing, an index into its [`Arena`].
pub trait Id: Copy + Eq + Ord {
    /// The id of the item at a place.
    fn at(index: usize) -> Self;
    /// The item's place.
    fn index(self) -> usize;
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u32);

        impl Id for $name {
            fn at(index: usize) -> Self {
                Self(u32::try_from(index).expect("the reader's size limit keeps counts far below u32"))
            }
            fn index(self) -> usize {
                self.0 as usize
            }
        }
    )+};
}

ids! {
    /// A team.
    TeamId,
    /// A service of the system.
    ServiceId,
    /// A system that is not ours.
    ExternalId,
    /// A named type.
    TypeId,
    /// Data owned by a service.
    EntityId,
    /// A public operation of a service or an external.
    EndpointId,
    /// A synchronous call.
    CallId,
    /// An event-sourced aggregate.
    AggregateId,
    /// An event, all its versions together.
    EventId,
    /// A service's subscription to an event.
    ConsumerId,
    /// A saga.
    SagaId,
    /// A data store.
    StoreId,
    /// A cache.
    CacheId,
}

/// The items of one kind, in the order in which they were declared.
#[derive(Debug, Clone)]
pub struct Arena<I, T> {
    items: Vec<T>,
    kind: PhantomData<I>,
}

impl<I, T> Default for Arena<I, T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            kind: PhantomData,
        }
    }
}

impl<I: Id, T> Arena<I, T> {
    /// Adds an item.
    pub fn push(&mut self, item: T) -> I {
        let id = self.next_id();
        self.items.push(item);
        id
    }

    /// Makes room for as many items more, so that none is moved when they come.
    pub fn reserve(&mut self, additional: usize) {
        self.items.reserve_exact(additional);
    }

    /// The id that the next item gets.
    pub fn next_id(&self) -> I {
        I::at(self.items.len())
    }

    /// The items.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.items.iter()
    }

    /// The ids.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = I> + ExactSizeIterator + use<I, T> {
        (0..self.items.len()).map(I::at)
    }

    /// The items with their ids.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = (I, &T)> + ExactSizeIterator {
        self.items
            .iter()
            .enumerate()
            .map(|(index, item)| (I::at(index), item))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

impl<I: Id, T> Index<I> for Arena<I, T> {
    type Output = T;
    fn index(&self, id: I) -> &T {
        &self.items[id.index()]
    }
}

impl<I: Id, T> IndexMut<I> for Arena<I, T> {
    fn index_mut(&mut self, id: I) -> &mut T {
        &mut self.items[id.index()]
    }
}
