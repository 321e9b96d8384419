package import MailTypes

/// STORE or UID STORE (RFC 3501 §6.4.6, RFC 7162 §3.1.3).
package struct StoreCommand: Equatable, Sendable {
    /// What happens to the flags that are listed.
    package enum Operation: Equatable, Sendable { case replace, add, remove }

    package var messages: MessageSet
    package var operation: Operation
    /// `.SILENT`: the client does not want to be told what it asked for.
    package var isSilent: Bool
    package var flags: FlagList
    package var unchangedSince: ModSequence?

    package init(
        _ messages: MessageSet, _ operation: Operation, _ flags: FlagList, isSilent: Bool = false,
        unchangedSince: ModSequence? = nil
    ) {
        (self.messages, self.operation, self.flags) = (messages, operation, flags)
        (self.isSilent, self.unchangedSince) = (isSilent, unchangedSince)
    }
}

/// Flags as a client lists them: those with a bit, and the other keywords as they were spelt. `\Recent`, which nobody
/// can set (RFC 3501 §2.3.2), is passed over.
package struct FlagList: Equatable, Sendable {
    /// Those with a bit.
    package var flags: Flags
    /// Keywords without a bit of their own, each once in any case, in the order given.
    package var keywords: [String]

    package init(_ flags: Flags = [], keywords: [String] = []) {
        (self.flags, self.keywords) = (flags, keywords)
    }
}
