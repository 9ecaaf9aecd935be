//! The table of kept patterns: secrets whose form is published.
//!
//! Each pattern has literals, one of which stands in every match in some case, so that a search for all literals at
//! once decides which expressions run. If an expression has the group `secret`, only that part is masked. Words are
//! ASCII words: a Unicode `\b` takes a hundred times as long.

use crate::redaction::numbers;

/// A kept pattern.
#[derive(Clone, Copy)]
pub struct Kept {
    pub name: &'static str,
    /// In lower case.
    pub literals: &'static [&'static str],
    pub expression: &'static str,
    /// A test that an expression cannot make, given the part that would be masked.
    pub check: Option<fn(&[u8]) -> bool>,
    /// Whether `True` and `"default"` include it: it tells a credential, with few mistakes.
    pub is_default: bool,
}

const fn credential(name: &'static str, literals: &'static [&'static str], expression: &'static str) -> Kept {
    Kept { name, literals, expression, check: None, is_default: true }
}

const fn checked(kept: Kept, check: fn(&[u8]) -> bool) -> Kept {
    Kept { check: Some(check), ..kept }
}

/// Not part of the defaults: e-mail and IP addresses often say who did something, which a log is for.
const fn personal(name: &'static str, literals: &'static [&'static str], expression: &'static str) -> Kept {
    Kept { name, literals, expression, check: None, is_default: false }
}

/// The name of the pattern for card numbers, which `numbers.rs` finds. It is not part of the defaults: one in ten
/// numbers that begin like a card's passes the Luhn test by chance.
pub(super) const CARD: &str = "card";

pub(super) const TABLE: [Kept; 26] = [
    // RFC 6750, section 2.1: a scheme in any case, and a b64token.
    checked(
        credential("bearer", &["bearer"], r"(?i-u)\bbearer[ \t]{1,8}(?<secret>[\w.~+/-]{6,}=*)"),
        numbers::is_tokenlike,
    ),
    // RFC 7617, section 2: the base64 of a name, a colon and a password.
    checked(
        credential("basic", &["basic"], r"(?-u)\b(?i:basic)[ \t]{1,8}(?<secret>[A-Za-z0-9+/]{4,}={0,2})"),
        numbers::is_base64_of_pair,
    ),
    // RFC 7519 and RFC 7516: base64url of a JSON object, `{"`, and two to four more parts.
    credential("jwt", &["eyj"], r"(?-u)\beyJ[\w-]{8,}(?:\.[\w-]*){2,4}"),
    // RFC 7468, section 10, and PGP's armour of RFC 9580, section 6.2. To the end of a text that was cut.
    credential(
        "private-key",
        &["private key"],
        r"(?s-u)-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----|\z)",
    ),
    // RFC 3986, section 3.2.1: the password of the user information.
    credential("url-password", &["://"], r#"(?-u)://[^/@\s:"'<>?#]{0,200}:(?<secret>[^\s"'<>/?#]+)@"#),
    // AWS, IAM User Guide, "Unique identifiers": the prefixes of access keys.
    credential("aws", &["akia", "asia", "abia", "acca"], r"(?-u)\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b"),
    // GitHub, "About authentication to GitHub": the formats of its tokens.
    credential(
        "github",
        &["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"],
        r"(?-u)\b(?:gh[pousr]_[A-Za-z0-9_]{16,}|github_pat_\w{16,})",
    ),
    // GitLab, "Token overview": the prefixes of its tokens.
    credential(
        "gitlab",
        &["glpat-", "gloas-", "gldt-", "glrt-", "glcbt-", "glptt-", "glft-", "glimt-", "glagent-", "glsoat-"],
        r"(?-u)\bgl(?:pat|oas|dt|rt|cbt|ptt|ft|imt|agent|soat)-[\w.-]{12,}",
    ),
    // Slack, "Token types", and the URLs of "Sending messages using incoming webhooks".
    credential(
        "slack",
        &["xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxe", "xapp-", "hooks.slack.com/"],
        r"(?-u)\b(?:xox[abeprs](?:\.xox[bp])?-|xapp-)[\w-]{10,}|hooks\.slack\.com/(?:services|workflows|triggers)/[\w/-]{10,}",
    ),
    // Google Cloud, "Authenticate by using API keys": 39 characters.
    credential("google-api-key", &["aiza"], r"(?-u)\bAIza[\w-]{35}"),
    // Google Identity, "Using OAuth 2.0": access tokens.
    credential("google-oauth", &["ya29."], r"(?-u)\bya29\.[\w.-]{20,}"),
    // Stripe, "API keys" and "Check webhook signatures".
    credential(
        "stripe",
        &["sk_live_", "sk_test_", "rk_live_", "rk_test_", "whsec_"],
        r"(?-u)\b(?:[sr]k_(?:live|test)|whsec)_[A-Za-z0-9+/=]{16,}",
    ),
    // OpenAI, "API reference: authentication"; Anthropic, "API overview".
    credential("openai", &["sk-"], r"(?-u)\bsk-(?:proj-|svcacct-|admin-|ant-)?[\w-]{20,}"),
    // npm, "About access tokens".
    credential("npm", &["npm_"], r"(?-u)\bnpm_[A-Za-z0-9]{36}"),
    // PyPI, "API tokens": a macaroon in base64 that names pypi.org.
    credential("pypi", &["pypi-ageichlwas5vcmc"], r"(?-u)\bpypi-AgEIcHlwaS5vcmc[\w-]{20,}"),
    // Hugging Face, "User access tokens".
    credential("huggingface", &["hf_"], r"(?-u)\bhf_[A-Za-z0-9]{30,}"),
    // Docker, "Personal access tokens".
    credential("docker", &["dckr_"], r"(?-u)\bdckr_(?:pat|oat)_[\w-]{20,}"),
    // DigitalOcean, "API reference: authentication".
    credential("digitalocean", &["dop_v1_", "doo_v1_", "dor_v1_"], r"(?-u)\bdo[opr]_v1_[a-f0-9]{40,}"),
    // SendGrid, "API keys".
    credential("sendgrid", &["sg."], r"(?-u)\bSG\.[\w-]{16,}\.[\w-]{16,}"),
    // HashiCorp Vault, "Tokens": the prefixes of service, batch and recovery tokens.
    credential("vault", &["hvs.", "hvb.", "hvr."], r"(?-u)\bhv[sbr]\.[\w-]{20,}"),
    // Shopify, "Authentication".
    credential("shopify", &["shpat_", "shpca_", "shppa_", "shpss_"], r"(?-u)\bshp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}"),
    // Microsoft, "Delegate access by using a shared access signature": the signature of a URL.
    credential("azure-sas", &["sig="], r"(?-u)[?&;]sig=(?<secret>[\w%+/=-]{20,})"),
    // Amazon S3, "Authenticating requests by query parameters".
    credential("aws-signature", &["x-amz-signature="], r"(?i-u)x-amz-signature=(?<secret>[a-f0-9]{64})"),
    // RFC 5321, section 4.1.2, without quoted names and literal addresses.
    personal("email", &["@"], r"(?-u)[\w.+%'-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"),
    // RFC 791: four numbers up to 255.
    personal(
        "ipv4",
        &["."],
        r"(?-u)\b(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\b",
    ),
    // RFC 4291, section 2.2, in all its forms.
    checked(
        personal(
            "ipv6",
            &[":"],
            r"(?-u)(?:^|[^\w:.])(?<secret>[0-9A-Fa-f:]{0,32}:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f:]{2,39})",
        ),
        numbers::is_ipv6,
    ),
];

/// The names of all kept patterns.
pub fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|kept| kept.name).chain([CARD])
}

#[cfg(test)]
mod tests;
