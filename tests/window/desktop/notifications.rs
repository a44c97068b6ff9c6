//! What the desktop shows in passing: notifications, kept in the order they came.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use zbus::{interface, zvariant::OwnedValue};

/// All notifications since the desktop was started.
#[derive(Clone, Default)]
pub(crate) struct Notifications(Arc<Mutex<Vec<Value>>>);

impl Notifications {
    pub(crate) fn all(&self) -> Value {
        json!(*self.0.lock().unwrap())
    }
}

#[interface(name = "org.freedesktop.Notifications")]
impl Notifications {
    #[expect(clippy::too_many_arguments, reason = "the specification has that many")]
    fn notify(
        &self,
        _app: String,
        _replaces: u32,
        _icon: String,
        title: String,
        body: String,
        _actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _timeout_ms: i32,
    ) -> u32 {
        let mut all = self.0.lock().unwrap();
        all.push(json!({ "title": title, "body": body }));
        all.len() as u32
    }

    fn get_capabilities(&self) -> Vec<String> {
        vec!["body".to_owned(), "body-markup".to_owned()]
    }

    fn get_server_information(&self) -> (String, String, String, String) {
        let [name, vendor, version, spec] = ["desktop", "Hearth", "1", "1.2"].map(str::to_owned);
        (name, vendor, version, spec)
    }
}
