//! The device flow: a code for the device, a page for the user, and the questions in between.
use super::{
    User,
    form::Form,
    page::{Page, notice},
    reply::{Reply, escape},
    scope,
    token::Secret,
    vault::{Decision, Device},
};
use crate::{Method, Request, org::Inner, rest::Answer};
use std::time::Duration;

/// Seconds a device waits between two questions, and how many more after a `slow_down`.
const INTERVAL: u64 = 5;

impl Inner {
    pub(super) fn begin_device(&mut self, form: &Form) -> Result<Reply, Reply> {
        const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        // Without letters that look alike.
        const CODE_LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
        let app = self.client(form, Secret::Optional)?;
        let scopes = scope::granted(form.get("scope"), &app.scopes)
            .map_err(|refused| Reply::refuse("invalid_scope", refused.text()))?;
        let now = self.oauth.now;
        let device_code = self.oauth.vault.draw(LETTERS, 64);
        let user_code = self.oauth.vault.draw(CODE_LETTERS, 8);
        let device = Device {
            client_id: app.client_id,
            user_code: user_code.clone(),
            scopes,
            expires: now + self.assumptions.oauth.device_code_life,
            interval: INTERVAL,
            polled: None,
            decision: Decision::Pending,
        };
        self.oauth.vault.put_device(device_code.clone(), Some(device));
        Ok(Reply::ok(vec![
            ("device_code", device_code.into()),
            ("user_code", user_code.into()),
            ("verification_uri", format!("{}/setup/connect", self.oauth.instance_url).into()),
            ("interval", INTERVAL.into()),
        ]))
    }

    pub(super) fn poll_device(&mut self, form: &Form) -> Result<Reply, Reply> {
        let app = self.client(form, Secret::Optional)?;
        let code = form.required("code")?;
        let device = self.oauth.vault.device(code).filter(|device| device.client_id == app.client_id);
        let mut device = device.cloned().ok_or_else(|| Reply::invalid_grant("invalid device code"))?;
        let now = self.oauth.now;
        if device.expires <= now {
            let says_so = self.assumptions.oauth.device_says_expired_token;
            return Err(Reply::refuse(
                if says_so { "expired_token" } else { "invalid_grant" },
                "expired device code",
            ));
        }
        let user = match device.decision {
            Decision::Denied => {
                self.oauth.vault.put_device(code.to_owned(), None);
                return Err(Reply::refuse("access_denied", "end-user denied authorization"));
            }
            Decision::Approved(user) => self.user(user),
            Decision::Pending => {
                let next = device.polled.map(|polled| polled + Duration::from_secs(device.interval));
                let is_too_soon = next.is_some_and(|next| now < next);
                device.polled = Some(now);
                if is_too_soon {
                    device.interval += INTERVAL;
                }
                self.oauth.vault.put_device(code.to_owned(), Some(device));
                return Err(match is_too_soon {
                    true => Reply::refuse("slow_down", "polling too frequently"),
                    false => Reply::refuse("authorization_pending", "authorization is pending"),
                });
            }
        };
        self.oauth.vault.put_device(code.to_owned(), None);
        let user = user.ok_or_else(|| Reply::invalid_grant("invalid device code"))?;
        self.grant(&app, &user, device.scopes)
    }

    /// `/setup/connect`: the user types the code and allows or denies.
    pub(super) fn connect(&mut self, request: &Request, form: &Form) -> Result<Answer, Reply> {
        let user_code = form.get("user_code").unwrap_or_default();
        if request.method != Method::Post || form.get("decision").is_none() {
            return Ok(self.device_page(user_code, None));
        }
        let username = form.get("username").unwrap_or_default();
        let decided = match form.get("decision") {
            Some("allow") => self.decide_device(user_code, Some(username)),
            _ => self.decide_device(user_code, None),
        };
        Ok(match decided {
            Ok(true) => notice("You're Connected", "The device has access now. You can close this page."),
            Ok(false) => notice("Access Denied", "The device has no access. You can close this page."),
            Err(problem) => self.device_page(user_code, Some(problem)),
        })
    }

    /// What the user says of a device: `true` when it has access now.
    pub(super) fn decide_device(
        &mut self,
        user_code: &str,
        username: Option<&str>,
    ) -> Result<bool, &'static str> {
        let now = self.oauth.now;
        let waiting = |device: &Device| device.decision == Decision::Pending && now < device.expires;
        let found = self.oauth.vault.device_of_user_code(user_code).filter(|(_, device)| waiting(device));
        let (code, mut device) = found
            .map(|(code, device)| (code.clone(), device.clone()))
            .ok_or("This code is wrong or has expired.")?;
        device.decision = match username {
            None => Decision::Denied,
            Some(name) => {
                let user: User = self
                    .user_named(name)
                    .filter(|user| user.is_active)
                    .ok_or("There is no active user of this name.")?;
                if self.oauth.apps.get(&device.client_id).is_none_or(|app| !app.admits(&user.username)) {
                    return Err("This user is not approved to access this app.");
                }
                Decision::Approved(user.id)
            }
        };
        self.oauth.vault.put_device(code, Some(device));
        Ok(username.is_some())
    }

    fn device_page(&self, user_code: &str, problem: Option<&str>) -> Answer {
        let device = self.oauth.vault.device_of_user_code(user_code).map(|(_, device)| device);
        let app = device.and_then(|device| self.oauth.apps.get(&device.client_id));
        let page = Page {
            title: "Connect Your Device",
            about: match app {
                Some(app) => format!("<strong>{}</strong> asks for access to this org.", escape(app.label())),
                None => "Enter the code that the device shows.".to_owned(),
            },
            problem,
            action: "/setup/connect",
            hidden: Vec::new(),
            field: Some(("user_code", user_code)),
            users: self.users().filter(|user| user.is_active).collect(),
            hint: None,
        };
        page.answer()
    }
}
