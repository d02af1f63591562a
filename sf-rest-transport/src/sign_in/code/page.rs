//! What the browser shows after the redirect. Nothing of the request is repeated in it.
use url::Url;

pub(super) fn came_back(url: &Url) -> String {
    let denied = url.query_pairs().any(|(name, _)| name == "error");
    match denied {
        true => page(
            "400 Bad Request",
            "Access was not granted",
            "You can close this window and start again in the program.",
        ),
        false => {
            page("200 OK", "Salesforce has answered", "You can close this window and go back to the program.")
        }
    }
}
pub(super) fn not_this_sign_in() -> String {
    page(
        "400 Bad Request",
        "This is not the sign-in that is under way",
        "Use the link that the program showed last.",
    )
}
pub(super) fn not_found() -> String {
    page("404 Not Found", "Nothing is here", "This address only takes the answer of a sign-in.")
}
pub(super) fn too_long() -> String {
    page(
        "431 Request Header Fields Too Large",
        "The browser sent too much",
        "Delete the cookies of localhost, or open the link in a private window.",
    )
}

fn page(status: &str, title: &str, text: &str) -> String {
    let body = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title>\
         <style>body{{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:20vh auto;padding:0 1rem}}</style>\
         <h1>{title}</h1><p>{text}</p></html>"
    );
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nCache-Control: no-store\r\n\
         Referrer-Policy: no-referrer\r\nContent-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    )
}
