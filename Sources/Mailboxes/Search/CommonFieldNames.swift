import MailFormat

/// Names of header fields that stand in so many mails that the full-text index need not know of them: who looks for what
/// stands in one of these names finds nearly every mail, by looking through all.
enum CommonFieldNames {
    /// In lower case. What is added or taken away changes the index: see `SearchTexts.version`.
    private static let names = [
        "from", "to", "cc", "subject", "date", "sender", "reply-to", "message-id", "in-reply-to", "references", "received",
        "return-path", "delivered-to", "mime-version", "content-type", "content-transfer-encoding", "content-language",
        "dkim-signature", "authentication-results", "received-spf", "arc-seal", "arc-message-signature",
        "arc-authentication-results", "user-agent", "x-mailer", "x-received", "thread-topic", "thread-index",
    ].map { Array($0.utf8) }
    private static let known = Set(names)

    static func contains(_ name: ArraySlice<UInt8>) -> Bool { known.contains(Array(name)) }

    /// Whether the needle is found in one of them.
    static func hold(_ needle: TextNeedle) -> Bool { names.contains { needle.isFound(inFolded: $0) } }
}
