//! What work takes of memory, on the thread that does it.

use allocation_counter::{AllocationInfo, measure};

/// What some work gave, and what it took: at once, and for good.
pub(crate) fn measured<T>(work: impl FnOnce() -> T) -> (T, AllocationInfo) {
    let mut done = None;
    let taken = measure(|| done = Some(work()));
    (done.expect("the work was done"), taken)
}
