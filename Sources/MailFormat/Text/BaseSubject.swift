/// The subject without what replies and forwards put around it (RFC 5256 §2.1).
///
///     BaseSubject(TextFolding.sortKey("Re: [list] Fwd: offer (fwd)"))  // key "OFFER", isReply
package struct BaseSubject: Sendable, Equatable {
    /// What remains.
    package private(set) var key: [UInt8]
    /// Something that tells of a reply or forward was taken off.
    package private(set) var isReply = false

    /// Takes a key of `TextFolding.sortKey`: upper case, single spaces, none at the ends.
    package init(_ subject: [UInt8]) {
        key = []
        var rest = subject[...]
        repeat {
            while Self.hasSuffix(rest, "(FWD)") {
                rest = Self.trimmed(rest.dropLast(5))
                isReply = true
            }
            while takeLeader(&rest) || Self.takeBlob(&rest) {}
        } while takeForward(&rest)
        key = Array(rest)
    }

    /// `*blob refwd`, where refwd is `RE`, `FW` or `FWD`, a blob if any, and a colon.
    private mutating func takeLeader(_ subject: inout ArraySlice<UInt8>) -> Bool {
        var rest = subject
        while let blob = Self.afterBlob(rest) { rest = blob }
        guard let word = ["RE", "FWD", "FW"].first(where: { Self.hasPrefix(rest, $0) }) else { return false }
        rest = Self.withoutSpace(rest.dropFirst(word.utf8.count))
        if let blob = Self.afterBlob(rest) { rest = blob }
        guard rest.first == UInt8(ascii: ":") else { return false }
        subject = Self.withoutSpace(rest.dropFirst())
        isReply = true
        return true
    }

    /// A blob goes unless nothing would be left.
    private static func takeBlob(_ subject: inout ArraySlice<UInt8>) -> Bool {
        guard let rest = afterBlob(subject), !rest.isEmpty else { return false }
        subject = rest
        return true
    }

    /// `[FWD: …]`
    private mutating func takeForward(_ subject: inout ArraySlice<UInt8>) -> Bool {
        guard Self.hasPrefix(subject, "[FWD:"), subject.last == UInt8(ascii: "]") else { return false }
        subject = Self.trimmed(subject.dropFirst(5).dropLast())
        isReply = true
        return true
    }

    /// What follows `[…]` with its white space; `nil` where no blob stands.
    private static func afterBlob(_ subject: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard subject.first == UInt8(ascii: "["),
            let end = subject.dropFirst().firstIndex(where: { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "]") }),
            subject[end] == UInt8(ascii: "]")
        else { return nil }
        return withoutSpace(subject[(end + 1)...])
    }

    private static func withoutSpace(_ subject: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        subject.drop { $0 == .space }
    }

    private static func trimmed(_ subject: ArraySlice<UInt8>) -> ArraySlice<UInt8> { subject.trimmed }

    private static func hasPrefix(_ subject: ArraySlice<UInt8>, _ word: String) -> Bool {
        subject.count >= word.utf8.count && zip(subject, word.utf8).allSatisfy { $0 == $1 }
    }

    private static func hasSuffix(_ subject: ArraySlice<UInt8>, _ word: String) -> Bool {
        subject.suffix(word.utf8.count).elementsEqual(word.utf8)
    }
}
