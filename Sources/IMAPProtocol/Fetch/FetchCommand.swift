package import MailTypes

/// FETCH or UID FETCH (RFC 3501 §6.4.5, RFC 7162 §3.1.4).
package struct FetchCommand: Equatable, Sendable {
    package var messages: MessageSet
    /// Macros are resolved; an item named twice stands here once. `.uid` is only here if asked for by name.
    package var items: [FetchItem]
    package var changedSince: ModSequence?
    /// `VANISHED` beside CHANGEDSINCE (RFC 7162 §3.2.6).
    package var includesVanished: Bool

    package init(
        _ messages: MessageSet, _ items: [FetchItem], changedSince: ModSequence? = nil, includesVanished: Bool = false
    ) {
        (self.messages, self.items) = (messages, items)
        (self.changedSince, self.includesVanished) = (changedSince, includesVanished)
    }
}

/// One thing FETCH is asked for.
package enum FetchItem: Hashable, Sendable {
    case uid
    case flags
    case internalDate
    case rfc822Size
    case envelope
    /// BODY without section: the structure without extension data.
    case body
    case bodyStructure
    /// `RFC822`, `RFC822.HEADER`, `RFC822.TEXT` and their `.PEEK` forms, answered under the name without `.PEEK`.
    /// Their section is that of `RFC822Part.section`; only RFC822 and RFC822.TEXT without PEEK set `\Seen`.
    case rfc822(RFC822Part, isPeek: Bool)
    /// `BODY[section]<partial>` or `BODY.PEEK[…]`.
    case section(BodySection, partial: FetchPartial?, isPeek: Bool)
    /// `BINARY[part]<partial>` or `BINARY.PEEK[…]` (RFC 3516).
    case binary(part: [Int], partial: FetchPartial?, isPeek: Bool)
    /// `BINARY.SIZE[part]`.
    case binarySize(part: [Int])
    /// `MODSEQ` (RFC 7162).
    case modSequence
    /// `EMAILID`, `THREADID` (RFC 8474).
    case emailID
    case threadID
    /// `SAVEDATE` (RFC 8514).
    case saveDate
    /// `PREVIEW`, `PREVIEW (LAZY)` (RFC 8970).
    case preview(isLazy: Bool)

    /// The old names of three sections.
    package enum RFC822Part: Hashable, Sendable {
        case whole, header, text

        /// What it is called in the newer syntax.
        package var section: BodySection {
            switch self {
            case .whole: BodySection()
            case .header: BodySection(.header)
            case .text: BodySection(.text)
            }
        }
    }

    /// Whether answering this sets `\Seen` (RFC 3501 §6.4.5).
    package var setsSeen: Bool {
        switch self {
        case .rfc822(let part, let isPeek): !isPeek && part != .header
        case .section(_, _, let isPeek), .binary(_, _, let isPeek): !isPeek
        default: false
        }
    }
}

/// What stands between the brackets of `BODY[…]` (RFC 3501 §6.4.5).
package struct BodySection: Hashable, Sendable {
    /// The part's number, `[2, 1]` for `2.1`; empty for the message itself.
    package var part: [Int]
    package var specifier: Specifier

    /// What of the part is meant.
    package enum Specifier: Hashable, Sendable {
        case whole
        case header
        case headerFields([String])
        case headerFieldsNot([String])
        case text
        /// Only with a part number.
        case mime
    }

    package init(_ specifier: Specifier = .whole, part: [Int] = []) {
        (self.specifier, self.part) = (specifier, part)
    }
}

/// `<offset.count>`; the answer names only the offset.
package struct FetchPartial: Hashable, Sendable {
    package var offset: Int
    package var count: Int

    package init(offset: Int, count: Int) {
        (self.offset, self.count) = (offset, count)
    }

    /// The octets meant, of so many; empty if they begin behind the end.
    package func range(in size: Int) -> Range<Int> {
        let start = min(offset, size)
        return start..<(start + min(count, size - start))
    }
}
