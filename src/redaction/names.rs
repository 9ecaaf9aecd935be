//! Words of names whose values are secret, wherever values are hidden: in tracebacks and by redaction.

/// Words that are secret anywhere in a name, without the characters that are no letters.
pub const WORDS: [&str; 26] = [
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "pwd",
    "secret",
    "token",
    "apikey",
    "accesskey",
    "accountkey",
    "privatekey",
    "signingkey",
    "encryptionkey",
    "sshkey",
    "authorization",
    "cookie",
    "credential",
    "creds",
    "sessionid",
    "bearer",
    "jwt",
    "csrf",
    "xsrf",
    "cvv",
    "cardnumber",
    "creditcard",
];

/// Names that are secret on their own, and mean something else as part of a longer name.
pub const WHOLE: [&str; 3] = ["auth", "pin", "session"];

/// Words that are secret as a word of a name, and mean something else as part of a longer word.
pub const PARTS: [&str; 5] = ["pass", "pw", "psk", "otp", "ssn"];
