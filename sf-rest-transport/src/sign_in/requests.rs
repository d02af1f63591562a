//! The requests to a login host: `POST /services/oauth2/token` and `/revoke`, through the `oauth2` crate where it has the grant, over
//! our own HTTP client.
use super::answer::{SalesforceFields, oauth_failure, strange, tokens};
use crate::{
    address::Origin,
    body::{Progress, TextBody},
    send::unanswered,
    store::Tokens,
    usage::Counters,
};
use oauth2::{
    AsyncHttpClient, AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet,
    EndpointSet, HttpRequest, HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken,
    RequestTokenError, Scope, StandardRevocableToken, StandardTokenResponse, TokenUrl,
    basic::{
        BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType,
    },
};
use serde::de::DeserializeOwned;
use sf_core::{Error, Result, Secret};
use std::{
    borrow::Cow,
    fmt,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering::Relaxed},
    },
    time::Duration,
};
use url::Url;

/// A token answer is small and quick; a slow login host must not hold up every call for minutes.
const TOTAL: Duration = Duration::from_secs(60);
const BODY_LIMIT: usize = 1 << 20;

pub(super) type TokenAnswer = StandardTokenResponse<SalesforceFields, BasicTokenType>;
type Refused = RequestTokenError<Unanswered, BasicErrorResponse>;

type TokenClient = oauth2::Client<
    BasicErrorResponse,
    TokenAnswer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// The app at its login host.
pub(super) struct Requests {
    client: TokenClient,
    client_id: String,
    client_secret: Option<Secret>,
    scopes: Vec<String>,
    http: reqwest::Client,
    login: Origin,
}

impl Requests {
    pub(super) fn new(
        http: reqwest::Client,
        login: Origin,
        client_id: &str,
        client_secret: Option<&Secret>,
        scopes: &[String],
    ) -> Result<Requests> {
        let mut client = oauth2::Client::new(ClientId::new(client_id.to_owned()))
            .set_auth_type(AuthType::RequestBody)
            .set_auth_uri(AuthUrl::from_url(login.join("/services/oauth2/authorize")?))
            .set_token_uri(TokenUrl::from_url(login.join("/services/oauth2/token")?));
        if let Some(secret) = client_secret {
            client = client.set_client_secret(ClientSecret::new(secret.expose().to_owned()));
        }
        Ok(Requests {
            client,
            client_id: client_id.to_owned(),
            client_secret: client_secret.cloned(),
            scopes: scopes.to_vec(),
            http,
            login,
        })
    }

    pub(super) fn login(&self) -> &Origin {
        &self.login
    }

    fn scopes(&self) -> impl Iterator<Item = Scope> + '_ {
        self.scopes.iter().cloned().map(Scope::new)
    }

    /// Where the user is sent to, with the state and the PKCE verifier that belong to it.
    pub(super) fn authorize_url(&self, redirect: &RedirectUrl) -> (Url, CsrfToken, PkceCodeVerifier) {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (url, state) = self
            .client
            .authorize_url(CsrfToken::new_random)
            .set_redirect_uri(Cow::Borrowed(redirect))
            .add_scopes(self.scopes())
            .set_pkce_challenge(challenge)
            .url();
        (url, state, verifier)
    }

    pub(super) async fn exchange_code(
        &self,
        code: String,
        redirect: &RedirectUrl,
        verifier: PkceCodeVerifier,
    ) -> Result<Tokens> {
        let door = self.door();
        let answer = self
            .client
            .exchange_code(AuthorizationCode::new(code))
            .set_pkce_verifier(verifier)
            .set_redirect_uri(Cow::Borrowed(redirect))
            .request_async(&door)
            .await;
        self.granted(&door, answer)
    }

    pub(super) async fn refresh(&self, refresh_token: &Secret) -> Result<Tokens> {
        let door = self.door();
        let refresh_token = RefreshToken::new(refresh_token.expose().to_owned());
        let answer = self.client.exchange_refresh_token(&refresh_token).request_async(&door).await;
        self.granted(&door, answer)
    }

    pub(super) async fn client_credentials(&self) -> Result<Tokens> {
        let door = self.door();
        let answer = self.client.exchange_client_credentials().request_async(&door).await;
        self.granted(&door, answer)
    }

    /// A grant that `oauth2` does not know in Salesforce's form.
    #[cfg(feature = "jwt")]
    pub(super) async fn assertion(&self, assertion: &Secret) -> Result<Tokens> {
        let grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
        let form = [("grant_type", grant), ("assertion", assertion.expose())];
        let (status, answer) = self.form::<TokenAnswer>("/services/oauth2/token", &form).await?;
        tokens(&answer, status, &self.login)
    }

    /// Asks for a device code.
    pub(super) async fn device_code<T: DeserializeOwned>(&self) -> Result<T> {
        let scope = self.scopes.join(" ");
        let form = [("response_type", "device_code"), ("client_id", &self.client_id), ("scope", &scope)];
        Ok(self.form("/services/oauth2/token", &form).await?.1)
    }

    /// Asks whether the user has approved the device.
    pub(super) async fn device(&self, device_code: &Secret) -> Result<Tokens> {
        let mut form = vec![
            ("grant_type", "device"),
            ("client_id", self.client_id.as_str()),
            ("code", device_code.expose()),
        ];
        if let Some(secret) = &self.client_secret {
            form.push(("client_secret", secret.expose()));
        }
        let (status, answer) = self.form::<TokenAnswer>("/services/oauth2/token", &form).await?;
        tokens(&answer, status, &self.login)
    }

    /// Ends a token at the org. One that the org does not know (any more) is as good as revoked.
    pub(super) async fn revoke(&self, token: &str) -> Result<()> {
        let answer = self.post("/services/oauth2/revoke", &[("token", token)]).await?;
        match answer.status().as_u16() {
            200..=299 | 400 => Ok(()),
            status => Err(strange(status, &self.login)),
        }
    }

    async fn form<T: DeserializeOwned>(&self, path: &str, form: &[(&str, &str)]) -> Result<(u16, T)> {
        let answer = self.post(path, form).await?;
        let status = answer.status().as_u16();
        if answer.status().is_success() {
            // The source's text could repeat a token.
            let read = serde_json::from_slice(answer.body()).map_err(|_| strange(status, &self.login))?;
            return Ok((status, read));
        }
        match serde_json::from_slice::<BasicErrorResponse>(answer.body()) {
            Ok(answer) => {
                Err(oauth_failure(answer.error().as_ref(), answer.error_description(), status).into())
            }
            Err(_) => Err(strange(status, &self.login)),
        }
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Result<HttpResponse> {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = http::Request::post(self.login.join(path)?.as_str())
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "application/json")
            .body(body.into_bytes())
            .map_err(|_| strange(0, &self.login))?;
        self.door().post(request).await.map_err(|unanswered| unanswered.0)
    }

    fn door(&self) -> Door<'_> {
        Door { http: &self.http, login: &self.login, status: AtomicU16::new(0) }
    }

    /// Takes care that no text of the exchange ends in the error.
    fn granted(&self, door: &Door<'_>, answer: Result<TokenAnswer, Refused>) -> Result<Tokens> {
        let status = door.status.load(Relaxed);
        match answer {
            Ok(answer) => tokens(&answer, status, &self.login),
            Err(RequestTokenError::Request(unanswered)) => Err(unanswered.0),
            Err(RequestTokenError::ServerResponse(answer)) => {
                Err(oauth_failure(answer.error().as_ref(), answer.error_description(), status).into())
            }
            // Their source texts can repeat pieces of the answer, which may hold tokens.
            Err(RequestTokenError::Parse(..) | RequestTokenError::Other(_)) => {
                Err(strange(status, &self.login))
            }
        }
    }
}

/// Our HTTP client as `oauth2` wants it.
struct Door<'a> {
    http: &'a reqwest::Client,
    login: &'a Origin,
    /// Of the answer; `oauth2` does not pass it on.
    status: AtomicU16,
}

impl<'c> AsyncHttpClient<'c> for Door<'_> {
    type Error = Unanswered;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Unanswered>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.post(request))
    }
}

impl Door<'_> {
    async fn post(&self, request: HttpRequest) -> Result<HttpResponse, Unanswered> {
        let progress = Progress::watched();
        let failed = |e: reqwest::Error| Unanswered(unanswered(e, &progress, self.login));
        let (parts, body) = request.into_parts();
        let body = TextBody::new(body, progress.clone(), Arc::new(Counters::default()));
        let request = http::Request::from_parts(parts, reqwest::Body::wrap(body));
        let mut request = reqwest::Request::try_from(request).map_err(failed)?;
        *request.timeout_mut() = Some(TOTAL);
        let mut answer = self.http.execute(request).await.map_err(failed)?;
        self.status.store(answer.status().as_u16(), Relaxed);
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(failed)? {
            body.extend_from_slice(&chunk);
            if body.len() > BODY_LIMIT {
                return Err(Unanswered(strange(answer.status().as_u16(), self.login)));
            }
        }
        let mut response = HttpResponse::new(body);
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        Ok(response)
    }
}

/// The error type that `oauth2` carries through for us.
struct Unanswered(Error);
impl fmt::Debug for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}
impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
impl std::error::Error for Unanswered {}
