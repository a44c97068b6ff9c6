use crate::difference::{Replaced, changes};
use crate::edit::{Edit, EditError, Limits, Splice, check_changes, check_length};
use crate::layout::Layout;
use crate::{ClientId, Damaged, Text, normalize};

/// Makes the Yjs update that brings `edit` in, or nothing if it changes nothing.
///
/// `base` is the text the edit was made against. Merged into the present text,
/// the update brings the edit's changes and leaves what others typed meanwhile.
/// It is typed under `client`, whose clock goes on where it stands in `base`:
/// take an id that has typed nothing since, or one that nobody has.
///
/// The limit on the body's length holds for the edit by itself; what others
/// typed meanwhile is for the caller to count.
pub fn write(
    base: &Text,
    client: ClientId,
    edit: &Edit,
    limits: Limits,
) -> Result<Option<Vec<u8>>, EditError> {
    let body = base.body();
    let splices = match edit {
        Edit::Body(whole) => {
            let whole = normalize(whole);
            check_length(whole.len(), limits)?;
            splices_between(&body, &whole)
        }
        Edit::Changes(changes) => check_changes(&body, changes, limits)?,
    };
    if splices.is_empty() {
        return Ok(None);
    }
    let layout = Layout::of(&base.checkpoint())?;
    if layout.units() != u64::from(base.utf16_len()) {
        return Err(Damaged.into());
    }
    let update = layout.update(&body, client, base.clock(client), &splices)?;
    Ok(Some(update))
}

fn splices_between(old: &str, new: &str) -> Vec<Splice> {
    let splice = |change: Replaced| Splice {
        from: change.old.start,
        to: change.old.end,
        insert: new[change.new].to_owned(),
    };
    changes(old, new).into_iter().map(splice).collect()
}

#[cfg(test)]
mod tests;
