/// What SORT, THREAD (RFC 5256) and SEARCH SUBJECT compare a message by, made from the header section that IMAP serves
/// when the message is filed. Texts are keys in UTF-8: equal and ordered as their octets are.
package struct SortKeys: Sendable, Equatable {
    /// One of the texts.
    package enum Text: Sendable { case subject, baseSubject, from, to, cc, displayFrom, displayTo }

    /// The whole subject, folded for searching.
    package var subject: [UInt8] = []
    /// Without prefixes of replies and forwards (RFC 5256 §2.1).
    package var baseSubject: [UInt8] = []
    /// Such a prefix stood there.
    package var isReply = false
    /// The local part of the field's first address.
    package var from: [UInt8] = []
    package var to: [UInt8] = []
    package var cc: [UInt8] = []
    /// The name of the first address, else the address (RFC 5957 §3).
    package var displayFrom: [UInt8] = []
    package var displayTo: [UInt8] = []
    /// The digest of the Message-ID; `nil` without one.
    package var messageID: Int64?
    /// Digests of References, eldest first, else of In-Reply-To.
    package var references: [Int64] = []

    package init() {}

    package subscript(_ text: Text) -> [UInt8] {
        switch text {
        case .subject: subject
        case .baseSubject: baseSubject
        case .from: from
        case .to: to
        case .cc: cc
        case .displayFrom: displayFrom
        case .displayTo: displayTo
        }
    }
}
