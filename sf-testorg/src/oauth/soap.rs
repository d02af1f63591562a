//! `login()` and `logout()` of the SOAP API, as jsforce and simple-salesforce call them.
use super::{reply::escape, vault::Session};
use crate::{
    org::Inner,
    rest::Answer,
    soap::{Fault, Wording, reply, text},
    xml::Element,
};
use sf_core::SfId;

/// SOAP guide, "SOAP API End-of-Life Policy": `login()` is in none after.
const LAST_WITH_LOGIN: u16 = 64;

impl Inner {
    /// Whether this API version has `login()`.
    pub(crate) fn has_soap_login(&self, version: u16) -> bool {
        version <= LAST_WITH_LOGIN
    }

    /// Whose session it is, if it opens the API. A call keeps it alive.
    pub(crate) fn enter_session(&mut self, token: &str) -> Option<SfId> {
        let session = self.session(token).ok()?;
        super::scope::opens_rest(&session.scopes).then_some(session.user)
    }

    pub(crate) fn soap_login(
        &mut self,
        wording: Wording,
        version: &str,
        envelope: &Element,
    ) -> Result<Answer, Fault> {
        if !self.oauth.soap_login {
            let message = "SOAP API login() is disabled by default in this org. Contact the org administrator to \
                           enable SOAP API login().";
            return Err(Fault::exception("LoginFault", "INVALID_OPERATION", message));
        }
        let wrong = || {
            let message = "Invalid username, password, security token; or user locked out.";
            Fault::exception("LoginFault", "INVALID_LOGIN", message)
        };
        let (username, password) = (text(envelope, "username"), text(envelope, "password"));
        let user = username
            .and_then(|name| self.user_named(&name))
            .filter(|user| user.is_active)
            .ok_or_else(wrong)?;
        if !password.is_some_and(|password| self.oauth.credentials.is_password(&password)) {
            return Err(wrong());
        }
        let now = self.oauth.now;
        let idle_seconds = self.oauth.idle_seconds(None);
        let token = self.oauth.begin(Session {
            user: user.id,
            client_id: None,
            grant: None,
            scopes: vec!["full".to_owned()],
            issued: now,
            used: now,
            idle_seconds,
        });
        let field = |name: &str, otherwise: &str| {
            let found = self.state.find(user.id).and_then(|(sobject, row)| {
                row.cells.get(sobject.position(name)?).and_then(|cell| {
                    cell.as_text().map(str::to_owned).or_else(|| cell.as_id().map(|id| id.to_string()))
                })
            });
            escape(&found.unwrap_or_else(|| otherwise.to_owned()))
        };
        let base = escape(&self.oauth.instance_url);
        let org = &self.oauth.credentials.org_id;
        let org_15 = org.get(..15).unwrap_or_default();
        let letter = if wording.api == "enterprise" { 'c' } else { 'u' };
        let seconds = idle_seconds.unwrap_or_default();
        let user_info = [
            "<accessibilityMode>false</accessibilityMode><chatterExternal>false</chatterExternal>".to_owned(),
            "<currencySymbol>$</currencySymbol><orgAttachmentFileSizeLimit>5242880</orgAttachmentFileSizeLimit>".to_owned(),
            "<orgDefaultCurrencyIsoCode>USD</orgDefaultCurrencyIsoCode>".to_owned(),
            "<orgDefaultCurrencyLocale>en_US</orgDefaultCurrencyLocale>".to_owned(),
            "<orgDisallowHtmlAttachments>false</orgDisallowHtmlAttachments>".to_owned(),
            "<orgHasPersonAccounts>false</orgHasPersonAccounts>".to_owned(),
            format!("<organizationId>{org}</organizationId>"),
            "<organizationMultiCurrency>false</organizationMultiCurrency>".to_owned(),
            "<organizationName>Simulated Org</organizationName>".to_owned(),
            format!("<profileId>{}</profileId><roleId xsi:nil=\"true\"/>", field("ProfileId", "")),
            format!("<sessionSecondsValid>{seconds}</sessionSecondsValid>"),
            "<userDefaultCurrencyIsoCode xsi:nil=\"true\"/>".to_owned(),
            format!("<userEmail>{}</userEmail>", field("Email", &user.username)),
            format!("<userFullName>{}</userFullName><userId>{}</userId>", escape(&user.name), user.id),
            format!("<userLanguage>{}</userLanguage>", field("LanguageLocaleKey", "en_US")),
            format!("<userLocale>{}</userLocale>", field("LocaleSidKey", "en_US")),
            format!("<userName>{}</userName>", escape(&user.username)),
            format!("<userTimeZone>{}</userTimeZone>", field("TimeZoneSidKey", "GMT")),
            format!("<userType>{}</userType><userUiSkin>Theme3</userUiSkin>", field("UserType", "Standard")),
        ];
        let result = format!(
            "<loginResponse><result><metadataServerUrl>{base}/services/Soap/m/{version}/{org_15}</metadataServerUrl>\
             <passwordExpired>false</passwordExpired><sandbox>false</sandbox>\
             <serverUrl>{base}/services/Soap/{letter}/{version}/{org_15}</serverUrl>\
             <sessionId>{token}</sessionId><userId>{}</userId><userInfo>{}</userInfo></result></loginResponse>",
            user.id,
            user_info.concat()
        );
        Ok(reply(200, &wording.namespace(), "", &result))
    }

    pub(crate) fn soap_logout(&mut self, wording: Wording, envelope: &Element) -> Result<Answer, Fault> {
        let ended = text(envelope, "sessionId").is_some_and(|token| self.oauth.vault.end(&token));
        if !ended {
            let message = "Invalid Session ID found in SessionHeader: Illegal Session. Session not found, missing session key: ";
            return Err(Fault::exception("UnexpectedErrorFault", "INVALID_SESSION_ID", message));
        }
        Ok(reply(200, &wording.namespace(), "", "<logoutResponse/>"))
    }
}
