//! One refresh grant: `POST /services/oauth2/token` through the `oauth2` crate over our own HTTP client.
use crate::{
    address::Origin,
    body::{Progress, TextBody},
    fault::failure,
    send::unanswered,
    usage::Counters,
};
use oauth2::{
    AsyncHttpClient, AuthType, ClientId, ClientSecret, EndpointNotSet, EndpointSet, ExtraTokenFields,
    HttpRequest, HttpResponse, RefreshToken, RequestTokenError, StandardRevocableToken,
    StandardTokenResponse, TokenResponse, TokenUrl,
    basic::{
        BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType,
    },
};
use serde::{Deserialize, Serialize};
use sf_core::{AccessToken, Delivery, Error, ErrorCode, ErrorKind, Failure, Result, Secret};
use std::{
    fmt,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering::Relaxed},
    },
    time::Duration,
};

/// A token answer is small and quick; a slow login host must not hold up every call for minutes.
const TOTAL: Duration = Duration::from_secs(60);
const BODY_LIMIT: usize = 1 << 20;

/// What Salesforce adds to the standard token answer (REST API guide, OAuth token response).
#[derive(Deserialize, Serialize)]
struct SalesforceFields {
    instance_url: Option<String>,
}
impl fmt::Debug for SalesforceFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SalesforceFields")
    }
}
impl ExtraTokenFields for SalesforceFields {}

type TokenClient = oauth2::Client<
    BasicErrorResponse,
    StandardTokenResponse<SalesforceFields, BasicTokenType>,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// The app and the login host, ready to ask for tokens.
pub(super) struct Grant {
    client: TokenClient,
    http: reqwest::Client,
    login: Origin,
}

/// What a grant gives: the access token, and the next refresh token when the app rotates them.
pub(super) struct Granted {
    pub(super) token: AccessToken,
    pub(super) rotated: Option<Secret>,
}

impl Grant {
    pub(super) fn new(
        http: reqwest::Client,
        login: Origin,
        client_id: String,
        client_secret: Option<&Secret>,
    ) -> Result<Grant> {
        let url = login.join("/services/oauth2/token")?;
        let mut client = oauth2::Client::new(ClientId::new(client_id))
            .set_auth_type(AuthType::RequestBody)
            .set_token_uri(TokenUrl::from_url(url));
        if let Some(secret) = client_secret {
            client = client.set_client_secret(ClientSecret::new(secret.expose().to_owned()));
        }
        Ok(Grant { client, http, login })
    }

    pub(super) fn login(&self) -> &Origin {
        &self.login
    }

    /// Asks once. Takes care that no text of the exchange ends in the error.
    pub(super) async fn refresh(&self, refresh_token: &Secret) -> Result<Granted> {
        let refresh_token = RefreshToken::new(refresh_token.expose().to_owned());
        let door = Door { http: &self.http, login: &self.login, status: AtomicU16::new(0) };
        let answer = self.client.exchange_refresh_token(&refresh_token).request_async(&door).await;
        let status = door.status.load(Relaxed);
        let answer = answer.map_err(|e| refused(e, status, &self.login))?;
        let Some(instance_url) = &answer.extra_fields().instance_url else {
            return Err(strange(status, &self.login));
        };
        Ok(Granted {
            token: AccessToken::new(answer.access_token().secret(), instance_url),
            rotated: answer
                .refresh_token()
                .filter(|new| new.secret() != refresh_token.secret())
                .map(|new| Secret::new(new.secret())),
        })
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

fn refused(e: RequestTokenError<Unanswered, BasicErrorResponse>, status: u16, login: &Origin) -> Error {
    match e {
        RequestTokenError::Request(unanswered) => unanswered.0,
        RequestTokenError::ServerResponse(answer) => {
            oauth_failure(answer.error().as_ref(), answer.error_description(), status).into()
        }
        // Their source texts can repeat pieces of the answer, which may hold tokens.
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => strange(status, login),
    }
}

/// `{"error":"invalid_grant","error_description":"expired access/refresh token"}`.
fn oauth_failure(error: &str, description: Option<&String>, status: u16) -> Failure {
    let said = description.map_or(error, String::as_str);
    let mut failure = if is_busy(said) || status >= 500 {
        Failure::new(ErrorKind::Unavailable, Delivery::Refused, format!("{error}: {said}"))
    } else {
        let code = ErrorCode::from(error);
        let known = !matches!(code, ErrorCode::Other(_));
        let mut failure = Failure::of_code(code, said);
        if !known {
            failure.kind = ErrorKind::NotSignedIn;
        }
        failure
    };
    if failure.code == Some(ErrorCode::InvalidGrant) {
        failure.next_step = Some(
            "The refresh token has expired or was revoked: let the user sign in again and use the new token."
                .into(),
        );
    }
    failure.with_status(status)
}

/// "Token request is already being processed": another process refreshes the same grant at this moment.
fn is_busy(description: &str) -> bool {
    description.to_ascii_lowercase().contains("already being processed")
}

/// An answer that is no token answer: the page of a proxy, a maintenance page, another service.
fn strange(status: u16, login: &Origin) -> Error {
    let kind = if status >= 500 { ErrorKind::Unavailable } else { ErrorKind::Decode };
    failure(
        kind,
        Delivery::Refused,
        format!("{login} gave no token answer (HTTP {status})"),
        "Check the login host (production, sandbox or My Domain), then try again; see status.salesforce.com.",
    )
    .with_status(status)
    .into()
}
