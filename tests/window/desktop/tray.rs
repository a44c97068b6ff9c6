//! The tray: takes the icons that apps register over D-Bus, as KDE, GNOME's
//! extension and others do, and does what somebody clicking there would do.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use zbus::{
    Connection, Proxy, connection, interface,
    message::Header,
    zvariant::{self, OwnedObjectPath, OwnedValue, Structure},
};

use crate::notifications::Notifications;

/// An app that hangs fails its test and does not hang it too.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// An entry of a menu: its number, what it looks like, its sub-entries.
type Layout = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

/// The application's name on the bus and the path of its icon there.
type Icon = Arc<Mutex<Option<(String, String)>>>;

/// The tray of this session's bus.
pub(crate) struct Tray {
    /// Shown beside the tray on most desktops.
    pub(crate) notifications: Notifications,
    bus: Connection,
    icon: Icon,
}

struct Watcher {
    icon: Icon,
}

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(&self, path: String, #[zbus(header)] header: Header<'_>) {
        let sender = header.sender().map(ToString::to_string).unwrap_or_default();
        *self.icon.lock().unwrap() = Some((sender, path));
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }
}

impl Tray {
    pub(crate) async fn open() -> Result<Self> {
        let icon = Icon::default();
        let notifications = Notifications::default();
        let bus = connection::Builder::session()?
            .method_timeout(ANSWER_WITHIN)
            .serve_at("/StatusNotifierWatcher", Watcher { icon: icon.clone() })?
            .serve_at("/org/freedesktop/Notifications", notifications.clone())?
            .name("org.freedesktop.Notifications")?
            .name("org.kde.StatusNotifierWatcher")?
            .build()
            .await?;
        Ok(Self {
            notifications,
            bus,
            icon,
        })
    }

    /// Whether the icon is shown, and the lines of its menu.
    pub(crate) async fn look(&self) -> Result<Value> {
        let Some((item, menu)) = self.item().await? else {
            return Ok(Value::Null);
        };
        let status: String = item.get_property("Status").await?;
        let menu: Vec<String> = entries(&menu)
            .await?
            .into_iter()
            .map(|(_, text)| text)
            .collect();
        Ok(json!({ "shown": status == "Active", "menu": menu }))
    }

    /// Picks the line of the menu that says this.
    pub(crate) async fn choose(&self, text: &str) -> Result<Value> {
        let (_, menu) = self.item().await?.context("there is no icon")?;
        let entries = entries(&menu).await?;
        let (number, _) = entries
            .iter()
            .find(|(_, label)| label == text)
            .with_context(|| format!("{text} is not in {entries:?}"))?;
        let nothing = zvariant::Value::from(0);
        menu.call_method("Event", &(number, "clicked", nothing, 0u32))
            .await?;
        Ok(json!(true))
    }

    async fn item(&self) -> Result<Option<(Proxy<'static>, Proxy<'static>)>> {
        let Some((app, path)) = self.icon.lock().unwrap().clone() else {
            return Ok(None);
        };
        let item = Proxy::new(&self.bus, app.clone(), path, "org.kde.StatusNotifierItem").await?;
        let menu: OwnedObjectPath = item.get_property("Menu").await?;
        let menu = Proxy::new(&self.bus, app, menu.into_inner(), "com.canonical.dbusmenu").await?;
        Ok(Some((item, menu)))
    }
}

/// The menu's lines, each with the number it is chosen by.
async fn entries(menu: &Proxy<'_>) -> Result<Vec<(i32, String)>> {
    let everything: Vec<&str> = Vec::new();
    let (_, (_, _, lines)): (u32, Layout) = menu.call("GetLayout", &(0, -1, everything)).await?;
    let mut entries = Vec::new();
    for line in lines {
        let line: Structure<'_> = line.try_into()?;
        let (number, look, _): Layout = line.try_into()?;
        if let Some(label) = look.get("label") {
            // An underscore marks the letter that the keyboard chooses it by.
            let label: &str = label.try_into()?;
            entries.push((number, label.replace('_', "")));
        }
    }
    Ok(entries)
}
