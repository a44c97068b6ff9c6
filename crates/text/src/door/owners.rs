//! Which member each client id belongs to, as bytes.

use std::collections::HashMap;

use super::bytes::{Reader, Writer};
use super::{Door, MemberId, Refused};
use crate::ClientId;

impl Door {
    /// Who owns which client: the members, then each client with the number of
    /// its member in that list.
    pub(crate) fn owners(&self) -> Vec<u8> {
        let mut members = Vec::new();
        let mut numbers = HashMap::new();
        let mut clients = Vec::new();
        let mut owned: Vec<_> = (self.clients.iter())
            .filter_map(|client| Some((client.id, client.owner?)))
            .collect();
        // Equal notes give equal bytes, whoever came first.
        owned.sort_unstable();
        for (client, owner) in owned {
            let number = *numbers.entry(owner).or_insert_with(|| {
                members.push(owner);
                members.len() as u32 - 1
            });
            clients.push((client, number));
        }
        let mut writer = Writer::default();
        writer.number(members.len() as u32);
        for member in members {
            writer.bytes(&member.get().to_be_bytes());
        }
        writer.number(clients.len() as u32);
        for (client, member) in clients {
            writer.number(client.get());
            writer.number(member);
        }
        writer.into_bytes()
    }

    /// Takes back what [`Self::owners`] gave.
    pub(crate) fn set_owners(&mut self, bytes: &[u8]) -> Result<(), Refused> {
        if bytes.is_empty() {
            return Ok(());
        }
        let unknown = Refused::Malformed("an owner is unknown");
        let mut reader = Reader::new(bytes);
        let mut members = Vec::new();
        for _ in 0..reader.count(17)? {
            let number = <[u8; 16]>::try_from(reader.bytes()?).map_err(|_| unknown)?;
            members.push(MemberId::new(u128::from_be_bytes(number)));
        }
        for _ in 0..reader.count(2)? {
            let client = ClientId::new(reader.number()?);
            let member = members.get(reader.number()? as usize).ok_or(unknown)?;
            let number = self.clients.number(client).ok_or(unknown)?;
            self.clients.set_owner(number, *member);
        }
        Ok(())
    }
}
